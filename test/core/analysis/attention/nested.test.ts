import { expect, test } from "vitest";
import { algebraOf } from "../../../../src/core/analysis/attention/algebra";
import { distinctShares } from "../../../../src/core/analysis/attention/block";
import { countedBlocks } from "../../../../src/core/analysis/attention/branches";
import { sumOf } from "../../../../src/core/analysis/sum";
import { type Expr, evaluate } from "../../../../src/core/expr";
import { findAttention } from "../../../../src/core/patterns/attention/index";
import { InLength } from "../../../../src/engine/session/attentionAmounts";
import { CurvePoints } from "../../../../src/engine/session/attentionPoints";
import { type GraphSpec, int64Tensor, type ModelSpec, type NodeSpec } from "../../../support/onnxBuilder";
import { Built } from "../../infer/built";

const DIMS = [1, 2, "n", 4];

const attention = (name: string, input: string, output: string): NodeSpec => ({
  op: "Attention",
  name,
  inputs: [input, input, input],
  outputs: [output],
});

const branch = (nodes: readonly NodeSpec[], output: string): GraphSpec => ({
  name: output,
  nodes,
  outputs: [{ name: output, dims: DIMS }],
});

/** Attention in a function that is called twice, in a loop of 5 rounds, and once or twice in the branches of an If. */
const nested: ModelSpec = {
  opsets: { "": 23, own: 1 },
  graph: {
    nodes: [
      { op: "Block", domain: "own", name: "call 1", inputs: ["x"], outputs: ["a"] },
      { op: "Block", domain: "own", name: "call 2", inputs: ["a"], outputs: ["b"] },
      {
        op: "Loop",
        name: "loop",
        inputs: ["five", "", "b"],
        outputs: ["c"],
        attributes: {
          body: {
            graph: {
              name: "body",
              nodes: [
                { op: "Identity", inputs: ["go_in"], outputs: ["go_out"] },
                attention("in loop", "y_in", "y_out"),
              ],
              inputs: [
                { name: "i", type: "int64", dims: [] },
                { name: "go_in", type: "bool", dims: [] },
                { name: "y_in", dims: DIMS },
              ],
              outputs: [
                { name: "go_out", type: "bool", dims: [] },
                { name: "y_out", dims: DIMS },
              ],
            },
          },
        },
      },
      {
        op: "If",
        name: "choice",
        inputs: ["flag"],
        outputs: ["z"],
        attributes: {
          then_branch: { graph: branch([attention("cheap", "c", "p")], "p") },
          else_branch: {
            graph: branch([attention("dear", "c", "q"), attention("dearer", "q", "r")], "r"),
          },
        },
      },
    ],
    inputs: [
      { name: "x", dims: DIMS },
      { name: "flag", type: "bool", dims: [] },
    ],
    outputs: [{ name: "z", dims: DIMS }],
    initializers: [int64Tensor("five", [], [5])],
  },
  functions: [
    {
      name: "Block",
      domain: "own",
      inputs: ["in"],
      outputs: ["out"],
      nodes: [attention("in function", "in", "out")],
      opsets: { "": 23 },
    },
  ],
};

const built = new Built(nested);
const findings = findAttention(built.model, built.inference);
const algebra = algebraOf(built.model, built.inference, findings);
const bindings = new Map([["n", 7]]);
const at = (expr: Expr | undefined) => evaluate(expr!, bindings);

test("runs of loops and calls count, and of two branches the dearer", () => {
  const counted = countedBlocks(built.inference, algebra.blocks, bindings);
  expect(
    Object.fromEntries(algebra.blocks.map(({ region, runs }) => [region.anchor.name, at(runs.count)])),
  ).toEqual({ "in function": 2, "in loop": 5, cheap: 1, dear: 1, dearer: 1 });
  expect(counted.map(({ region }) => region.anchor.name).sort()).toEqual([
    "dear",
    "dearer",
    "in function",
    "in loop",
  ]);
  // 2 calls, 5 rounds and 2 in the branch, each with 2 heads, 7 × 7 scores and 4 products for a score, twice.
  const shares = distinctShares(counted);
  expect(at(sumOf(shares.map(({ macs }) => macs)))).toBe((2 + 5 + 2) * 2 * 49 * (4 + 4));
  expect(at(sumOf(shares.map(({ flops }) => flops)))).toBe(at(algebra.model.flops));
});

test("nothing is left outside of the blocks", () => {
  const [axis] = algebra.axes;
  const counted = countedBlocks(built.inference, algebra.blocks, bindings);
  const points = new CurvePoints(algebra.model.flops, counted, new InLength(axis!, algebra.name));
  expect(points.sums(300, bindings)).toMatchObject({ constant: 0, growing: 0, projections: 0 });
});

test("a dim of the model that is called n is n itself", () => {
  expect(algebra.name).toBe("n");
  expect(algebra.axes.map(({ id, replaced }) => [id, [...replaced.keys()]])).toEqual([["n", ["n"]]]);
});
