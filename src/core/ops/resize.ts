import { floor, mul } from "../expr";
import type { Dim } from "../facts/fact";
import { product, tensorFact, unknownDims } from "./dims";
import { constant, f32 } from "./example";
import { moveCost } from "./moving";
import { elementCost } from "./pricing";
import { frontAxes, sizesOf } from "./small";
import type { CostContext, OpContext, OpCost, OpSpec } from "./spec";

/** Sizes or scales for every axis of the data, from those that are named. */
function spread(
  values: readonly Dim[] | undefined,
  axes: readonly number[] | undefined,
  fill: readonly Dim[],
): readonly Dim[] | undefined {
  if (axes === undefined) {
    return values?.length === fill.length ? values : undefined;
  }
  return values?.length === axes.length
    ? fill.map((dim, axis) => (axes.includes(axis) ? values[axes.indexOf(axis)] : dim))
    : undefined;
}

/** floor(size · scale), in float32 as onnxruntime computes it. */
function scaled(dim: Dim, factor: Dim): Dim {
  if (dim === undefined || typeof factor !== "number") {
    return undefined;
  }
  return typeof dim === "number"
    ? Math.floor(Math.fround(dim * Math.fround(factor)))
    : floor(mul(dim, factor));
}

/** Sizes that keep the ratio of the data, the smallest or largest of the wanted ones deciding (from opset 18). */
function keepRatio(
  policy: string,
  shape: readonly Dim[],
  wanted: readonly Dim[],
  axes: readonly number[],
): readonly Dim[] {
  const ratios = axes.map((axis) => {
    const [own, size] = [shape[axis], wanted[axis]];
    return typeof own === "number" && typeof size === "number" ? size / own : Number.NaN;
  });
  const ratio = policy === "not_larger" ? Math.min(...ratios) : Math.max(...ratios);
  return shape.map((dim, axis) => {
    if (!axes.includes(axis)) {
      return dim;
    }
    return Number.isNaN(ratio) || typeof dim !== "number" ? undefined : Math.round(dim * ratio);
  });
}

function resizedShape(ctx: OpContext): readonly Dim[] | undefined {
  const { shape } = ctx.input(0);
  if (shape === undefined) {
    return undefined;
  }
  const named = ctx.ints("axes");
  const axes = named && frontAxes(named, shape.length);
  const [scalesAt, sizesAt] = ctx.opset < 11 ? [1, 3] : [2, 3];
  if (ctx.hasInput(sizesAt) && ctx.input(sizesAt).shape?.[0] !== 0) {
    const wanted = spread(sizesOf(ctx.input(sizesAt)), axes, shape);
    const policy = ctx.string("keep_aspect_ratio_policy", "stretch");
    return wanted === undefined || policy === "stretch"
      ? (wanted ?? unknownDims(shape.length))
      : keepRatio(policy, shape, wanted, axes ?? [...shape.keys()]);
  }
  const factors = spread(
    ctx.input(scalesAt).small,
    axes,
    shape.map(() => 1),
  );
  return shape.map((dim, axis) => (factors === undefined ? undefined : scaled(dim, factors[axis])));
}

/**
 * Nearest copies. Linear interpolates between 2^r neighbours with 2^r - 1 steps of 3 FLOPs over the r axes whose size
 * changes; cubic weighs 4^r neighbours, a product and a sum each.
 */
export function resizeCost(ctx: CostContext): OpCost {
  const from = ctx.input(0).shape;
  const to = ctx.outputFact(0).shape;
  const mode = ctx.string("mode", "nearest");
  const axes = from === undefined || to === undefined ? 0 : from.filter((dim, i) => dim !== to[i]).length;
  if (mode === "nearest" || (from !== undefined && axes === 0)) {
    return moveCost("the nearest element is copied for each output");
  }
  const flops = mode === "cubic" ? 2 * 4 ** axes : 3 * (2 ** axes - 1);
  return elementCost(product(to), flops, `${mode} interpolation over ${axes} axes`, "estimate");
}

