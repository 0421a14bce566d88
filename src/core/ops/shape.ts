import { divideExact, type Expr, floorDiv } from "../expr";
import type { Dim, Fact } from "../facts/fact";
import { elements as elementsOf } from "../facts/size";
import type { DType } from "../tensor/dtype";
import { dimsOfRank, product, tensorFact, unknownDims } from "./dims";
import { constant, f32, of } from "./example";
import { castElement } from "./fold";
import { IN_PLACE, moveCost, VIEW, viewCost } from "./moving";
import { dtypeAttribute, frontAxes, intsOf, sizesOf, withSmall } from "./small";
import type { InferContext, OpContext, OpSpec } from "./spec";

const readsNoData = (rule: string) => ({ ...moveCost(rule), readBytes: 0 });

const shapeOp: OpSpec = {
  domain: "",
  name: "Shape",
  since: 1,
  inputs: ["data"],
  outputs: ["shape"],
  infer(ctx) {
    const { shape } = ctx.input(0);
    if (shape === undefined) {
      ctx.output(0, tensorFact("int64", [undefined]));
      return;
    }
    const start = clampAxis(ctx.int("start", 0), shape.length);
    const end = clampAxis(ctx.int("end", shape.length), shape.length);
    const dims = shape.slice(start, Math.max(start, end));
    ctx.output(0, { dtype: "int64", shape: [dims.length], small: dims });
  },
  cost: () => readsNoData("the shape is known to the runtime: no data is read"),
  examples: [
    {
      title: "all dims",
      opset: 13,
      inputs: [f32("batch", 3)],
      bindings: { batch: 2 },
      outputs: [of("int64", 2)],
    },
    {
      title: "from start to end",
      opset: 15,
      inputs: [f32("batch", 3, 4, 5)],
      attributes: { start: 1, end: -1 },
      bindings: { batch: 2 },
      outputs: [of("int64", 2)],
      macs: 0,
      other: 0,
    },
  ],
};

function clampAxis(axis: number, rank: number): number {
  return Math.min(Math.max(axis < 0 ? axis + rank : axis, 0), rank);
}

const sizeOp: OpSpec = {
  domain: "",
  name: "Size",
  since: 1,
  inputs: ["data"],
  outputs: ["size"],
  infer(ctx) {
    ctx.output(0, withSmall({ dtype: "int64", shape: [] }, [elementsOf(ctx.input(0))]));
  },
  cost: () => readsNoData("the shape is known to the runtime: no data is read"),
  examples: [
    {
      title: "of a matrix",
      opset: 13,
      inputs: [f32("n", 3)],
      bindings: { n: 2 },
      outputs: [of("int64")],
      other: 0,
    },
  ],
};

/**
 * The shape that Reshape makes (ONNX Reshape): 0 copies the input's dim unless allowzero, -1 takes what is left. Dims
 * that are copied cancel, so that -1 is found even where a copied dim is not known.
 */
export function reshaped(
  input: readonly Dim[] | undefined,
  target: readonly Dim[],
  allowZero: boolean,
): readonly Dim[] {
  const copies = (dim: Dim, axis: number): boolean =>
    dim === 0 && !allowZero && (input === undefined || axis < input.length);
  const shape = target.map((dim, axis) => (copies(dim, axis) ? input?.[axis] : dim));
  const open: number[] = [];
  target.forEach((dim, axis) => {
    if (dim === -1 || dim === undefined) {
      open.push(axis);
    }
  });
  const [axis] = open;
  if (axis === undefined) {
    return shape;
  }
  const blank = shape.map((dim, i) => (target[i] === -1 ? undefined : dim));
  if (open.length > 1 || input === undefined) {
    return blank;
  }
  const total = product(input.filter((_, i) => !copies(target[i], i)));
  const others = product(target.filter((dim, i) => i !== axis && !copies(dim, i)));
  if (total !== undefined && others !== undefined) {
    blank[axis] = remainder(total, others);
  }
  return blank;
}

function remainder(total: Expr, others: Expr): Dim {
  if (others === 0) {
    return total === 0 ? 0 : undefined;
  }
  return divideExact(total, others) ?? floorDiv(total, others);
}

function checkElements(ctx: InferContext, from: Fact, to: readonly Dim[]): void {
  const before = elementsOf(from);
  const after = product(to);
  if (typeof before === "number" && typeof after === "number" && before !== after) {
    ctx.problem(`${before} elements do not fill a shape of ${after}`);
  }
}

