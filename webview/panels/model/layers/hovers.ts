import type { Amount, LayerRow, RowDetail } from "../../../../src/protocol/rows";
import type { Column } from "./columns";
import type { LayersStore } from "./layersStore";

/**
 * Adds the column's rule, and the layer's own formula once fetched, to the hover of the cell under the pointer. Rows do
 * not carry formulas: they are wanted for one cell at a time.
 */
export async function fillHover(
  target: EventTarget | null,
  layers: LayersStore,
  columns: readonly Column[],
): Promise<void> {
  const cell = target instanceof Element ? target.closest<HTMLElement>("[data-column]") : null;
  const place = cell?.closest<HTMLElement>("[data-index]")?.dataset["index"];
  const column = columns.find((candidate) => candidate.id === cell?.dataset["column"]);
  const row = place === undefined ? undefined : layers.rows.row(Number(place));
  if (cell === null || column === undefined || row === undefined || !column.numeric) {
    return;
  }
  cell.title = hoverText(column, row, undefined);
  if (row.kind === "node" && !column.measured) {
    const detail = await layers.hoverDetail(row.key);
    // Rows are reused while scrolling: the cell may show another one by now.
    if (layers.rows.row(Number(place))?.key === row.key) {
      cell.title = hoverText(column, row, detail);
    }
  }
}

export function hoverText(column: Column, row: LayerRow, detail: RowDetail | undefined): string {
  const formula = detail?.kind === "node" ? formulaOf(column, detail) : undefined;
  return [
    `${column.title}: ${column.hover(row)}`,
    ...(formula === undefined ? [] : [`= ${formula}`]),
    column.rule,
  ].join("\n");
}

function formulaOf(column: Column, detail: RowDetail & { readonly kind: "node" }): string | undefined {
  const { cost } = detail.node;
  const amounts: { readonly [id: string]: Amount } = {
    macs: cost.macs,
    flops: cost.flops,
    share: cost.flops,
    readBytes: cost.readBytes,
    writeBytes: cost.writeBytes,
  };
  const amount = amounts[column.id];
  return amount === undefined || amount.value === null ? undefined : amount.formula;
}