const resize: OpSpec = {
  domain: "",
  name: "Resize",
  since: 10,
  inputs: ["X", "roi", "scales", "sizes"],
  outputs: ["Y"],
  infer: (ctx) => ctx.output(0, tensorFact(ctx.input(0).dtype, resizedShape(ctx))),
  cost: resizeCost,
  examples: [
    {
      title: "twice as large, nearest",
      opset: 13,
      inputs: [f32("batch", 3, "h", "w"), null, constant("float32", [4], [1, 1, 2, 2])],
      bindings: { batch: 1, h: 3, w: 4 },
      outputs: [f32("batch", 3, "2*h", "2*w")],
      macs: 0,
      other: 0,
    },
    {
      title: "half, bilinear",
      opset: 13,
      inputs: [f32("batch", 3, "h", 5), null, constant("float32", [4], [1, 1, 0.5, 0.5])],
      attributes: { mode: "linear" },
      bindings: { batch: 1, h: 4 },
      outputs: [f32("batch", 3, "floor(h/2)", 2)],
      other: 3 * 2 * 2 * 9,
    },
    {
      title: "to sizes",
      opset: 13,
      inputs: [f32(1, 3, 4, 4), null, null, constant("int64", [4], [1, 3, 7, 9])],
      attributes: { mode: "cubic", coordinate_transformation_mode: "half_pixel" },
      outputs: [f32(1, 3, 7, 9)],
      other: 3 * 63 * 32,
    },
    {
      title: "named axes",
      opset: 18,
      inputs: [f32(1, 3, 4, 4), null, null, constant("int64", [2], [7, 9])],
      attributes: { axes: [2, 3] },
      outputs: [f32(1, 3, 7, 9)],
    },
    {
      title: "scales as the second input",
      opset: 10,
      inputs: [f32(1, 3, 4, 4), constant("float32", [4], [1, 1, 2, 2])],
      outputs: [f32(1, 3, 8, 8)],
    },
  ],
};

const upsample: OpSpec = {
  domain: "",
  name: "Upsample",
  since: 7,
  inputs: ["X", "scales"],
  outputs: ["Y"],
  infer(ctx) {
    const { shape, dtype } = ctx.input(0);
    const factors = ctx.hasInput(1) ? ctx.input(1).small : ctx.floats("scales");
    ctx.output(
      0,
      tensorFact(
        dtype,
        shape?.map((dim, axis) => scaled(dim, factors?.[axis])),
      ),
    );
  },
  cost: resizeCost,
  examples: [
    {
      title: "scales as an attribute",
      opset: 7,
      inputs: [f32(1, 3, 4, 4)],
      attributes: { scales: { floats: [1, 1, 2, 2] } },
      outputs: [f32(1, 3, 8, 8)],
      macs: 0,
      other: 0,
    },
    {
      title: "scales as an input",
      opset: 9,
      inputs: [f32(1, 3, 4, 4), constant("float32", [4], [1, 1, 2, 2])],
      outputs: [f32(1, 3, 8, 8)],
    },
  ],
};

/** Sampling weighs 2^r neighbours (r spatial axes), a product and a sum each, and turns r coordinates. */
const gridSample: OpSpec = {
  domain: "",
  name: "GridSample",
  since: 16,
  inputs: ["X", "grid"],
  outputs: ["Y"],
  infer(ctx) {
    const x = ctx.input(0);
    const grid = ctx.input(1).shape;
    const [n, c] = x.shape ?? [];
    const rank = x.shape?.length ?? grid?.length;
    const spatial = grid?.slice(1, -1) ?? (rank === undefined ? undefined : unknownDims(rank - 2));
    ctx.output(0, tensorFact(x.dtype, spatial && [n, c, ...spatial]));
  },
  cost(ctx) {
    const { shape } = ctx.outputFact(0);
    const axes = (shape?.length ?? 4) - 2;
    const mode = ctx.string("mode", "linear");
    const neighbours = mode === "nearest" ? 0 : mode.endsWith("cubic") ? 4 ** axes : 2 ** axes;
    return elementCost(product(shape), 2 * neighbours, `${neighbours} weighted neighbours`, "estimate");
  },
  examples: [
    {
      title: "bilinear",
      opset: 16,
      inputs: [f32("batch", 3, 4, 4), f32("batch", 5, 6, 2)],
      bindings: { batch: 1 },
      outputs: [f32("batch", 3, 5, 6)],
      macs: 0,
      other: 3 * 30 * 8,
    },
  ],
};

export const resizeOps: readonly OpSpec[] = [resize, upsample, gridSample];
