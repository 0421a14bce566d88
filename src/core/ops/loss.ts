import type { Dim } from "../facts/fact";
import { LOG_SOFTMAX_FLOPS } from "./conventions";
import { product, tensorFact } from "./dims";
import { f32, fed } from "./example";
import { elementCost, perElement, withExtras } from "./pricing";
import type { OpContext, OpSpec } from "./spec";

/** A scalar, or one loss per target when nothing reduces them. */
function lossShape(ctx: OpContext): readonly Dim[] | undefined {
  if (ctx.string("reduction", "mean") !== "none") {
    return [];
  }
  const scores = ctx.input(0).shape;
  return ctx.input(1).shape ?? (scores && [scores[0], ...scores.slice(2)]);
}

/** Per target: the weight, the sign and the sum. */
const LOSS_FLOPS = 3;
const LOSS_WORDS = "weighing and summing the losses";

const negativeLogLikelihood: OpSpec = {
  domain: "",
  name: "NegativeLogLikelihoodLoss",
  since: 12,
  inputs: ["input", "target", "weight"],
  outputs: ["loss"],
  infer: (ctx) => ctx.output(0, tensorFact(ctx.input(0).dtype, lossShape(ctx))),
  cost: (ctx) => elementCost(product(ctx.input(1).shape), LOSS_FLOPS, LOSS_WORDS, "estimate"),
  examples: [
    {
      title: "mean",
      opset: 13,
      inputs: [f32("batch", 4), fed("int64", ["batch"], [0, 3, 1])],
      bindings: { batch: 3 },
      outputs: [f32()],
      macs: 0,
      other: 3 * LOSS_FLOPS,
    },
    {
      title: "one for each target",
      opset: 13,
      inputs: [f32("batch", 4, 2), fed("int64", ["batch", 2], [0, 3, 1, 0])],
      attributes: { reduction: "none" },
      bindings: { batch: 2 },
      outputs: [f32("batch", 2)],
    },
  ],
};

const softmaxCrossEntropy: OpSpec = {
  domain: "",
  name: "SoftmaxCrossEntropyLoss",
  since: 12,
  inputs: ["scores", "labels", "weights"],
  outputs: ["output", "log_prob"],
  infer(ctx) {
    const { dtype, shape } = ctx.input(0);
    ctx.output(0, tensorFact(dtype, lossShape(ctx)));
    ctx.output(1, tensorFact(dtype, shape));
  },
  cost: (ctx) =>
    withExtras(
      elementCost(
        product(ctx.input(0).shape),
        LOG_SOFTMAX_FLOPS,
        "max, subtract, exp, sum, log, subtract",
        "estimate",
      ),
      [perElement(product(ctx.input(1).shape), LOSS_FLOPS, LOSS_WORDS)],
    ),
  examples: [
    {
      title: "with the logarithms of the probabilities",
      opset: 13,
      inputs: [f32("batch", 4), fed("int64", ["batch"], [0, 3, 1])],
      bindings: { batch: 3 },
      outputs: [f32(), f32("batch", 4)],
      macs: 0,
      other: 12 * LOG_SOFTMAX_FLOPS + 3 * LOSS_FLOPS,
    },
  ],
};

export const lossOps: readonly OpSpec[] = [negativeLogLikelihood, softmaxCrossEntropy];
