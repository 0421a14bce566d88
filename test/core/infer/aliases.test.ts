import { expect, test } from "vitest";
import { format } from "../../../src/core/expr";
import { infer } from "../../../src/core/infer/infer";
import { readModel } from "../../../src/core/model/reader";
import { onnxModel, type ValueSpec } from "../../support/onnxBuilder";
import { memorySource } from "../../support/sources";

/** A graph whose second node's result is not inferred: its operator is unknown, so that the declaration speaks. */
function shapesOf(values: readonly ValueSpec[], dims: readonly (number | string)[] = ["batch", "8*height"]) {
  const model = readModel(
    memorySource(
      onnxModel({
        graph: {
          inputs: [{ name: "x", dims }],
          outputs: [{ name: "y" }],
          values,
          nodes: [
            { op: "Neg", name: "known", inputs: ["x"], outputs: ["a"] },
            { op: "Mystery", domain: "com.example", name: "unknown", inputs: ["a"], outputs: ["b"] },
            { op: "Neg", name: "last", inputs: ["b"], outputs: ["y"] },
          ],
        },
      }),
    ),
  );
  const inference = infer(model);
  const shape = (name: string) =>
    inference.fact(model.graph, name).shape?.map((dim) => (dim === undefined ? "?" : format(dim)));
  return { symbols: inference.symbols, shape };
}

test("a name of the tracing is known once a size that is known carries it", () => {
  const { shape, symbols } = shapesOf([
    { name: "a", dims: ["batch", "8*s89"] },
    { name: "b", dims: ["batch", "2*s89 + 1"] },
  ]);
  expect(shape("b")).toEqual(["batch", "2·height + 1"]);
  expect(shape("y")).toEqual(["batch", "2·height + 1"]);
  expect(symbols).toEqual(["batch", "height"]);
});

test.each<[string, string]>([
  ["two names at once", "s1*s2"],
  ["a name in a quotient", "s89//3"],
  ["a multiple that does not divide", "16*s89"],
])("nothing is concluded from %s", (_, declared) => {
  const { shape } = shapesOf([
    { name: "a", dims: ["batch", declared] },
    { name: "b", dims: ["batch", "s89"] },
  ]);
  expect(shape("b")).toEqual(["batch", "s89"]);
});

test("dims of the inputs keep their own meaning, whatever is declared of values in between", () => {
  const { shape } = shapesOf(
    [
      { name: "a", dims: ["batch", "n"] },
      { name: "b", dims: ["n", "batch"] },
    ],
    ["n", "batch"],
  );
  expect(shape("a")).toEqual(["n", "batch"]);
  expect(shape("b")).toEqual(["n", "batch"]);
});
