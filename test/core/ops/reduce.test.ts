import { expect, test } from "vitest";
import { operator } from "../../../src/core/ops/index";
import type { OpSpec } from "../../../src/core/ops/spec";
import { inferredFacts } from "./agreement";

test.each([
  ["ReduceProd", 24],
  ["ReduceSum", 9],
  ["ReduceMax", 4],
  ["ReduceMin", 2],
  ["ReduceMean", undefined],
])("%s of sizes that a graph computes with is %s", (name, expected) => {
  const spec = operator("", name, 13) as OpSpec;
  const [fact] = inferredFacts(spec, {
    title: "",
    opset: 13,
    inputs: [{ dtype: "int64", shape: [3], content: [2, 3, 4] }],
    attributes: { keepdims: 0 },
    outputs: [{ dtype: "int64", shape: [] }],
  });
  expect(fact?.shape).toEqual([]);
  expect(fact?.small).toEqual(expected === undefined ? undefined : [expected]);
});
