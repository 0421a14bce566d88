import type { TensorValues } from "../../../../src/protocol/parameters";
import { real } from "../../../shared/format/reals";
import type { Region } from "./region";

export interface Cell {
  readonly row: number;
  readonly column: number;
  readonly value: number | null;
  readonly label: string;
  /** Values that the cell stands for, down and across. */
  readonly rows: number;
  readonly columns: number;
}

/** The cell that holds a place of the matrix; undefined outside of what was read. */
export function cellAt(values: TensorValues, row: number, column: number): Cell | undefined {
  const down = Math.floor((row - values.row) / values.rowStep);
  const across = Math.floor((column - values.column) / values.columnStep);
  if (down < 0 || down >= values.cellRows || across < 0 || across >= values.cellColumns) {
    return undefined;
  }
  const firstRow = values.row + down * values.rowStep;
  const firstColumn = values.column + across * values.columnStep;
  return {
    row: firstRow,
    column: firstColumn,
    value: values.values[down * values.cellColumns + across] ?? null,
    label: values.rowLabels[down] ?? `[${firstRow}]`,
    rows: Math.min(values.rowStep, values.row + values.rows - firstRow),
    columns: Math.min(values.columnStep, values.column + values.columns - firstColumn),
  };
}

export function cellWords(cell: Cell): string {
  const value = cell.value === null ? "NaN or Inf" : real(cell.value, 6);
  const many = cell.rows * cell.columns;
  return many === 1
    ? `row ${cell.label} column ${cell.column}: ${value}`
    : `rows from ${cell.label}, columns from ${cell.column}: largest of ${cell.rows} × ${cell.columns} is ${value}`;
}

/** Places to label along an axis: at most about `most`, in even steps, those alone whose middle is in view. */
export function axisTicks(start: number, length: number, most: number): readonly number[] {
  const step = roundStep(length / Math.max(1, most));
  const first = Math.ceil((start - 0.5) / step) * step;
  const count = Math.max(0, Math.ceil((start + length - 0.5 - first) / step));
  return Array.from({ length: count }, (_, place) => first + place * step);
}

/** The next larger of 1, 2 and 5 with zeros. */
function roundStep(least: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(1, least)));
  return [1, 2, 5, 10].map((digit) => digit * power).find((step) => step >= least) ?? power * 10;
}

/** A row by its place along the leading sizes, as the engine names it: "[3, 17]". */
export function rowLabel(row: number, dims: readonly number[]): string {
  const places: number[] = [];
  let rest = row;
  for (const dim of dims.slice(0, -1).reverse()) {
    places.unshift(rest % dim);
    rest = Math.floor(rest / dim);
  }
  return places.length === 0 ? "" : `[${places.join(", ")}]`;
}

/** Whole rows and columns that a region touches, for the table of numbers. */
export function placesIn(region: Region): {
  readonly rows: readonly number[];
  readonly columns: readonly number[];
} {
  const places = (start: number, length: number) => {
    const first = Math.floor(start);
    return Array.from({ length: Math.ceil(start + length) - first }, (_, offset) => first + offset);
  };
  return {
    rows: places(region.row, region.rows),
    columns: places(region.column, region.columns),
  };
}
