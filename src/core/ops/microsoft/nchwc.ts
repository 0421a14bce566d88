import type { Dim } from "../../facts/fact";
import { convShape, PLAIN } from "../conv";
import { tensorFact, times } from "../dims";
import { f32 } from "../example";
import { moveCost } from "../moving";
import { poolingOps } from "../pooling";
import { resizeCost } from "../resize";
import type { OpContext, OpExample, OpSpec } from "../spec";
import { fusedConvCost } from "./conv";

/**
 * What onnxruntime's optimiser makes of convolutions on the CPU: images in blocks of channels. Shapes stay those of images,
 * with channels rounded up to whole blocks; so do the weights, whose elements lie in another order.
 */
const DOMAIN = "com.microsoft.nchwc";

/** Processors differ in the width of a block. */
const BLOCKS = [8, 16] as const;

/** Channels in whole blocks; undefined where that depends on the processor. */
function inBlocks(channels: Dim): Dim {
  if (typeof channels !== "number") {
    return undefined;
  }
  const [narrow, wide] = BLOCKS.map((block) => Math.ceil(channels / block) * block);
  return narrow === wide ? narrow : undefined;
}

const conv: OpSpec = {
  domain: DOMAIN,
  name: "Conv",
  since: 1,
  inputs: ["X", "W", "B", "Sum"],
  outputs: ["Y"],
  infer: (ctx) => ctx.output(0, tensorFact(ctx.input(0).dtype, convShape(ctx, PLAIN))),
  cost: (ctx) => fusedConvCost(ctx, PLAIN),
  // The sum is added where it stands.
  reuses: { as: "in place", inputs: [3] },
  examples: [
    {
      title: "an image of 3 channels, which are no block",
      opset: 1,
      inputs: [f32("batch", 3, 9, "w"), f32(16, 3, 3, 3), f32(16)],
      attributes: { kernel_shape: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1], activation: "Relu" },
      bindings: { batch: 2, w: 7 },
      outputs: [f32("batch", 16, 5, "floor((w-1)/2)+1")],
      macs: 2 * 16 * 20 * 27,
      other: 2 * 2 * 16 * 20,
    },
    {
      title: "blocks and a sum",
      opset: 1,
      inputs: [f32("batch", 32, 5, 5), f32(16, 32, 1, 1), f32(16), f32("batch", 16, 5, 5)],
      bindings: { batch: 2 },
      outputs: [f32("batch", 16, 5, 5)],
      macs: 2 * 16 * 25 * 32,
      other: 2 * 2 * 16 * 25,
    },
    {
      title: "depthwise",
      opset: 1,
      inputs: [f32(1, 32, 5, 5), f32(32, 1, 3, 3)],
      attributes: { group: 32 },
      outputs: [f32(1, 32, 3, 3)],
      macs: 32 * 9 * 9,
      other: 0,
    },
  ],
};

const WINDOW = { kernel_shape: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1] };

const POOL_EXAMPLES: { readonly [name: string]: OpExample } = {
  MaxPool: {
    title: "blocks of channels",
    opset: 1,
    inputs: [f32("batch", 16, "h", 8)],
    attributes: WINDOW,
    bindings: { batch: 2, h: 7 },
    outputs: [f32("batch", 16, "floor((h-1)/2)+1", 4)],
    macs: 0,
    other: 2 * 16 * 16 * 9,
  },
  AveragePool: {
    title: "blocks of channels",
    opset: 1,
    inputs: [f32("batch", 16, "h", 8)],
    attributes: { ...WINDOW, count_include_pad: 1 },
    bindings: { batch: 2, h: 7 },
    outputs: [f32("batch", 16, "floor((h-1)/2)+1", 4)],
    macs: 0,
    other: 2 * 16 * 16 * (9 + 1),
  },
  GlobalMaxPool: {
    title: "blocks of channels",
    opset: 1,
    inputs: [f32("batch", 16, "h", 5)],
    bindings: { batch: 2, h: 4 },
    outputs: [f32("batch", 16, 1, 1)],
    macs: 0,
    other: 2 * 16 * 20,
  },
  GlobalAveragePool: {
    title: "blocks of channels",
    opset: 1,
    inputs: [f32("batch", 16, "h", 5)],
    bindings: { batch: 2, h: 4 },
    outputs: [f32("batch", 16, 1, 1)],
    macs: 0,
    other: 2 * 16 * (20 + 1),
  },
};

