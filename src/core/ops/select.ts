import type { Dim } from "../facts/fact";
import { axisIndex, product, tensorFact, times, words } from "./dims";
import { constant, f32, fed, of } from "./example";
import { moveCost } from "./moving";
import { elementCost } from "./pricing";
import { elementsAt, indexOf, numbersOf, scalarOf, smallDims, withSmall } from "./small";
import type { CostContext, OpCost, OpSpec } from "./spec";

/** A heap of the k best: about log2(k) comparisons for each element. */
function topKCost(ctx: CostContext): OpCost {
  const k = kOf(ctx);
  const steps = typeof k === "number" && k > 1 ? Math.ceil(Math.log2(k)) : 1;
  return elementCost(product(ctx.input(0).shape), steps, "log2 k comparisons in a heap", "estimate");
}

const kOf = (ctx: {
  readonly input: CostContext["input"];
  readonly maybeInt: CostContext["maybeInt"];
}): Dim => ctx.maybeInt("k") ?? scalarOf(ctx.input(1));

const topK: OpSpec = {
  domain: "",
  name: "TopK",
  since: 1,
  inputs: ["X", "K"],
  outputs: ["Values", "Indices"],
  infer(ctx) {
    const { shape, dtype } = ctx.input(0);
    const axis = shape && axisIndex(ctx.int("axis", -1), shape.length);
    const k = ctx.maybeInt("k") ?? scalarOf(ctx.input(1));
    const best = shape?.map((dim, i) => (i === axis ? k : dim));
    ctx.output(0, tensorFact(dtype, best));
    ctx.output(1, tensorFact("int64", best));
  },
  cost: (ctx) => topKCost(ctx),
  examples: [
    {
      title: "experts of a token",
      opset: 11,
      inputs: [f32("n", 8), constant("int64", [1], [2])],
      bindings: { n: 3 },
      outputs: [f32("n", 2), of("int64", "n", 2)],
      macs: 0,
      other: 24,
    },
  ],
};

const nonZero: OpSpec = {
  domain: "",
  name: "NonZero",
  since: 9,
  inputs: ["X"],
  outputs: ["Y"],
  infer(ctx) {
    const { shape, small } = ctx.input(0);
    const known = small?.every((element) => typeof element === "number");
    const count = known ? small?.filter((element) => element !== 0).length : ctx.fresh("found");
    ctx.output(0, {
      dtype: "int64",
      shape: [shape === undefined ? undefined : Math.max(1, shape.length), count],
    });
  },
  cost: (ctx) => elementCost(product(ctx.input(0).shape), 1, "comparing with zero", "exact"),
  examples: [
    {
      title: "how many only the data knows",
      opset: 13,
      inputs: [fed("bool", [2, 3], [1, 0, 1, 0, 0, 1])],
      bindings: { "out0.found": 3 },
      outputs: [of("int64", 2, "out0.found")],
      macs: 0,
      other: 6,
    },
    {
      title: "of a constant",
      opset: 13,
      inputs: [constant("int64", [3], [1, 0, 5])],
      outputs: [of("int64", 1, 2)],
    },
  ],
};

const unique: OpSpec = {
  domain: "",
  name: "Unique",
  since: 11,
  inputs: ["X"],
  outputs: ["Y", "indices", "inverse_indices", "counts"],
  infer(ctx) {
    const { shape, dtype } = ctx.input(0);
    const axis = ctx.maybeInt("axis");
    const found = ctx.fresh("found");
    const at = axis === undefined || shape === undefined ? undefined : axisIndex(axis, shape.length);
    const kept = axis === undefined ? [found] : shape?.map((dim, i) => (i === at ? found : dim));
    const all = axis === undefined ? product(shape) : at === undefined ? undefined : shape?.[at];
    ctx.output(0, tensorFact(dtype, kept));
    ctx.output(1, { dtype: "int64", shape: [found] });
    ctx.output(2, { dtype: "int64", shape: [all] });
    ctx.output(3, { dtype: "int64", shape: [found] });
  },
  cost(ctx) {
    const count = product(ctx.input(0).shape);
    const steps = typeof count === "number" && count > 1 ? Math.ceil(Math.log2(count)) : 1;
    return elementCost(count, steps, "log2 n comparisons of a sort", "estimate");
  },
  examples: [
    {
      title: "values and where they stand",
      opset: 11,
      inputs: [fed("int64", [4], [2, 1, 2, 3])],
      bindings: { "out0.found": 3 },
      outputs: [
        of("int64", "out0.found"),
        of("int64", "out0.found"),
        of("int64", 4),
        of("int64", "out0.found"),
      ],
      macs: 0,
      other: 8,
    },
  ],
};

