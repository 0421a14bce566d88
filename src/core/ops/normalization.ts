import type { Dim } from "../facts/fact";
import { BATCH_NORM_FLOPS, LAYER_NORM_FLOPS, RMS_NORM_FLOPS } from "./conventions";
import { axisIndex, product, tensorFact } from "./dims";
import { f32, of } from "./example";
import { elementCost, flopsOf } from "./pricing";
import type { CostContext, InferContext, OpContext, OpCost, OpSpec } from "./spec";

export const LAYER_NORM_WORDS = "mean, subtract, square and sum, scale, weight and bias";
export const RMS_NORM_WORDS = "square and sum, scale, weight";

/** Shape of the statistics of a normalisation over `axis` and all later axes: those are 1. */
function statisticsShape(ctx: OpContext, axis: number): readonly Dim[] | undefined {
  const shape = ctx.input(0).shape;
  const first = shape && axisIndex(axis, shape.length);
  return first === undefined ? undefined : shape?.map((dim, index) => (index < first ? dim : 1));
}

/** States output 0 like the input, and mean and inverse deviation where the node has them. */
export function inferNorm(ctx: InferContext, statistics: readonly number[]): void {
  const x = ctx.input(0);
  ctx.output(0, tensorFact(x.dtype, x.shape));
  for (const index of statistics) {
    if (ctx.hasOutput(index)) {
      ctx.output(index, tensorFact("float32", statisticsShape(ctx, ctx.int("axis", -1))));
    }
  }
}

export function normCost(ctx: CostContext, flops: number, what: string): OpCost {
  return elementCost(product(ctx.input(0).shape), flops, what, "estimate");
}

const sameAsInput = (ctx: InferContext): void =>
  ctx.output(0, tensorFact(ctx.input(0).dtype, ctx.input(0).shape));

const layerNorm: OpSpec = {
  domain: "",
  name: "LayerNormalization",
  // The standard has it from 17; onnxruntime takes it in this domain from 1, as exporters wrote it before.
  since: 1,
  inputs: ["X", "Scale", "B"],
  outputs: ["Y", "Mean", "InvStdDev"],
  infer: (ctx) => inferNorm(ctx, [1, 2]),
  cost: (ctx) => normCost(ctx, LAYER_NORM_FLOPS, LAYER_NORM_WORDS),
  examples: [
    {
      title: "last axis",
      opset: 17,
      inputs: [f32("batch", "n", 8), f32(8), f32(8)],
      attributes: { axis: -1 },
      bindings: { batch: 2, n: 3 },
      outputs: [f32("batch", "n", 8)],
      macs: 0,
      other: 48 * LAYER_NORM_FLOPS,
    },
    {
      title: "all three outputs, two axes",
      opset: 17,
      inputs: [f32("batch", 3, 4), f32(3, 4)],
      attributes: { axis: 1 },
      bindings: { batch: 2 },
      outputs: [f32("batch", 3, 4), f32("batch", 1, 1), f32("batch", 1, 1)],
    },
    {
      title: "half precision keeps float32 statistics",
      opset: 17,
      inputs: [of("float16", 2, 8), of("float16", 8)],
      outputs: [of("float16", 2, 8), null, f32(2, 1)],
    },
  ],
};

const rmsNorm: OpSpec = {
  domain: "",
  name: "RMSNormalization",
  since: 23,
  inputs: ["X", "scale"],
  outputs: ["Y"],
  // Y takes the type of the scale, which may differ from that of X.
  infer: (ctx) => ctx.output(0, tensorFact(ctx.input(1).dtype ?? ctx.input(0).dtype, ctx.input(0).shape)),
  cost: (ctx) => normCost(ctx, RMS_NORM_FLOPS, RMS_NORM_WORDS),
  examples: [
    {
      title: "last axis",
      opset: 23,
      inputs: [f32("batch", "n", 8), f32(8)],
      bindings: { batch: 2, n: 3 },
      outputs: [f32("batch", "n", 8)],
      macs: 0,
      other: 48 * RMS_NORM_FLOPS,
    },
  ],
};

/** Per-channel statistics of BatchNormalization: the shape of its scale. */
function inferBatchNorm(ctx: InferContext): void {
  const x = ctx.input(0);
  ctx.output(0, tensorFact(x.dtype, x.shape));
  const channels = ctx.input(3).shape ?? ctx.input(1).shape;
  for (let index = 1; index < ctx.outputCount; index++) {
    if (ctx.hasOutput(index)) {
      ctx.output(index, tensorFact(ctx.input(3).dtype ?? x.dtype, channels));
    }
  }
}

