import type { TensorRef } from "../model/types";
import { asMatrix } from "./statistics/layout";

/** A part of a tensor seen as a matrix: all axes but the last are its rows. */
export interface MatrixWindow {
  readonly row: number;
  readonly column: number;
  readonly rows: number;
  readonly columns: number;
}

export interface CellLayout extends MatrixWindow {
  readonly totalRows: number;
  readonly totalColumns: number;
  /** Values that a cell stands for, and cells, in both directions. */
  readonly rowStep: number;
  readonly columnStep: number;
  readonly cellRows: number;
  readonly cellColumns: number;
}

/** Cuts a window to what there is, and shrinks it to at most so many cells. */
export function cellLayout(
  tensor: Pick<TensorRef, "dims">,
  wanted: MatrixWindow & { readonly maxRows: number; readonly maxColumns: number },
): CellLayout {
  const { rows: totalRows, columns: totalColumns } = asMatrix(tensor);
  const [row, rows] = cut(wanted.row, wanted.rows, totalRows);
  const [column, columns] = cut(wanted.column, wanted.columns, totalColumns);
  const rowStep = Math.max(1, Math.ceil(rows / Math.max(1, Math.floor(wanted.maxRows))));
  const columnStep = Math.max(1, Math.ceil(columns / Math.max(1, Math.floor(wanted.maxColumns))));
  return {
    ...{ totalRows, totalColumns, row, column, rows, columns, rowStep, columnStep },
    cellRows: Math.ceil(rows / rowStep),
    cellColumns: Math.ceil(columns / columnStep),
  };
}

function cut(start: number, count: number, total: number): readonly [number, number] {
  const from = Math.max(0, Math.min(total, Math.floor(start)));
  return [from, Math.max(0, Math.min(Math.floor(count), total - from))];
}

/** The value of largest size in each cell of a window, from runs of values in any order. NaN is larger than all. */
export class Cells {
  readonly values: Float64Array;
  private readonly layout: CellLayout;
  private readonly isEmpty: Uint8Array;

  constructor(layout: CellLayout) {
    this.layout = layout;
    this.values = new Float64Array(layout.cellRows * layout.cellColumns);
    this.isEmpty = new Uint8Array(this.values.length).fill(1);
  }

  /** Takes values from element `first` of the tensor on; what lies outside the window is passed over. */
  add(values: Float32Array | Float64Array, first: number): void {
    const { totalColumns, row, column, rows, columns } = this.layout;
    const end = first + values.length;
    const firstRow = Math.max(row, Math.floor(first / totalColumns));
    const lastRow = Math.min(row + rows, Math.ceil(end / totalColumns));
    for (let at = firstRow; at < lastRow; at++) {
      const start = at * totalColumns;
      const from = Math.max(first, start + column);
      const to = Math.min(end, start + column + columns);
      this.addRow(values, from - first, to - first, at - row, from - start - column);
    }
  }

  private addRow(
    values: Float32Array | Float64Array,
    from: number,
    to: number,
    row: number,
    column: number,
  ): void {
    const { rowStep, columnStep, cellColumns } = this.layout;
    const cells = Math.floor(row / rowStep) * cellColumns;
    for (let at = from, place = column; at < to; at++, place++) {
      const cell = cells + Math.floor(place / columnStep);
      const value = values[at]!;
      const held = this.values[cell]!;
      if (this.isEmpty[cell] === 1 || Number.isNaN(value) || Math.abs(value) > Math.abs(held)) {
        this.values[cell] = value;
        this.isEmpty[cell] = 0;
      }
    }
  }
}

/** Place of each cell's first row along the leading axes: "[3, 17]". */
export function rowLabels({ dims }: Pick<TensorRef, "dims">, layout: CellLayout): string[] {
  const leading = dims.slice(0, -1);
  return Array.from({ length: layout.cellRows }, (_, cell) => {
    let rest = layout.row + cell * layout.rowStep;
    const places = leading.toReversed().map((dim) => {
      const place = rest % dim;
      rest = Math.floor(rest / dim);
      return place;
    });
    return places.length === 0 ? "" : `[${places.reverse().join(", ")}]`;
  });
}