const reshape: OpSpec = {
  domain: "",
  name: "Reshape",
  since: 1,
  inputs: ["data", "shape"],
  outputs: ["reshaped"],
  infer(ctx) {
    const data = ctx.input(0);
    const target = ctx.hasInput(1) ? sizesOf(ctx.input(1)) : ctx.ints("shape");
    const shape = target && reshaped(data.shape, target, ctx.int("allowzero", 0) !== 0);
    if (shape !== undefined) {
      checkElements(ctx, data, shape);
    }
    ctx.output(0, withSmall(tensorFact(data.dtype, shape), data.small));
  },
  cost: viewCost,
  reuses: VIEW,
  examples: [
    {
      title: "heads: 0 copies, -1 takes the rest",
      opset: 14,
      inputs: [f32("batch", "sequence", 96), constant("int64", [4], [0, -1, 12, 8])],
      bindings: { batch: 2, sequence: 3 },
      outputs: [f32("batch", "sequence", 12, 8)],
      macs: 0,
      other: 0,
    },
    {
      title: "batch and sequence together",
      opset: 14,
      inputs: [f32("batch", "sequence", 96), constant("int64", [2], [-1, 96])],
      bindings: { batch: 2, sequence: 3 },
      outputs: [f32("batch*sequence", 96)],
    },
    {
      title: "allowzero",
      opset: 14,
      inputs: [f32(0, 3, 4), constant("int64", [2], [12, 0])],
      attributes: { allowzero: 1 },
      outputs: [f32(12, 0)],
    },
    {
      title: "a half at a time",
      opset: 5,
      inputs: [f32("n", 4), constant("int64", [2], [-1, 8])],
      bindings: { n: 6 },
      outputs: [f32("floor(n/2)", 8)],
    },
  ],
};

const oneMoreAxis = (ctx: OpContext): number | undefined => {
  const rank = ctx.input(0).shape?.length;
  return rank === undefined ? undefined : rank + 1;
};

function unsqueezedRank(ctx: OpContext): number | undefined {
  const rank = ctx.input(0).shape?.length;
  const axes = intsOf(ctx, "axes", 1);
  return rank === undefined || axes === undefined ? undefined : rank + axes.length;
}

const flatten: OpSpec = {
  domain: "",
  name: "Flatten",
  since: 1,
  inputs: ["input"],
  outputs: ["output"],
  axes: { rank: oneMoreAxis },
  infer(ctx) {
    const { shape, dtype, small } = ctx.input(0);
    const axis = shape && clampAxis(ctx.int("axis", 1), shape.length);
    const flat = shape && [product(shape.slice(0, axis)), product(shape.slice(axis))];
    ctx.output(0, withSmall(tensorFact(dtype, flat ?? unknownDims(2)), small));
  },
  cost: viewCost,
  reuses: VIEW,
  examples: [
    {
      title: "features of an image",
      opset: 13,
      inputs: [f32("batch", 8, 2, 2)],
      bindings: { batch: 3 },
      outputs: [f32("batch", 32)],
      macs: 0,
      other: 0,
    },
    {
      title: "at the front",
      opset: 13,
      inputs: [f32("batch", 3)],
      attributes: { axis: 0 },
      bindings: { batch: 2 },
      outputs: [f32(1, "3*batch")],
    },
  ],
};

/** Axes as an attribute until opset 12, as input 1 from 13; "unknown" when that input is not constant. */
function axesOf(ctx: OpContext): readonly number[] | undefined | "unknown" {
  if (!ctx.hasInput(1)) {
    return ctx.ints("axes");
  }
  return intsOf(ctx, "axes", 1) ?? "unknown";
}

/** Without axes all dims of 1 go: which ones is known only where every dim is a number. */
function squeezed(shape: readonly Dim[], axes: readonly number[] | undefined): readonly Dim[] | undefined {
  if (axes === undefined) {
    return shape.every((dim) => typeof dim === "number") ? shape.filter((dim) => dim !== 1) : undefined;
  }
  const gone = frontAxes(axes, shape.length);
  return gone && shape.filter((_, axis) => !gone.includes(axis));
}

const squeeze: OpSpec = {
  domain: "",
  name: "Squeeze",
  since: 1,
  inputs: ["data", "axes"],
  outputs: ["squeezed"],
  axes: { input: 1 },
  infer(ctx) {
    const { shape, dtype, small } = ctx.input(0);
    const axes = axesOf(ctx);
    const count = ctx.input(1).shape?.[0];
    const left = typeof count === "number" && shape !== undefined ? shape.length - count : -1;
    const known = axes === "unknown" ? undefined : shape && squeezed(shape, axes);
    const result = known ?? dimsOfRank(left);
    ctx.output(0, withSmall(tensorFact(dtype, result), small));
  },
  cost: viewCost,
  reuses: VIEW,
  examples: [
    {
      title: "axes as an input",
      opset: 13,
      inputs: [f32(1, "n", 1), constant("int64", [2], [0, -1])],
      bindings: { n: 2 },
      outputs: [f32("n")],
      macs: 0,
      other: 0,
    },
    {
      title: "axes as an attribute",
      opset: 11,
      inputs: [f32(1, "n", 1)],
      attributes: { axes: [2] },
      bindings: { n: 2 },
      outputs: [f32(1, "n")],
    },
    { title: "every dim of 1", opset: 13, inputs: [f32(1, 3, 1)], outputs: [f32(3)] },
  ],
};

