import { add, ceilDiv, constantPart, type Expr, isNonNegative, max, min, scale, sub } from "../expr";
import type { Dim, Fact } from "../facts/fact";
import { isNeverNegative, tensorFact, unknownDims } from "./dims";
import { constant, f32, of } from "./example";
import { pickCost } from "./moving";
import { elementsAt, frontAxes, indexOf, numbersOf, sizesOf, smallDims, withSmall } from "./small";
import type { InferContext, OpSpec } from "./spec";

/** Bounds as large as this mean "to the end": exporters write the largest 32- or 64-bit integer. */
const FAR = 2 ** 31 - 1;

interface Bounds {
  readonly start: Dim;
  readonly end: Dim;
  readonly step: Dim;
}

/**
 * Elements that a slice takes from a dim. Numbers are clamped exactly as ONNX says. With symbols:
 * a dim is taken as at least 1 (so that [-1:] is 1 long); a symbolic bound on a dim that is a number is taken as
 * lying inside it (a position table is never asked for more than it has); a symbolic bound whose sign is not proven
 * counts from the front.
 */
export function sliceLength(dim: Dim, { start, end, step }: Bounds): Dim {
  if (start === undefined || end === undefined || typeof step !== "number" || step === 0) {
    return undefined;
  }
  if (step < 0) {
    return backwardLength(dim, start, end, -step);
  }
  const whole = start === 0 && typeof end === "number" && end >= FAR;
  if (whole && step === 1) {
    return dim;
  }
  if (dim === undefined) {
    return boundedLength(start, end, step);
  }
  const from = position(start, dim);
  const to = clamped(position(end, dim), dim);
  return ceilDiv(difference(to, from, typeof start === "number" && typeof end === "number"), step);
}

/** Length over an unknown dim: known only where both bounds count from the same side and surely lie inside. */
function boundedLength(start: Expr, end: Expr, step: number): Dim {
  return start === -1 && typeof end === "number" && end >= FAR && step === 1 ? 1 : undefined;
}

/** Index from the front that a bound means. */
function position(bound: Expr, dim: Expr): Expr {
  if (typeof bound === "number") {
    return bound >= FAR ? dim : bound < 0 ? floorAtZero(sub(dim, -bound)) : bound;
  }
  return isNonNegative(scale(bound, -1)) ? floorAtZero(sub(dim, scale(bound, -1))) : bound;
}

/** A difference of sizes that is not below 0; a symbolic dim is at least 1. */
function floorAtZero(value: Expr): Expr {
  return isNeverNegative(value) ? value : max(value, 0);
}

function clamped(at: Expr, dim: Expr): Expr {
  if (typeof at === "number" && typeof dim === "number") {
    return Math.min(at, dim);
  }
  if (typeof dim === "number" || (typeof at === "number" && at <= 1)) {
    return at;
  }
  return min(at, dim);
}

function difference(to: Expr, from: Expr, literal: boolean): Expr {
  const length = sub(to, from);
  return typeof length === "number"
    ? Math.max(length, 0)
    : from === 0
      ? length
      : positiveLength(length, literal);
}

/** Symbolic bounds are taken to be in order; numbers need not be, and may take more off a dim than there is. */
function positiveLength(length: Expr, literal: boolean): Expr {
  const restIsSize = isNonNegative(sub(length, constantPart(length)));
  return isNeverNegative(length) || (!literal && !restIsSize) ? length : max(length, 0);
}

/** The largest integers of 32 and 64 bits, which onnxruntime takes for "to the first" when the step is negative. */
const LARGEST = [2 ** 31 - 1, 2 ** 63];

function backwardLength(dim: Dim, start: Expr, written: Expr, step: number): Dim {
  if (typeof start !== "number" || typeof written !== "number" || dim === undefined) {
    return undefined;
  }
  const end = LARGEST.includes(written) ? -FAR : written;
  if (typeof dim === "number") {
    const first = Math.min(Math.max(start < 0 ? start + dim : start, 0), dim - 1);
    const stop = Math.min(Math.max(end < 0 ? end + dim : end, -1), dim - 1);
    return Math.max(0, Math.ceil((first - stop) / step));
  }
  const length = sub(backwardStart(dim, start), fromEnd(dim, end));
  return ceilDiv(typeof length === "number" ? Math.max(length, 0) : positiveLength(length, true), step);
}

/** Index where a backward slice begins; a symbolic dim is at least 1. */
function backwardStart(dim: Expr, start: number): Expr {
  const last = sub(dim, 1);
  if (start < 0) {
    return floorAtZero(add(dim, start));
  }
  return start >= FAR ? last : start === 0 ? 0 : min(start, last);
}

/** Index of a bound that counts from the end; before the first element at the least. */
function fromEnd(dim: Expr, bound: number): Expr {
  if (bound >= 0) {
    return bound;
  }
  const at = add(dim, bound);
  return bound <= -FAR ? -1 : bound >= -2 ? at : max(at, -1);
}

interface Slicing {
  /** By axis; axes that are not sliced are absent. */
  readonly bounds: ReadonlyMap<number, Bounds>;
}