const batchNorm: OpSpec = {
  domain: "",
  name: "BatchNormalization",
  since: 1,
  inputs: ["X", "scale", "B", "input_mean", "input_var"],
  outputs: ["Y", "running_mean", "running_var", "saved_mean", "saved_var"],
  infer: inferBatchNorm,
  cost: (ctx) =>
    ctx.int("training_mode", 0) !== 0
      ? normCost(ctx, LAYER_NORM_FLOPS, LAYER_NORM_WORDS)
      : normCost(ctx, BATCH_NORM_FLOPS, "scale and shift of each channel, folded"),
  examples: [
    {
      title: "inference",
      opset: 9,
      inputs: [f32("batch", 3, "h", "w"), f32(3), f32(3), f32(3), f32(3)],
      bindings: { batch: 2, h: 4, w: 5 },
      outputs: [f32("batch", 3, "h", "w")],
      macs: 0,
      other: 120 * BATCH_NORM_FLOPS,
    },
    {
      title: "training outputs",
      opset: 15,
      inputs: [f32(2, 3, 4), f32(3), f32(3), f32(3), f32(3)],
      attributes: { training_mode: 1 },
      outputs: [f32(2, 3, 4), f32(3), f32(3)],
      other: 24 * LAYER_NORM_FLOPS,
    },
    {
      title: "two axes",
      opset: 15,
      inputs: [f32(2, 3), f32(3), f32(3), f32(3), f32(3)],
      outputs: [f32(2, 3)],
    },
  ],
};

interface SameShape {
  readonly name: string;
  readonly since: number;
  readonly inputs: readonly string[];
  readonly flops: (ctx: OpContext) => number;
  readonly what: string;
  readonly examples: OpSpec["examples"];
}

function sameShape({ name, since, inputs, flops, what, examples }: SameShape): OpSpec {
  return {
    domain: "",
    name,
    since,
    inputs,
    outputs: ["Y"],
    infer: sameAsInput,
    cost: (ctx) => normCost(ctx, flops(ctx), what),
    examples,
  };
}

const instanceNorm = sameShape({
  name: "InstanceNormalization",
  since: 1,
  inputs: ["input", "scale", "B"],
  flops: () => LAYER_NORM_FLOPS,
  what: LAYER_NORM_WORDS,
  examples: [
    {
      title: "an image",
      opset: 6,
      inputs: [f32("batch", 3, "h", 4), f32(3), f32(3)],
      bindings: { batch: 2, h: 5 },
      outputs: [f32("batch", 3, "h", 4)],
      macs: 0,
      other: 120 * LAYER_NORM_FLOPS,
    },
  ],
});

const groupNorm = sameShape({
  name: "GroupNormalization",
  since: 18,
  inputs: ["X", "scale", "bias"],
  flops: () => LAYER_NORM_FLOPS,
  what: LAYER_NORM_WORDS,
  examples: [
    {
      title: "two groups, weights per channel",
      opset: 21,
      inputs: [f32("batch", 4, 3, 5), f32(4), f32(4)],
      attributes: { num_groups: 2 },
      bindings: { batch: 2 },
      outputs: [f32("batch", 4, 3, 5)],
      macs: 0,
      other: 120 * LAYER_NORM_FLOPS,
    },
  ],
});

const LRN_EXTRA = flopsOf("Pow") + flopsOf("Div") + flopsOf("Mul") + flopsOf("Add");

const lrn = sameShape({
  name: "LRN",
  since: 1,
  inputs: ["X"],
  flops: (ctx) => 2 * ctx.int("size", 1) + LRN_EXTRA,
  what: "square and sum over neighbouring channels, scale, power, divide",
  examples: [
    {
      title: "five channels",
      opset: 13,
      inputs: [f32("batch", 6, 2, 2)],
      attributes: { size: 5 },
      bindings: { batch: 2 },
      outputs: [f32("batch", 6, 2, 2)],
      macs: 0,
      other: 48 * (10 + LRN_EXTRA),
    },
  ],
});

const LP_NORM_FLOPS = flopsOf("Mul") + flopsOf("Add") + flopsOf("Div");

const lpNorm = sameShape({
  name: "LpNormalization",
  since: 1,
  inputs: ["input"],
  flops: () => LP_NORM_FLOPS,
  what: "square and sum, divide",
  examples: [
    {
      title: "unit vectors",
      opset: 22,
      inputs: [f32("batch", 8)],
      attributes: { axis: -1, p: 2 },
      bindings: { batch: 3 },
      outputs: [f32("batch", 8)],
      macs: 0,
      other: 24 * LP_NORM_FLOPS,
    },
  ],
});

const MVN_FLOPS = LAYER_NORM_FLOPS - flopsOf("Mul") - flopsOf("Add");

const meanVarianceNorm = sameShape({
  name: "MeanVarianceNormalization",
  since: 9,
  inputs: ["X"],
  flops: () => MVN_FLOPS,
  what: "mean, subtract, square and sum, scale",
  examples: [
    {
      title: "over images",
      opset: 13,
      inputs: [f32("batch", 3, 4, 5)],
      bindings: { batch: 2 },
      outputs: [f32("batch", 3, 4, 5)],
      macs: 0,
      other: 120 * MVN_FLOPS,
    },
  ],
});

export const normalizationOps: readonly OpSpec[] = [
  batchNorm,
  layerNorm,
  rmsNorm,
  instanceNorm,
  groupNorm,
  lrn,
  lpNorm,
  meanVarianceNorm,
];
