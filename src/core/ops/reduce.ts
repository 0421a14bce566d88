import { addAll, type Expr, max, min, mulAll } from "../expr";
import type { Dim } from "../facts/fact";
import { REDUCE_FLOPS } from "./conventions";
import { axisIndex, dimsOfRank, product, tensorFact, unknownDims } from "./dims";
import { constant, f32, of } from "./example";
import { elementCost, flopsOf, perElement, withExtras } from "./pricing";
import type { OpContext, OpExample, OpSpec } from "./spec";

/** Which axes a reduction takes: a list, all of them, none (it works element by element), or not known. */
type Axes = readonly number[] | "all" | "none" | "unknown";

/** Reads axes from the attribute or, where the operator has it, from an input. */
function axesOf(ctx: OpContext, input: number | null = 1): Axes {
  const written = ctx.ints("axes");
  if (written !== undefined && written.length > 0) {
    return written;
  }
  const empty: Axes = ctx.int("noop_with_empty_axes", 0) !== 0 ? "none" : "all";
  if (input === null || !ctx.hasInput(input)) {
    return empty;
  }
  const fact = ctx.input(input);
  if (fact.shape?.[0] === 0) {
    return empty;
  }
  const axes = fact.small?.filter((axis) => typeof axis === "number");
  if (axes === undefined || axes.length !== fact.small?.length) {
    return "unknown";
  }
  return axes.length === 0 ? empty : axes;
}

/** Rank after a reduction whose axes are not known, if their number is. */
function rankOfUnknown(ctx: OpContext, rank: number, keep: boolean): readonly Dim[] | undefined {
  const count = ctx.input(1).shape?.[0];
  return keep
    ? unknownDims(rank)
    : typeof count === "number"
      ? dimsOfRank(Math.max(rank - count, 0))
      : undefined;
}

/** Shape of data reduced over its axes, by keepdims (ONNX ReduceSum); null where no input names the axes. */
export function reducedShape(ctx: OpContext, axesInput: number | null = 1): readonly Dim[] | undefined {
  const shape = ctx.input(0).shape;
  const keep = ctx.int("keepdims", 1) !== 0;
  const axes = axesOf(ctx, axesInput);
  if (axes === "none") {
    return shape;
  }
  if (shape === undefined) {
    return axes === "all" && !keep ? [] : undefined;
  }
  if (axes === "unknown") {
    return rankOfUnknown(ctx, shape.length, keep);
  }
  const taken = new Set(axes === "all" ? shape.keys() : axes.map((axis) => axisIndex(axis, shape.length)));
  return keep
    ? shape.map((dim, axis) => (taken.has(axis) ? 1 : dim))
    : shape.filter((_, axis) => !taken.has(axis));
}

/** Folds the elements of a vector that shapes are computed with, when all of them are known and reduced to one. */
function folded(ctx: OpContext, fold: Fold | undefined): readonly Expr[] | undefined {
  const { small, shape } = ctx.input(0);
  const whole = shape?.length === 1 && axesOf(ctx) !== "none" && axesOf(ctx) !== "unknown";
  const known = small?.every((element) => element !== undefined) ? (small as readonly Expr[]) : undefined;
  return fold === undefined || !whole || known === undefined || known.length === 0
    ? undefined
    : [fold(known)];
}

type Fold = (elements: readonly Expr[]) => Expr;

interface Reduction {
  readonly name: string;
  /** What the reduction makes of sizes, where shapes are computed with it. */
  readonly fold?: Fold;
  /** FLOPs per element of the input, beside the reduction's own. */
  readonly before: number;
  /** FLOPs per element of the output. */
  readonly after: number;
  readonly what: string;
  readonly examples?: readonly OpExample[];
}

function reduction({ name, before, after, what, fold, examples = [] }: Reduction): OpSpec {
  return {
    domain: "",
    name,
    since: 1,
    inputs: ["data", "axes"],
    outputs: ["reduced"],
    axes: { input: 1 },
    infer(ctx) {
      const fact = tensorFact(ctx.input(0).dtype, reducedShape(ctx));
      const small = folded(ctx, fold);
      ctx.output(0, small === undefined ? fact : { ...fact, small });
    },
    cost: (ctx) =>
      withExtras(
        elementCost(product(ctx.input(0).shape), REDUCE_FLOPS + before, what, "estimate"),
        after === 0 ? [] : [perElement(product(ctx.outputFact(0).shape), after, "finishing each output")],
      ),
    examples: [
      {
        title: "last axis, kept",
        opset: 11,
        inputs: [f32("batch", 3, 4)],
        attributes: { axes: [-1] },
        bindings: { batch: 2 },
        outputs: [f32("batch", 3, 1)],
        macs: 0,
        other: 24 * (REDUCE_FLOPS + before) + 6 * after,
      },
      {
        title: "axes as an input, dropped",
        opset: 18,
        inputs: [f32("batch", 3, 4), constant("int64", [2], [0, -1])],
        attributes: { keepdims: 0 },
        bindings: { batch: 2 },
        outputs: [f32(3)],
        other: 24 * (REDUCE_FLOPS + before) + 3 * after,
      },
      {
        title: "everything",
        opset: 18,
        inputs: [f32("batch", 3)],
        attributes: { keepdims: 0 },
        bindings: { batch: 2 },
        outputs: [f32()],
      },
      ...examples,
    ],
  };
}

