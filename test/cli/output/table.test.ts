import { expect, test } from "vitest";
import { type TableColumn, tableLines } from "../../../src/cli/output/table";

const COLUMNS: readonly TableColumn[] = [
  { title: "layer", align: "left", narrowest: 8 },
  { title: "op", align: "left", leaves: 2 },
  { title: "size", align: "right", leaves: 1 },
  { title: "FLOPs", align: "right" },
];
const ROWS = [
  ["/encoder/layer.0/query/MatMul", "MatMul", "12 MiB", "1 G"],
  ["  head", "Gemm", "", "20 M"],
];

test("columns are as wide as their widest cell, numbers to the right", () => {
  expect([...tableLines(COLUMNS, ROWS, 100, [["all", "", "12 MiB", "1.02 G"]])]).toEqual([
    "layer                          op        size   FLOPs",
    "─────────────────────────────  ──────  ──────  ──────",
    "/encoder/layer.0/query/MatMul  MatMul  12 MiB     1 G",
    "  head                         Gemm              20 M",
    "─────────────────────────────  ──────  ──────  ──────",
    "all                                    12 MiB  1.02 G",
  ]);
});

test("names are cut in the middle before a column leaves", () => {
  expect([...tableLines(COLUMNS, ROWS, 40)].slice(2)).toEqual(
    ["/enco…query/MatMul  MatMul  12 MiB    1 G", "  head              Gemm             20 M"].map((line) =>
      line
        .replace("/enco…query/MatMul", "/enco…uery/MatMul")
        .replace("head              ", "head             "),
    ),
  );
});

test("columns leave in their order when cutting is not enough", () => {
  const heads = (width: number) => [...tableLines(COLUMNS, ROWS, width)][0]!.split(/ +/);
  expect(heads(31)).toEqual(["layer", "op", "size", "FLOPs"]);
  expect(heads(30)).toEqual(["layer", "op", "FLOPs"]);
  expect(heads(20)).toEqual(["layer", "FLOPs"]);
  expect(heads(1)).toEqual(["layer", "FLOPs"]);
});

test("no line is wider than asked for, as long as what must stay fits", () => {
  for (let width = 15; width < 60; width++) {
    for (const line of tableLines(COLUMNS, ROWS, width)) {
      expect([...line].length).toBeLessThanOrEqual(width);
    }
  }
});