const oneHot: OpSpec = {
  domain: "",
  name: "OneHot",
  since: 9,
  inputs: ["indices", "depth", "values"],
  outputs: ["output"],
  axes: {
    rank(ctx) {
      const rank = ctx.input(0).shape?.length;
      return rank === undefined ? undefined : rank + 1;
    },
  },
  infer(ctx) {
    const { shape } = ctx.input(0);
    const rank = shape === undefined ? undefined : shape.length + 1;
    const axis = rank === undefined ? undefined : axisIndex(ctx.int("axis", -1), rank);
    const depth = scalarOf(ctx.input(1));
    const result = axis === undefined ? undefined : shape?.toSpliced(axis, 0, depth);
    // PyTorch's exporter writes the repeats of repeat_interleave as one-hot vectors, which shapes depend on.
    const indices = numbersOf(ctx.input(0));
    const [off, on] = ctx.input(2).small ?? [];
    const from = smallDims(shape);
    const to = smallDims(result);
    const hot =
      indices === undefined || axis === undefined || from === undefined || to === undefined
        ? undefined
        : elementsAt(to, (position) => {
            const index = indices[indexOf(position.toSpliced(axis, 1), from)] as number;
            const size = to[axis] as number;
            return (index < 0 ? index + size : index) === position[axis] ? on : off;
          });
    ctx.output(0, withSmall(tensorFact(ctx.input(2).dtype, result), hot));
  },
  cost: () => moveCost("filling with two values"),
  examples: [
    {
      title: "classes last",
      opset: 11,
      inputs: [fed("int64", ["n"], [1, 2, 0]), constant("int64", [1], [4]), constant("float32", [2], [0, 1])],
      bindings: { n: 3 },
      outputs: [f32("n", 4)],
      macs: 0,
      other: 0,
    },
    {
      title: "known classes first, counted from the end",
      opset: 11,
      inputs: [constant("int64", [2], [0, -1]), constant("int64", [], [3]), constant("int64", [2], [2, 5])],
      attributes: { axis: 0 },
      outputs: [{ dtype: "int64", shape: [3, 2] }],
      macs: 0,
      other: 0,
    },
  ],
};

function running(name: string, since: number, what: string): OpSpec {
  return {
    domain: "",
    name,
    since,
    inputs: ["x", "axis"],
    outputs: ["y"],
    axes: { input: 1 },
    infer: (ctx) => ctx.output(0, tensorFact(ctx.input(0).dtype, ctx.input(0).shape)),
    cost: (ctx) => elementCost(product(ctx.input(0).shape), 1, what, "exact"),
    examples: [
      {
        title: "along the last axis",
        opset: since,
        inputs: [of("int64", "batch", "n"), constant("int64", [], [1])],
        bindings: { batch: 2, n: 3 },
        outputs: [of("int64", "batch", "n")],
        macs: 0,
        other: 6,
      },
    ],
  };
}

const cumSum = running("CumSum", 11, "adding to the running sum");
const cumProd = running("CumProd", 26, "multiplying the running product");

/** Every box against every box that is kept: bounded by the boxes per class times the limit, 15 FLOPs for an overlap. */
const OVERLAP_FLOPS = 15;

const nonMaxSuppression: OpSpec = {
  domain: "",
  name: "NonMaxSuppression",
  since: 10,
  inputs: ["boxes", "scores", "max_output_boxes_per_class", "iou_threshold", "score_threshold"],
  outputs: ["selected_indices"],
  infer: (ctx) => ctx.output(0, { dtype: "int64", shape: [ctx.fresh("selected"), 3] }),
  cost(ctx) {
    const limit = ctx.hasInput(2) ? scalarOf(ctx.input(2)) : 0;
    const compared = times(product(ctx.input(1).shape), limit);
    return elementCost(
      compared,
      OVERLAP_FLOPS,
      `overlap with each of at most ${words(limit)} kept boxes`,
      "estimate",
    );
  },
  examples: [
    {
      title: "two of three boxes",
      opset: 11,
      inputs: [
        fed("float32", [1, 3, 4], [0, 0, 1, 1, 0, 0.1, 1, 1.1, 0, 10, 1, 11]),
        fed("float32", [1, 1, 3], [0.9, 0.75, 0.6]),
        constant("int64", [1], [3]),
        constant("float32", [1], [0.5]),
        constant("float32", [1], [0]),
      ],
      bindings: { "out0.selected": 2 },
      outputs: [of("int64", "out0.selected", 3)],
      macs: 0,
      other: 3 * 3 * OVERLAP_FLOPS,
    },
  ],
};

export const selectOps: readonly OpSpec[] = [
  topK,
  nonZero,
  unique,
  oneHot,
  cumSum,
  cumProd,
  nonMaxSuppression,
];
