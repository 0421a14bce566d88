import { expect, it } from "vitest";
import { findAttention } from "../../../src/core/patterns/attention/index";
import { SmallModel } from "./smallModel";

/** The fastest of a few runs: others use the machine too. */
function milliseconds(work: () => void): number {
  const runs = Array.from({ length: 3 }, () => {
    const start = performance.now();
    work();
    return performance.now() - start;
  });
  return Math.min(...runs);
}

it("takes time in proportion: 20,000 nodes of blocks that share a mask", () => {
  const timeOf = (blocks: number) => {
    const model = new SmallModel();
    let x = model.input("x", ["batch", "n", 8]);
    const length = model.node("Gather", [model.node("Shape", [x]), model.int(1)]);
    const keys = model.node("Range", [model.int(0), length, model.int(1)]);
    const seen = model.node("LessOrEqual", [keys, model.node("Unsqueeze", [keys, model.ints(1)])]);
    const mask = model.node("Where", [seen, model.number(0), model.number(-1e9)]);
    for (let block = 0; block < blocks; block++) {
      const { q, k, v } = model.heads(x);
      const scores = model.node("Add", [model.node("MatMul", [q, k]), mask]);
      x = model.node("Add", [x, model.merge(model.node("MatMul", [model.softmax(scores), v]))]);
    }
    const { model: read, inference, regions } = model.search(x);
    expect(regions).toHaveLength(blocks);
    expect(regions.every(({ mask: { causal } }) => causal === true)).toBe(true);
    return { nodes: read.graph.nodes.length, ms: milliseconds(() => findAttention(read, inference)) };
  };
  const small = timeOf(225);
  const large = timeOf(900);
  expect(large.nodes).toBeGreaterThan(19_000);
  expect(large.ms).toBeLessThan(8 * small.ms + 20);
});

it("is not led astray by sums that meet again and again", () => {
  const model = new SmallModel();
  let scores = model.node("Relu", [model.input("x", ["batch", "n", "n"])]);
  for (let step = 0; step < 60; step++) {
    scores = model.node("Add", [model.node("Neg", [scores]), model.node("Tanh", [scores])]);
  }
  const { model: read, inference, mismatches } = model.search(model.softmax(scores));
  expect(mismatches).toHaveLength(1);
  expect(milliseconds(() => findAttention(read, inference))).toBeLessThan(50);
});

it("is not led astray by masks of which each half is made of the one before", () => {
  const model = new SmallModel();
  const { q, k, v } = model.heads(model.input("x", ["batch", "n", 8]));
  let mask = model.input("mask", ["batch", 1, "n", "n"]);
  for (let step = 0; step < 60; step++) {
    mask = model.node("Add", [model.node("Neg", [mask]), model.node("Abs", [mask])]);
    mask = model.node("Mul", [mask, mask]);
  }
  const scores = model.node("Add", [model.node("MatMul", [q, k]), mask]);
  const { model: read, inference } = model.search(model.node("MatMul", [model.softmax(scores), v]));
  expect(milliseconds(() => findAttention(read, inference))).toBeLessThan(50);
});

it("goes on where nodes make each other", () => {
  const model = new SmallModel();
  const x = model.input("x", ["batch", "n", "n"]);
  model.nodes.push(
    { op: "Add", inputs: [x, "b"], outputs: ["a"] },
    { op: "Neg", inputs: ["a"], outputs: ["b"] },
    { op: "Softmax", inputs: ["b"], outputs: ["p"] },
  );
  expect(model.search("p").mismatches).toHaveLength(1);
});
