import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  closeUp,
  type MatrixSize,
  matrixOf,
  panned,
  queryOf,
  type Region,
  showsNumbers,
  whole,
  zoomed,
} from "../../../webview/views/parameters/values/region";

const tensor = { name: "w", graph: "" };
const sizes = fc.record({
  rows: fc.integer({ min: 1, max: 1e6 }),
  columns: fc.integer({ min: 1, max: 1e6 }),
});
const unit = fc.double({ min: 0, max: 1, noNaN: true });
const moves = fc.array(
  fc.oneof(
    fc.record({
      kind: fc.constant("zoom" as const),
      by: fc.double({ min: 0.1, max: 10, noNaN: true }),
      x: unit,
      y: unit,
    }),
    fc.record({
      kind: fc.constant("pan" as const),
      x: fc.double({ min: -2, max: 2, noNaN: true }),
      y: fc.double({ min: -2, max: 2, noNaN: true }),
    }),
  ),
  { maxLength: 20 },
);

function isInside({ row, column, rows, columns }: Region, size: MatrixSize): boolean {
  const slack = 1e-6 * Math.max(size.rows, size.columns);
  return (
    row >= -slack &&
    column >= -slack &&
    row + rows <= size.rows + slack &&
    column + columns <= size.columns + slack
  );
}

describe("the part of a matrix that is in view", () => {
  it("is never beyond the matrix, whatever one does", () => {
    fc.assert(
      fc.property(sizes, moves, (size, all) => {
        let region = whole(size);
        for (const move of all) {
          region = move.kind === "zoom" ? zoomed(region, move.by, move, size) : panned(region, move, size);
          expect(isInside(region, size)).toBe(true);
          expect(region.rows).toBeGreaterThan(0);
        }
      }),
    );
  });

  it("keeps the value under the pointer in place while zooming in", () => {
    const size = { rows: 1000, columns: 2000 };
    const at = { x: 0.25, y: 0.5 };
    const region = zoomed(whole(size), 0.5, at, size);
    expect(region.column + at.x * region.columns).toBeCloseTo(500, 9);
    expect(region.row + at.y * region.rows).toBeCloseTo(500, 9);
  });

  it("close up is near enough for numbers", () => {
    const size = { rows: 768, columns: 2304 };
    const near = closeUp(whole(size), size);
    expect(showsNumbers(near)).toBe(true);
    expect(near.row).toBe(378);
    expect(showsNumbers(whole(size))).toBe(false);
  });
});

it("sees a tensor as a matrix with its last size across", () => {
  expect(matrixOf([64, 3, 7, 7])).toEqual({ rows: 64 * 3 * 7, columns: 7 });
  expect(matrixOf([10])).toEqual({ rows: 1, columns: 10 });
  expect(matrixOf([])).toEqual({ rows: 1, columns: 1 });
});

it("asks for whole values, and for no more than the matrix has", () => {
  const size = { rows: 100, columns: 100 };
  const region = { row: 10.4, column: 89.5, rows: 5.2, columns: 10.5 };
  expect(queryOf(tensor, region, size, { width: 600, height: 300 })).toEqual({
    tensor,
    row: 10,
    column: 89,
    rows: 6,
    columns: 11,
    maxRows: 100,
    maxColumns: 200,
  });
});
