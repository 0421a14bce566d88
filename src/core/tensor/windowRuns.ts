import type { TensorRef } from "../model/types";
import { bitsPerElement, packedBytes } from "./dtype";
import type { CellLayout } from "./matrixWindow";

/** What a disk hands out at once: a shorter run costs as much. */
const PAGE_BYTES = 4096;

/** Elements that lie side by side. */
export interface Run {
  readonly first: number;
  readonly count: number;
}

/**
 * What to read for a window so that it is about `mostBytes` at most: all of it, else some rows of each cell, else of one
 * row of each cell a stretch in each of its columns.
 */
export function windowRuns(
  tensor: TensorRef,
  layout: CellLayout,
  mostBytes: number,
): { readonly sampled: boolean; readonly runs: Iterable<Run> } {
  const { row, column, rows, columns, totalColumns, cellRows, cellColumns, rowStep } = layout;
  const rowBytes = Math.max(PAGE_BYTES, packedBytes(tensor.dtype, columns));
  const at = (wanted: number) => (row + wanted) * totalColumns + column;
  const whole = (wanted: number) => [{ first: at(wanted), count: columns }];
  if (columns === totalColumns && packedBytes(tensor.dtype, rows * columns) <= mostBytes) {
    return { sampled: false, runs: [{ first: at(0), count: rows * columns }] };
  }
  if (rows * rowBytes <= mostBytes) {
    return { sampled: false, runs: eachRow(rows, rowStep, rowStep, whole) };
  }
  const rowsInCell = Math.floor(mostBytes / (cellRows * rowBytes));
  if (rowsInCell >= 1) {
    return { sampled: rowsInCell < rowStep, runs: eachRow(rows, rowStep, rowsInCell, whole) };
  }
  const stretch = Math.max(
    1,
    Math.floor((8 * mostBytes) / (cellRows * cellColumns * bitsPerElement(tensor.dtype))),
  );
  return {
    sampled: true,
    runs: eachRow(rows, rowStep, 1, (wanted) => stretches(at(wanted), layout, stretch)),
  };
}

/** Of each `step` rows the first ones, evenly spread. */
function* eachRow(
  rows: number,
  step: number,
  picked: number,
  runsIn: (row: number) => Iterable<Run>,
): Generator<Run> {
  for (let cell = 0; cell < rows; cell += step) {
    const inCell = Math.min(step, rows - cell);
    const wanted = Math.min(picked, inCell);
    for (let place = 0; place < wanted; place++) {
      yield* runsIn(cell + Math.floor((place * inCell) / wanted));
    }
  }
}

function* stretches(first: number, { columns, columnStep }: CellLayout, length: number): Generator<Run> {
  for (let column = 0; column < columns; column += columnStep) {
    yield { first: first + column, count: Math.min(length, columnStep, columns - column) };
  }
}
