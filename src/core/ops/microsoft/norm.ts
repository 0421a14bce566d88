import { LAYER_NORM_FLOPS, RMS_NORM_FLOPS } from "../conventions";
import { tensorFact } from "../dims";
import { f32 } from "../example";
import { inferNorm, LAYER_NORM_WORDS, normCost, RMS_NORM_WORDS } from "../normalization";
import { flopsOf } from "../pricing";
import type { InferContext, OpExample, OpSpec } from "../spec";

/** A residual sum and its normalisation in one node; the sum itself is an optional output. */
interface SkipNorm {
  readonly name: string;
  readonly inputs: readonly string[];
  readonly bias: number;
  readonly flops: number;
  readonly what: string;
  readonly examples: readonly OpExample[];
}

function inferSkip(ctx: InferContext): void {
  const x = ctx.input(0);
  const last = x.shape?.map((dim, axis) => (axis + 1 === x.shape?.length ? 1 : dim));
  ctx.output(0, tensorFact(x.dtype, x.shape));
  ctx.output(1, tensorFact("float32", last));
  ctx.output(2, tensorFact("float32", last));
  ctx.output(3, tensorFact(x.dtype, x.shape));
}

function skipNorm({ name, inputs, bias, flops, what, examples }: SkipNorm): OpSpec {
  return {
    domain: "com.microsoft",
    name,
    since: 1,
    inputs,
    outputs: ["output", "mean", "inv_std_var", "input_skip_bias_sum"],
    infer: inferSkip,
    cost: (ctx) =>
      normCost(
        ctx,
        flops + (ctx.hasInput(bias) ? 2 : 1),
        `${ctx.hasInput(bias) ? "two sums" : "sum"}, ${what}`,
      ),
    examples,
  };
}

const skipLayerNorm = skipNorm({
  name: "SkipLayerNormalization",
  inputs: ["input", "skip", "gamma", "beta", "bias"],
  bias: 4,
  flops: LAYER_NORM_FLOPS,
  what: LAYER_NORM_WORDS,
  examples: [
    {
      title: "with bias and the sum as an output",
      opset: 1,
      inputs: [f32("batch", "n", 8), f32("batch", "n", 8), f32(8), f32(8), f32(8)],
      bindings: { batch: 2, n: 3 },
      outputs: [f32("batch", "n", 8), null, null, f32("batch", "n", 8)],
      macs: 0,
      other: 48 * (LAYER_NORM_FLOPS + 2),
    },
    {
      title: "skip broadcast over the batch",
      opset: 1,
      inputs: [f32("batch", 3, 8), f32(1, 3, 8), f32(8)],
      bindings: { batch: 2 },
      outputs: [f32("batch", 3, 8)],
      other: 48 * (LAYER_NORM_FLOPS + 1),
    },
  ],
});

const skipSimplified = skipNorm({
  name: "SkipSimplifiedLayerNormalization",
  inputs: ["input", "skip", "gamma", "bias"],
  bias: 3,
  flops: RMS_NORM_FLOPS,
  what: RMS_NORM_WORDS,
  examples: [
    {
      title: "with the sum as an output",
      opset: 1,
      inputs: [f32("batch", "n", 8), f32("batch", "n", 8), f32(8)],
      bindings: { batch: 2, n: 3 },
      outputs: [f32("batch", "n", 8), null, null, f32("batch", "n", 8)],
      macs: 0,
      other: 48 * (RMS_NORM_FLOPS + 1),
    },
  ],
});

/** Root-mean-square normalisation as exporters wrote it before RMSNormalization; onnxruntime keeps it in domain "". */
function simplifiedLayerNorm(domain: string, opset: number): OpSpec {
  return {
    domain,
    name: "SimplifiedLayerNormalization",
    since: 1,
    inputs: ["X", "scale"],
    outputs: ["Y", "inv_std_var"],
    infer: (ctx) => inferNorm(ctx, [1]),
    cost: (ctx) => normCost(ctx, RMS_NORM_FLOPS, RMS_NORM_WORDS),
    examples: [
      {
        title: "both outputs",
        opset,
        inputs: [f32("batch", "n", 8), f32(8)],
        attributes: { axis: -1 },
        bindings: { batch: 2, n: 3 },
        outputs: [f32("batch", "n", 8), f32("batch", "n", 1)],
        macs: 0,
        other: 48 * RMS_NORM_FLOPS,
        ...(domain === "" ? {} : { noKernel: "is not a registered function/op" }),
      },
    ],
  };
}

/** Group normalisation with channels last, as diffusion models are fused; activation 1 is SiLU. */
function groupNorm(name: string, skip: boolean): OpSpec {
  const silu = flopsOf("Sigmoid") + flopsOf("Mul");
  const inputs = ["X", "gamma", "beta"];
  return {
    domain: "com.microsoft",
    name,
    since: 1,
    inputs: skip ? [...inputs, "skip", "bias"] : inputs,
    outputs: skip ? ["Y", "S"] : ["Y"],
    infer(ctx) {
      ctx.output(0, tensorFact(ctx.input(0).dtype, ctx.input(0).shape));
      if (skip) {
        ctx.output(1, tensorFact(ctx.input(0).dtype, ctx.input(0).shape));
      }
    },
    cost(ctx) {
      const sums = skip ? (ctx.hasInput(4) ? 2 : 1) : 0;
      const activation = ctx.int("activation", 0) === 1 ? silu : 0;
      return normCost(ctx, LAYER_NORM_FLOPS + sums + activation, `sums, ${LAYER_NORM_WORDS}, activation`);
    },
    examples: [
      {
        title: "two groups and SiLU",
        opset: 1,
        inputs: [f32("batch", 3, 5, 4), f32(4), f32(4), ...(skip ? [f32("batch", 3, 5, 4)] : [])],
        attributes: { groups: 2, activation: 1, epsilon: 0.00001 },
        bindings: { batch: 2 },
        outputs: [f32("batch", 3, 5, 4)],
        macs: 0,
        other: 120 * (LAYER_NORM_FLOPS + silu + (skip ? 1 : 0)),
        noKernel: `Could not find an implementation for ${name}(1)`,
      },
    ],
  };
}

export const microsoftNormOps: readonly OpSpec[] = [
  skipLayerNorm,
  skipSimplified,
  simplifiedLayerNorm("", 17),
  simplifiedLayerNorm("com.microsoft", 1),
  groupNorm("GroupNorm", false),
  groupNorm("SkipGroupNorm", true),
];
