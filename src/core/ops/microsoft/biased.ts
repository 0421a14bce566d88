import { ceilDiv } from "../../expr";
import type { Dim } from "../../facts/fact";
import { SOFTMAX_FLOPS } from "../conventions";
import { dividedBy, product, tensorFact } from "../dims";
import { f32, of } from "../example";
import { elementCost, flopsOf } from "../pricing";
import type { OpSpec } from "../spec";

/** A bias and what follows it, as the optimiser joins them. */

const NO_CPU = "Could not find an implementation";

const biasAdd: OpSpec = {
  domain: "com.microsoft",
  name: "BiasAdd",
  since: 1,
  inputs: ["X", "bias", "skip"],
  outputs: ["Y"],
  infer: (ctx) => ctx.output(0, tensorFact(ctx.input(0).dtype, ctx.input(0).shape ?? ctx.input(2).shape)),
  cost: (ctx) => elementCost(product(ctx.outputFact(0).shape), 2, "bias, residual", "exact"),
  examples: [
    {
      title: "with a residual",
      opset: 1,
      inputs: [f32("batch", 3, 8), f32(8), f32("batch", 3, 8)],
      bindings: { batch: 2 },
      outputs: [f32("batch", 3, 8)],
      macs: 0,
      other: 2 * 48,
      noKernel: NO_CPU,
    },
  ],
};

const biasSplitGelu: OpSpec = {
  domain: "com.microsoft",
  name: "BiasSplitGelu",
  since: 1,
  inputs: ["X", "bias"],
  outputs: ["Y"],
  infer(ctx) {
    const { shape, dtype } = ctx.input(0);
    ctx.output(0, tensorFact(dtype, shape && [...shape.slice(0, -1), dividedBy(shape.at(-1), 2)]));
  },
  cost: (ctx) =>
    elementCost(
      product(ctx.outputFact(0).shape),
      2 + flopsOf("Gelu") + 1,
      "two biases, Gelu of one half, product of both",
      "estimate",
    ),
  examples: [
    {
      title: "halves",
      opset: 1,
      inputs: [f32("batch", 3, 8), f32(8)],
      bindings: { batch: 2 },
      outputs: [f32("batch", 3, 4)],
      macs: 0,
      other: 24 * 13,
      noKernel: NO_CPU,
    },
  ],
};

const biasSoftmax: OpSpec = {
  domain: "com.microsoft",
  name: "BiasSoftmax",
  since: 1,
  inputs: ["data", "bias"],
  outputs: ["output"],
  infer: (ctx) => ctx.output(0, tensorFact(ctx.input(0).dtype, ctx.input(0).shape)),
  cost: (ctx) =>
    elementCost(
      product(ctx.input(0).shape),
      SOFTMAX_FLOPS + 1,
      "mask, max, subtract, exp, sum, divide",
      "estimate",
    ),
  examples: [
    {
      title: "a mask for all heads",
      opset: 1,
      inputs: [f32("batch", 2, 3, 3), f32("batch", 1, 3, 3)],
      attributes: { axis: 3, is_inner_broadcast: 1 },
      bindings: { batch: 2 },
      outputs: [f32("batch", 2, 3, 3)],
      macs: 0,
      other: 36 * (SOFTMAX_FLOPS + 1),
      noKernel: NO_CPU,
    },
  ],
};

interface Dropout {
  readonly name: string;
  readonly inputs: readonly string[];
  /** Bias and residual that are added. */
  readonly biased: boolean;
  /** The mask is bits in 32-bit words instead of booleans. */
  readonly packed: boolean;
}

/** Passes its input on when a model is run; bias and residual are added all the same. */
function dropout({ name, inputs, biased, packed }: Dropout): OpSpec {
  const words = (shape: readonly Dim[] | undefined): readonly Dim[] => {
    const count = product(shape);
    return [count === undefined ? undefined : ceilDiv(count, 32)];
  };
  return {
    domain: "com.microsoft",
    name,
    since: 1,
    inputs,
    outputs: ["output", "mask"],
    infer(ctx) {
      const { dtype, shape } = ctx.input(0);
      ctx.output(0, tensorFact(dtype, shape));
      ctx.output(1, tensorFact(packed ? "uint32" : "bool", packed ? words(shape) : shape));
    },
    cost(ctx) {
      const added = biased ? 1 + Number(ctx.hasInput(2)) : 0;
      return elementCost(product(ctx.input(0).shape), added, "bias, residual", "exact");
    },
    examples: [
      {
        title: "when a model is run",
        opset: 1,
        inputs: biased ? [f32("batch", 8), f32(8), f32("batch", 8)] : [f32("batch", 8)],
        bindings: { batch: 3 },
        outputs: [f32("batch", 8), packed ? of("uint32", "ceil(8*batch/32)") : of("bool", "batch", 8)],
        macs: 0,
        other: biased ? 48 : 0,
        noKernel: NO_CPU,
      },
    ],
  };
}

const BIASED = ["data", "bias", "residual", "ratio", "training_mode"];

export const microsoftBiasedOps: readonly OpSpec[] = [
  biasAdd,
  biasSplitGelu,
  biasSoftmax,
  dropout({ name: "BiasDropout", inputs: BIASED, biased: true, packed: false }),
  dropout({ name: "BitmaskBiasDropout", inputs: BIASED, biased: true, packed: true }),
  dropout({
    name: "BitmaskDropout",
    inputs: ["data", "ratio", "training_mode"],
    biased: false,
    packed: true,
  }),
];