/** Bounds from attributes (until opset 9) or inputs; undefined when not even the axes are known. */
function slicingOf(ctx: InferContext, rank: number): Slicing | undefined {
  const asInputs = ctx.inputCount > 1;
  const starts = asInputs ? sizesOf(ctx.input(1)) : ctx.ints("starts");
  const ends = asInputs ? sizesOf(ctx.input(2)) : ctx.ints("ends");
  const written = asInputs ? (ctx.hasInput(3) ? numbersOf(ctx.input(3)) : null) : (ctx.ints("axes") ?? null);
  const steps = asInputs && ctx.hasInput(4) ? sizesOf(ctx.input(4)) : null;
  if (starts === undefined || written === undefined) {
    return undefined;
  }
  const axes = frontAxes(written ?? starts.map((_, i) => i), rank);
  if (axes === undefined) {
    ctx.problem("an axis lies outside the rank or is given twice");
    return undefined;
  }
  const bounds = new Map<number, Bounds>();
  axes.forEach((axis, i) => {
    bounds.set(axis, { start: starts[i], end: ends?.[i], step: steps === null ? 1 : steps?.[i] });
  });
  return { bounds };
}

/** Elements of a slice of a small tensor, where all bounds are numbers. */
function slicedElements(data: Fact, result: readonly Dim[], { bounds }: Slicing): readonly Dim[] | undefined {
  const from = smallDims(data.shape);
  const to = smallDims(result);
  const { small } = data;
  if (small === undefined || from === undefined || to === undefined) {
    return undefined;
  }
  const firsts: number[] = [];
  const steps: number[] = [];
  for (const [axis, dim] of from.entries()) {
    const { start = 0, step = 1 } = bounds.get(axis) ?? { start: 0, step: 1 };
    if (typeof start !== "number" || typeof step !== "number") {
      return undefined;
    }
    const first = start < 0 ? start + dim : start;
    firsts.push(Math.max(0, Math.min(first, step < 0 ? dim - 1 : dim)));
    steps.push(step);
  }
  return elementsAt(to, (position) => {
    const source = position.map((at, axis) => (firsts[axis] ?? 0) + at * (steps[axis] ?? 1));
    return small[indexOf(source, from)];
  });
}

const slice: OpSpec = {
  domain: "",
  name: "Slice",
  since: 1,
  inputs: ["data", "starts", "ends", "axes", "steps"],
  outputs: ["output"],
  axes: { input: 3 },
  infer(ctx) {
    const data = ctx.input(0);
    if (data.shape === undefined) {
      ctx.output(0, tensorFact(data.dtype, undefined));
      return;
    }
    const slicing = slicingOf(ctx, data.shape.length);
    if (slicing === undefined) {
      ctx.output(0, tensorFact(data.dtype, unknownDims(data.shape.length)));
      return;
    }
    const shape = data.shape.map((dim, axis) => {
      const own = slicing.bounds.get(axis);
      return own === undefined ? dim : sliceLength(dim, own);
    });
    ctx.output(0, withSmall(tensorFact(data.dtype, shape), slicedElements(data, shape, slicing)));
  },
  cost: (ctx) => pickCost(ctx, "the elements of the slice are copied", [1, 2, 3, 4]),
  examples: [
    {
      title: "the first position",
      opset: 13,
      inputs: [
        f32("batch", "n", 8),
        constant("int64", [1], [0]),
        constant("int64", [1], [1]),
        constant("int64", [1], [1]),
      ],
      bindings: { batch: 2, n: 3 },
      outputs: [f32("batch", 1, 8)],
      macs: 0,
      other: 0,
    },
    {
      title: "the last position",
      opset: 13,
      inputs: [
        f32("n"),
        constant("int64", [1], [-1]),
        constant("int64", [1], [2 ** 62]),
        constant("int64", [1], [0]),
      ],
      bindings: { n: 3 },
      outputs: [f32(1)],
    },
    {
      title: "all but the first",
      opset: 13,
      inputs: [f32("n"), constant("int64", [1], [1]), constant("int64", [1], [2147483647])],
      bindings: { n: 3 },
      outputs: [f32("n - 1")],
    },
    {
      title: "attributes",
      opset: 9,
      inputs: [f32(5, 6)],
      attributes: { starts: [1, -3], ends: [1000, -1] },
      outputs: [f32(4, 2)],
    },
    {
      title: "backwards with a step",
      opset: 13,
      inputs: [
        f32(7),
        constant("int64", [1], [-1]),
        constant("int64", [1], [-(2 ** 62)]),
        constant("int64", [1], [0]),
        constant("int64", [1], [-2]),
      ],
      outputs: [f32(4)],
    },
    {
      title: "every second",
      opset: 13,
      inputs: [
        f32("n", 6),
        constant("int64", [2], [0, 1]),
        constant("int64", [2], [2 ** 62, 6]),
        constant("int64", [2], [0, 1]),
        constant("int64", [2], [2, 2]),
      ],
      bindings: { n: 5 },
      outputs: [f32("ceil(n/2)", 3)],
    },
    {
      title: "not more than there is",
      opset: 13,
      inputs: [of("int64", "n"), constant("int64", [1], [0]), constant("int64", [1], [512])],
      bindings: { n: 5 },
      outputs: [of("int64", "min(n, 512)")],
    },
  ],
};

export const sliceOps: readonly OpSpec[] = [slice];
