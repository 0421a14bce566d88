import { describe, expect, it } from "vitest";
import type { TensorValues } from "../../../src/protocol/parameters";
import {
  axisTicks,
  cellAt,
  cellWords,
  placesIn,
  rowLabel,
} from "../../../webview/views/parameters/values/cells";
import { heatPixels, strength } from "../../../webview/views/parameters/values/colours";

const VALUES: TensorValues = {
  revision: 0,
  tensor: { name: "w", graph: "" },
  totalRows: 100,
  totalColumns: 10,
  row: 40,
  column: 2,
  rows: 5,
  columns: 7,
  cellRows: 3,
  cellColumns: 4,
  rowStep: 2,
  columnStep: 2,
  sampled: false,
  values: [0, 1, 2, 3, 4, 5, 6, 7, 8, -9.25, null, 11],
  rowLabels: ["[4, 0]", "[4, 2]", "[4, 4]"],
};

describe("a cell", () => {
  it("is found by any of the values that it stands for", () => {
    expect(cellAt(VALUES, 41, 3)).toMatchObject({ row: 40, column: 2, value: 0, rows: 2, columns: 2 });
    expect(cellAt(VALUES, 44, 4)).toMatchObject({ row: 44, column: 4, value: -9.25, label: "[4, 4]" });
  });

  it("at the end stands for what is left", () => {
    expect(cellAt(VALUES, 44, 8)).toMatchObject({ value: 11, rows: 1, columns: 1 });
  });

  it("is nothing outside of what was read", () => {
    expect(cellAt(VALUES, 39, 3)).toBeUndefined();
    expect(cellAt(VALUES, 46, 3)).toBeUndefined();
    expect(cellAt(VALUES, 41, 10)).toBeUndefined();
  });

  it("says what it stands for", () => {
    expect(cellWords(cellAt(VALUES, 44, 8)!)).toBe("row [4, 4] column 8: 11");
    expect(cellWords(cellAt(VALUES, 44, 4)!)).toBe(
      "rows from [4, 4], columns from 4: largest of 1 × 2 is -9.25",
    );
    expect(cellWords(cellAt(VALUES, 44, 6)!)).toContain("NaN or Inf");
  });
});

describe("labels along an axis", () => {
  it("stand in even steps, at middles that are in view", () => {
    expect(axisTicks(0, 8, 8)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect(axisTicks(1148, 8, 7)).toEqual([1148, 1150, 1152, 1154]);
    expect(axisTicks(10.6, 2.8, 10)).toEqual([11, 12]);
    expect(axisTicks(0, 768, 7)).toEqual([0, 200, 400, 600]);
  });
});

it("a row is named by its place along the leading sizes", () => {
  expect(rowLabel(7, [4, 3, 7])).toBe("[2, 1]");
  expect(rowLabel(9, [768, 3072])).toBe("[9]");
  expect(rowLabel(0, [10])).toBe("");
});

it("numbers are written for every row and column that is touched", () => {
  expect(placesIn({ row: 3.5, column: 0, rows: 2, columns: 3 })).toEqual({
    rows: [3, 4, 5],
    columns: [0, 1, 2],
  });
});

describe("colours", () => {
  const colours = {
    zero: [0, 0, 0],
    negative: [0, 0, 200],
    positive: [200, 0, 0],
    none: [0, 255, 0],
  } as const;

  it("tell signs apart, and what is no number", () => {
    expect([...heatPixels([1, -1, 0, null], 1, colours)]).toEqual(
      [
        [200, 0, 0, 255],
        [0, 0, 200, 255],
        [0, 0, 0, 255],
        [0, 255, 0, 255],
      ].flat(),
    );
  });

  it("grow with the root of the size, and end at the limit", () => {
    expect(strength(0.25, 1)).toBe(0.5);
    expect(strength(-4, 1)).toBe(1);
    expect(strength(1, 0)).toBe(0);
  });
});