const unsqueeze: OpSpec = {
  domain: "",
  name: "Unsqueeze",
  since: 1,
  inputs: ["data", "axes"],
  outputs: ["expanded"],
  axes: { input: 1, rank: unsqueezedRank },
  infer(ctx) {
    const { shape, dtype, small } = ctx.input(0);
    const axes = axesOf(ctx);
    const count = axes === "unknown" ? ctx.input(1).shape?.[0] : axes?.length;
    let result: Dim[] | undefined;
    if (shape !== undefined && typeof count === "number") {
      result = dimsOfRank(shape.length + count);
      const added =
        typeof axes === "object" && result !== undefined ? frontAxes(axes, result.length) : undefined;
      if (result !== undefined && added !== undefined) {
        const rest = shape[Symbol.iterator]();
        result = result.map((_, axis) => (added.includes(axis) ? 1 : (rest.next().value as Dim)));
      }
    }
    ctx.output(0, withSmall(tensorFact(dtype, result), small));
  },
  cost: viewCost,
  reuses: VIEW,
  examples: [
    {
      title: "a mask for heads and rows",
      opset: 13,
      inputs: [f32("batch", "n"), constant("int64", [2], [1, 2])],
      bindings: { batch: 2, n: 3 },
      outputs: [f32("batch", 1, 1, "n")],
      macs: 0,
      other: 0,
    },
    {
      title: "axes as an attribute, from the end",
      opset: 11,
      inputs: [f32("n")],
      attributes: { axes: [-1] },
      bindings: { n: 3 },
      outputs: [f32("n", 1)],
    },
  ],
};

const identity: OpSpec = {
  domain: "",
  name: "Identity",
  since: 1,
  inputs: ["input"],
  outputs: ["output"],
  infer: (ctx) => ctx.output(0, ctx.input(0)),
  cost: viewCost,
  reuses: VIEW,
  examples: [
    {
      title: "of anything",
      opset: 16,
      inputs: [f32("n")],
      bindings: { n: 3 },
      outputs: [f32("n")],
      other: 0,
    },
  ],
};

function castTo(ctx: InferContext, dtype: DType | undefined): void {
  const { shape, small } = ctx.input(0);
  const cast = dtype && small?.map((element) => castElement(element, dtype));
  ctx.output(0, withSmall(tensorFact(dtype, shape), cast));
}

const CAST_RULE = "conversion of each element, counted as a move";

const cast: OpSpec = {
  domain: "",
  name: "Cast",
  since: 1,
  inputs: ["input"],
  outputs: ["output"],
  infer: (ctx) => castTo(ctx, dtypeAttribute(ctx, "to")),
  cost: () => moveCost(CAST_RULE),
  reuses: IN_PLACE,
  examples: [
    {
      title: "float16 to float32",
      opset: 13,
      inputs: [of("float16", "n", 2)],
      attributes: { to: 1 },
      bindings: { n: 3 },
      outputs: [f32("n", 2)],
      macs: 0,
      other: 0,
    },
    {
      title: "to bool",
      opset: 13,
      inputs: [of("int64", 2)],
      attributes: { to: 9 },
      outputs: [of("bool", 2)],
    },
  ],
};

const castLike: OpSpec = {
  domain: "",
  name: "CastLike",
  since: 15,
  inputs: ["input", "target_type"],
  outputs: ["output"],
  infer: (ctx) => castTo(ctx, ctx.input(1).dtype),
  cost: () => moveCost(CAST_RULE),
  reuses: IN_PLACE,
  examples: [
    { title: "the other's type", opset: 15, inputs: [of("int64", 3), f32(1)], outputs: [f32(3)], other: 0 },
  ],
};

const bitCast: OpSpec = {
  domain: "",
  name: "BitCast",
  since: 26,
  inputs: ["input"],
  outputs: ["output"],
  infer: (ctx) => ctx.output(0, tensorFact(dtypeAttribute(ctx, "to"), ctx.input(0).shape)),
  cost: () => moveCost("the bits are copied unchanged"),
  reuses: IN_PLACE,
  examples: [
    {
      title: "the bits of floats",
      opset: 26,
      inputs: [f32("n", 3)],
      attributes: { to: 6 },
      bindings: { n: 2 },
      outputs: [of("int32", "n", 3)],
      macs: 0,
      other: 0,
    },
  ],
};

export const shapeOps: readonly OpSpec[] = [
  shapeOp,
  sizeOp,
  reshape,
  flatten,
  squeeze,
  unsqueeze,
  identity,
  cast,
  castLike,
  bitCast,
];
