import { add, mul, sub } from "../expr";
import type { Dim } from "../facts/fact";
import { type ConvLayout, convCost, convQuant, convShape } from "./conv";
import { dimsOfRank, dividedBy, plus, product, tensorFact, times } from "./dims";
import { constant, f32, fed } from "./example";
import { moveCost } from "./moving";
import { elementCost, perElement, unknownCost } from "./pricing";
import type { OpContext, OpCost, OpSpec } from "./spec";
import { windowOf } from "./window";

/** Reading between the cells of an image: four weights (4), four products and three sums (7), rounded down to 8. */
const BILINEAR_FLOPS = 8;

const DEFORM: ConvLayout = { weight: 1, bias: 3 };

/** FLOPs of reading one input channel at every kernel cell of every position, between the cells of the image. */
function sampled(ctx: OpContext, output: readonly Dim[] | undefined): Dim {
  const [, inner, ...kernel] = ctx.input(1).shape ?? [];
  const channels = times(inner, ctx.int("group", 1));
  return times(product(output && [output[0], ...output.slice(2)]), channels, product(kernel));
}

const deformConv: OpSpec = {
  domain: "",
  name: "DeformConv",
  since: 19,
  inputs: ["X", "W", "offset", "B", "mask"],
  outputs: ["Y"],
  infer: (ctx) => ctx.output(0, tensorFact(ctx.input(0).dtype, convShape(ctx, DEFORM))),
  cost(ctx) {
    const cells = sampled(ctx, ctx.outputFact(0).shape);
    return convCost(ctx, DEFORM, [
      perElement(cells, BILINEAR_FLOPS, "reading between the cells of the image"),
      perElement(ctx.hasInput(4) ? cells : 0, 1, "the mask", false),
    ]);
  },
  quant: convQuant(1),
  examples: [
    {
      title: "2×2",
      opset: 19,
      inputs: [f32("batch", 2, 4, 4), f32(3, 2, 2, 2), f32("batch", 8, 3, 3)],
      attributes: { kernel_shape: [2, 2] },
      bindings: { batch: 1 },
      outputs: [f32("batch", 3, 3, 3)],
      macs: 27 * 8,
      other: 9 * 2 * 4 * BILINEAR_FLOPS,
    },
  ],
};

const maxUnpool: OpSpec = {
  domain: "",
  name: "MaxUnpool",
  since: 9,
  inputs: ["X", "I", "output_shape"],
  outputs: ["output"],
  infer(ctx) {
    const { dtype, shape } = ctx.input(0);
    const given = ctx.input(2).small;
    const { axes } = windowOf(ctx, ctx.ints("kernel_shape") ?? []);
    const spread = shape?.map((dim, index): Dim => {
      const axis = axes[index - 2];
      return axis === undefined || dim === undefined || axis.kernel === undefined
        ? dim
        : sub(add(mul(sub(dim, 1), axis.stride), axis.kernel), axis.begin + axis.end);
    });
    ctx.output(0, tensorFact(dtype, ctx.hasInput(2) ? (given ?? spread?.map(() => undefined)) : spread));
  },
  cost: () => moveCost("every element goes back to the place it was taken from"),
  examples: [
    {
      title: "undoes a 2×2 pool",
      opset: 11,
      inputs: [f32(1, 1, "h", 2), fed("int64", [1, 1, "h", 2], [0, 2, 8, 10])],
      attributes: { kernel_shape: [2, 2], strides: [2, 2] },
      bindings: { h: 2 },
      outputs: [f32(1, 1, "2*h", 4)],
      macs: 0,
      other: 0,
    },
    {
      title: "output_shape given",
      opset: 11,
      inputs: [
        f32(1, 1, 2, 2),
        fed("int64", [1, 1, 2, 2], [0, 2, 10, 12]),
        constant("int64", [4], [1, 1, 5, 5]),
      ],
      attributes: { kernel_shape: [2, 2], strides: [2, 2] },
      outputs: [f32(1, 1, 5, 5)],
    },
  ],
};

const maxRoiPool: OpSpec = {
  domain: "",
  name: "MaxRoiPool",
  since: 1,
  inputs: ["X", "rois"],
  outputs: ["Y"],
  infer(ctx) {
    const pooled = ctx.ints("pooled_shape") ?? [undefined, undefined];
    ctx.output(
      0,
      tensorFact(ctx.input(0).dtype, [ctx.input(1).shape?.[0], ctx.input(0).shape?.[1], ...pooled]),
    );
  },
  cost: () => unknownCost("the size of each region is in the data"),
  examples: [
    {
      title: "regions to 2×2",
      opset: 1,
      inputs: [f32(1, 3, 6, 6), fed("float32", ["regions", 5], [0, 0, 0, 3, 3, 0, 1, 1, 4, 4])],
      attributes: { pooled_shape: [2, 2] },
      bindings: { regions: 2 },
      outputs: [f32("regions", 3, 2, 2)],
    },
  ],
};

