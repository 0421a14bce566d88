import { exportRows } from "../../engine/session/exportRows";
import type { ColumnId, LayerRow } from "../../protocol/rows";
import type { CliEngine, RowsWanted } from "../engine";

export interface ListingOptions {
  readonly top?: number;
  readonly group?: boolean;
}

/**
 * The rows that a user asked for: all layers in file order, or the `top` of them by `column`. What a node runs stands
 * under it; grouped, layers stand under their modules.
 */
export async function listedRows(
  engine: CliEngine,
  { top, group = false }: ListingOptions,
  column: ColumnId,
): Promise<readonly LayerRow[]> {
  const tree: RowsWanted = { ...rowsQuery({ top, group }, column), inner: "open" };
  if (top === undefined) {
    return engine.rows(tree);
  }
  const wanted = await engine.rows({ ...tree, group: false, inner: "beside" }, top);
  if (!group && wanted.every((row) => row.runBy === null)) {
    return wanted;
  }
  return withRowsAbove(await engine.rows(tree), new Set(wanted.map((row) => row.key)));
}

/** The same rows as CSV, with a line that names the columns. */
export async function* csvPieces(
  engine: CliEngine,
  options: ListingOptions,
  column: ColumnId,
): AsyncGenerator<string> {
  if (options.group && options.top !== undefined) {
    yield exportRows(await listedRows(engine, options, column), "csv");
    return;
  }
  let isFirst = true;
  for await (const page of engine.pages(rowsQuery(options, column), options.top)) {
    const text = exportRows(page, "csv");
    yield isFirst ? text : text.slice(text.indexOf("\n") + 1);
    isFirst = false;
  }
}

function rowsQuery(
  { top, group = false }: { readonly top?: number | undefined; readonly group?: boolean },
  column: ColumnId,
): RowsWanted {
  return { group, ...(top === undefined ? {} : { sort: { column, descending: true } }) };
}

/** The wanted layers with the modules and nodes that they stand under, in order. */
function withRowsAbove(rows: readonly LayerRow[], wanted: ReadonlySet<string>): LayerRow[] {
  const kept = new Set<LayerRow>();
  const open: LayerRow[] = [];
  for (const row of rows) {
    while (open.length > 0 && open.at(-1)!.depth >= row.depth) {
      open.pop();
    }
    open.push(row);
    if (wanted.has(row.key)) {
      for (const line of open) {
        kept.add(line);
      }
    }
  }
  return [...kept];
}