const sumExamples: readonly OpExample[] = [
  {
    title: "no axes and noop",
    opset: 13,
    inputs: [f32(2, 3), constant("int64", [0], [])],
    attributes: { noop_with_empty_axes: 1 },
    outputs: [f32(2, 3)],
  },
  {
    title: "empty axes mean all",
    opset: 13,
    inputs: [f32(2, 3), constant("int64", [0], [])],
    outputs: [f32(1, 1)],
  },
  {
    title: "axes that only the data decides",
    opset: 13,
    inputs: [of("float32", 2, 3, 4), { dtype: "int64", shape: [1], feed: [1] }],
    attributes: { keepdims: 0 },
    outputs: [{ dtype: "float32", shape: [undefined, undefined] }],
  },
  { title: "scalar", opset: 13, inputs: [f32()], outputs: [f32()] },
  { title: "integers", opset: 13, inputs: [of("int64", 2, 3)], outputs: [of("int64", 1, 1)] },
];

function argReduction(name: string): OpSpec {
  return {
    domain: "",
    name,
    since: 1,
    inputs: ["data"],
    outputs: ["reduced"],
    infer(ctx) {
      const shape = ctx.input(0).shape;
      const axis = shape && axisIndex(ctx.int("axis", 0), shape.length);
      const keep = ctx.int("keepdims", 1) !== 0;
      const reduced = shape?.flatMap((dim, index) => (index !== axis ? [dim] : keep ? [1] : []));
      ctx.output(0, tensorFact("int64", reduced));
    },
    cost: (ctx) => elementCost(product(ctx.input(0).shape), REDUCE_FLOPS, "comparing", "exact"),
    examples: [
      {
        title: "greedy choice of a token",
        opset: 13,
        inputs: [f32("batch", "n", 7)],
        attributes: { axis: -1, keepdims: 0 },
        bindings: { batch: 2, n: 3 },
        outputs: [of("int64", "batch", "n")],
        macs: 0,
        other: 42,
      },
      { title: "first axis, kept", opset: 11, inputs: [f32(3, 4)], outputs: [of("int64", 1, 4)] },
    ],
  };
}

export const reduceOps: readonly OpSpec[] = [
  reduction({ name: "ReduceSum", before: 0, after: 0, what: "adding", fold: addAll, examples: sumExamples }),
  reduction({ name: "ReduceMean", before: 0, after: 1, what: "adding" }),
  reduction({
    name: "ReduceMax",
    before: 0,
    after: 0,
    what: "comparing",
    fold: (all) => all.reduce((a, b) => max(a, b)),
  }),
  reduction({
    name: "ReduceMin",
    before: 0,
    after: 0,
    what: "comparing",
    fold: (all) => all.reduce((a, b) => min(a, b)),
  }),
  reduction({ name: "ReduceProd", before: 0, after: 0, what: "multiplying", fold: mulAll }),
  reduction({ name: "ReduceL1", before: flopsOf("Abs"), after: 0, what: "absolute value, adding" }),
  reduction({ name: "ReduceL2", before: flopsOf("Mul"), after: flopsOf("Sqrt"), what: "squaring, adding" }),
  reduction({ name: "ReduceLogSum", before: 0, after: flopsOf("Log"), what: "adding" }),
  reduction({
    name: "ReduceLogSumExp",
    before: flopsOf("Sub") + flopsOf("Max") + flopsOf("Exp"),
    after: flopsOf("Log") + flopsOf("Add"),
    what: "max, subtract, exp, adding",
  }),
  reduction({ name: "ReduceSumSquare", before: flopsOf("Mul"), after: 0, what: "squaring, adding" }),
  argReduction("ArgMax"),
  argReduction("ArgMin"),
];