function roiAlignCost(outputs: Dim, samples: number): OpCost {
  return samples > 0
    ? elementCost(
        times(outputs, samples * samples),
        BILINEAR_FLOPS + 1,
        "reading between the cells of the image, averaging",
        "estimate",
      )
    : unknownCost("without sampling_ratio the number of samples depends on the size of each region");
}

const roiAlign: OpSpec = {
  domain: "",
  name: "RoiAlign",
  since: 10,
  inputs: ["X", "rois", "batch_indices"],
  outputs: ["Y"],
  infer(ctx) {
    const regions = ctx.input(1).shape?.[0] ?? ctx.input(2).shape?.[0];
    const pooled = [ctx.int("output_height", 1), ctx.int("output_width", 1)];
    ctx.output(0, tensorFact(ctx.input(0).dtype, [regions, ctx.input(0).shape?.[1], ...pooled]));
  },
  cost: (ctx) => roiAlignCost(product(ctx.outputFact(0).shape), ctx.int("sampling_ratio", 0)),
  examples: [
    {
      title: "two samples each way",
      opset: 16,
      inputs: [
        f32(1, 3, 6, 6),
        fed("float32", ["regions", 4], [0, 0, 3, 3, 1, 1, 4, 4]),
        fed("int64", ["regions"], [0, 0]),
      ],
      attributes: { output_height: 2, output_width: 3, sampling_ratio: 2 },
      bindings: { regions: 2 },
      outputs: [f32("regions", 3, 2, 3)],
      macs: 0,
      other: 36 * 4 * (BILINEAR_FLOPS + 1),
    },
  ],
};

const affineGrid: OpSpec = {
  domain: "",
  name: "AffineGrid",
  since: 20,
  inputs: ["theta", "size"],
  outputs: ["grid"],
  infer(ctx) {
    const size = ctx.input(1).small;
    const count = ctx.input(1).shape?.[0];
    const rank = size?.length ?? (typeof count === "number" ? count : undefined);
    const spatial = size?.slice(2) ?? dimsOfRank((rank ?? 2) - 2) ?? [];
    const shape = [ctx.input(0).shape?.[0] ?? size?.[0], ...spatial, spatial.length];
    ctx.output(0, tensorFact(ctx.input(0).dtype, rank === undefined ? undefined : shape));
  },
  cost(ctx) {
    const grid = ctx.outputFact(0).shape;
    const macs = times(product(grid), plus(grid?.at(-1), 1));
    const rule = "a product of each grid position with the affine matrix";
    return { macs, other: 0, trust: macs === undefined ? "unknown" : "exact", rule };
  },
  examples: [
    {
      title: "two spatial axes",
      opset: 20,
      inputs: [f32("batch", 2, 3), constant("int64", [4], [2, 3, 4, 5])],
      bindings: { batch: 2 },
      outputs: [f32("batch", 4, 5, 2)],
      macs: 2 * 20 * 2 * 3,
      other: 0,
    },
  ],
};

const col2Im: OpSpec = {
  domain: "",
  name: "Col2Im",
  since: 18,
  inputs: ["input", "image_shape", "block_shape"],
  outputs: ["output"],
  infer(ctx) {
    const { dtype, shape } = ctx.input(0);
    const image = ctx.input(1).small;
    const channels = dividedBy(shape?.[1], product(ctx.input(2).small));
    const axes = ctx.input(1).shape?.[0];
    const spatial = image ?? dimsOfRank(axes);
    ctx.output(0, tensorFact(dtype, spatial && [shape?.[0], channels, ...spatial]));
  },
  cost: (ctx) => elementCost(product(ctx.input(0).shape), 1, "adding", "exact"),
  examples: [
    {
      title: "blocks of 1×5 into a 5×5 image",
      opset: 18,
      inputs: [f32("batch", 10, 5), constant("int64", [2], [5, 5]), constant("int64", [2], [1, 5])],
      bindings: { batch: 1 },
      outputs: [f32("batch", 2, 5, 5)],
      macs: 0,
      other: 50,
    },
  ],
};

export const regionOps: readonly OpSpec[] = [deformConv, maxUnpool, maxRoiPool, roiAlign, affineGrid, col2Im];