/** Pools are those of ONNX, without indices. */
const pools = poolingOps.flatMap((spec): readonly OpSpec[] => {
  const example = POOL_EXAMPLES[spec.name];
  return example === undefined ? [] : [{ ...spec, domain: DOMAIN, outputs: ["Y"], examples: [example] }];
});

function upsampled(ctx: OpContext): readonly Dim[] | undefined {
  const scales = ctx.ints("scales");
  return ctx.input(0).shape?.map((dim, axis) => times(dim, scales?.[axis]));
}

const upsample: OpSpec = {
  domain: DOMAIN,
  name: "Upsample",
  since: 1,
  inputs: ["X"],
  outputs: ["Y"],
  infer: (ctx) => ctx.output(0, tensorFact(ctx.input(0).dtype, upsampled(ctx))),
  cost: resizeCost,
  examples: [
    {
      title: "twice as large, nearest",
      opset: 1,
      inputs: [f32("batch", 16, "h", 3)],
      attributes: { scales: [1, 1, 2, 2], mode: "nearest" },
      bindings: { batch: 2, h: 4 },
      outputs: [f32("batch", 16, "2*h", 6)],
      macs: 0,
      other: 0,
    },
    {
      title: "bilinear",
      opset: 1,
      inputs: [f32(1, 16, 4, 3)],
      attributes: { scales: [1, 1, 2, 3], mode: "linear", coordinate_transformation_mode: "half_pixel" },
      outputs: [f32(1, 16, 8, 9)],
      macs: 0,
      other: 16 * 72 * 9,
    },
  ],
};

const reorderInput: OpSpec = {
  domain: DOMAIN,
  name: "ReorderInput",
  since: 1,
  inputs: ["X"],
  outputs: ["Y"],
  infer(ctx) {
    const { dtype, shape } = ctx.input(0);
    const isLast = ctx.int("channels_last", 0) !== 0;
    const spatial = isLast ? shape?.slice(1, -1) : shape?.slice(2);
    const channels = isLast ? shape?.at(-1) : shape?.[1];
    ctx.output(0, tensorFact(dtype, spatial && [shape?.[0], inBlocks(channels), ...spatial]));
  },
  cost: () => moveCost("channels are gathered into blocks"),
  examples: [
    {
      title: "whole blocks",
      opset: 1,
      inputs: [f32("batch", 32, "h", 3)],
      bindings: { batch: 2, h: 4 },
      outputs: [f32("batch", 32, "h", 3)],
      macs: 0,
      other: 0,
    },
    {
      title: "channels last, rounded up to a block",
      opset: 1,
      inputs: [f32("batch", "h", 3, 12)],
      attributes: { channels_last: 1 },
      bindings: { batch: 2, h: 4 },
      outputs: [f32("batch", 16, "h", 3)],
    },
    {
      title: "as many as the processor's block",
      opset: 1,
      inputs: [f32(1, 4, 5, 3)],
      outputs: [{ dtype: "float32", shape: [1, undefined, 5, 3] }],
    },
  ],
};

const reorderOutput: OpSpec = {
  domain: DOMAIN,
  name: "ReorderOutput",
  since: 1,
  inputs: ["X"],
  outputs: ["Y"],
  infer(ctx) {
    const { dtype, shape } = ctx.input(0);
    const channels = ctx.maybeInt("channels");
    const spatial = shape?.slice(2);
    const image =
      spatial && (ctx.int("channels_last", 0) === 0 ? [channels, ...spatial] : [...spatial, channels]);
    ctx.output(0, tensorFact(dtype, image && [shape?.[0], ...image]));
  },
  cost: () => moveCost("channels are put back in order, without those that filled the last block"),
  examples: [
    {
      title: "fewer than a block",
      opset: 1,
      inputs: [f32("batch", 16, "h", 3)],
      attributes: { channels: 12 },
      bindings: { batch: 2, h: 4 },
      outputs: [f32("batch", 12, "h", 3)],
      macs: 0,
      other: 0,
    },
    {
      title: "channels last",
      opset: 1,
      inputs: [f32("batch", 32, "h", 3)],
      attributes: { channels: 32, channels_last: 1 },
      bindings: { batch: 2, h: 4 },
      outputs: [f32("batch", "h", 3, 32)],
    },
  ],
};

export const microsoftNchwcOps: readonly OpSpec[] = [conv, ...pools, upsample, reorderInput, reorderOutput];
