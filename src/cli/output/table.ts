import { printable, shorten, widthOf } from "./printable";

export interface TableColumn {
  readonly title: string;
  readonly align: "left" | "right";
  /** The narrowest that its cells may be cut to; absent: its cells are always whole. */
  readonly narrowest?: number;
  /** On a narrow terminal the column with the lowest number goes first; absent: it always stays. */
  readonly leaves?: number;
}

const GAP = "  ";

/**
 * The lines of a table with columns padded to their widest cell, no line wider than `width`: columns leave and cells
 * are cut until it fits.
 *
 * @param foot rows below a second rule, for sums
 */
export function* tableLines(
  columns: readonly TableColumn[],
  rows: readonly (readonly string[])[],
  width: number,
  foot: readonly (readonly string[])[] = [],
): Generator<string> {
  const clean = (row: readonly string[]) => row.map((cell) => cell.match(/^ */)![0] + printable(cell));
  const body = rows.map(clean);
  const sums = foot.map(clean);
  const natural = columns.map((column, index) =>
    [...body, ...sums].reduce((widest, row) => Math.max(widest, widthOf(row[index]!)), column.title.length),
  );
  const widths = fitted(columns, natural, width);
  const line = (row: readonly string[]) =>
    columns
      .flatMap(({ align }, index) => {
        const cellWidth = widths[index];
        if (cellWidth === undefined) {
          return [];
        }
        const cell = shorten(row[index]!, cellWidth);
        const padding = " ".repeat(cellWidth - widthOf(cell));
        return [align === "right" ? padding + cell : cell + padding];
      })
      .join(GAP)
      .trimEnd();
  const rule = widths
    .flatMap((cellWidth) => (cellWidth === undefined ? [] : ["─".repeat(cellWidth)]))
    .join(GAP);
  yield line(columns.map(({ title }) => title));
  yield rule;
  for (const row of body) {
    yield line(row);
  }
  if (sums.length > 0) {
    yield rule;
    yield* sums.map(line);
  }
}

/** Width of each column, undefined for one that had to leave. */
function fitted(
  columns: readonly TableColumn[],
  natural: readonly number[],
  width: number,
): readonly (number | undefined)[] {
  const widths: (number | undefined)[] = [...natural];
  const least = (index: number) => Math.min(natural[index]!, columns[index]!.narrowest ?? natural[index]!);
  const leaving = columns
    .map((column, index) => ({ index, leaves: column.leaves }))
    .filter((column) => column.leaves !== undefined)
    .sort((a, b) => a.leaves! - b.leaves!);
  for (const { index } of leaving) {
    if (lineWidth(widths.map((own, at) => (own === undefined ? own : least(at)))) <= width) {
      break;
    }
    widths[index] = undefined;
  }
  for (let excess = lineWidth(widths) - width; excess > 0; excess--) {
    let widest: number | undefined;
    widths.forEach((own, index) => {
      const canShrink = own !== undefined && own > least(index);
      if (canShrink && (widest === undefined || own - least(index) > widths[widest]! - least(widest))) {
        widest = index;
      }
    });
    if (widest === undefined) {
      break;
    }
    widths[widest]!--;
  }
  return widths;
}

function lineWidth(widths: readonly (number | undefined)[]): number {
  const present = widths.filter((width) => width !== undefined);
  return present.reduce((sum, width) => sum + width, 0) + GAP.length * Math.max(0, present.length - 1);
}
