import { LOG_SOFTMAX_FLOPS, REDUCE_FLOPS, SOFTMAX_FLOPS } from "./conventions";
import { product, tensorFact } from "./dims";
import { f32 } from "./example";
import { IN_PLACE } from "./moving";
import { elementCost } from "./pricing";
import type { OpExample, OpSpec } from "./spec";

const examples = (flops: number): readonly OpExample[] => [
  {
    title: "attention probabilities",
    opset: 13,
    inputs: [f32("batch", 4, "n", "n")],
    attributes: { axis: -1 },
    bindings: { batch: 2, n: 3 },
    outputs: [f32("batch", 4, "n", "n")],
    macs: 0,
    other: 2 * 4 * 9 * flops,
  },
  { title: "flattening form before opset 13", opset: 11, inputs: [f32(2, 3, 4)], outputs: [f32(2, 3, 4)] },
  { title: "nothing", opset: 13, inputs: [f32(0, 4)], outputs: [f32(0, 4)], other: 0 },
];

function softmaxLike(name: string, flops: number, what: string): OpSpec {
  return {
    domain: "",
    name,
    since: 1,
    inputs: ["input"],
    outputs: ["output"],
    infer: (ctx) => ctx.output(0, tensorFact(ctx.input(0).dtype, ctx.input(0).shape)),
    cost: (ctx) => elementCost(product(ctx.input(0).shape), flops, what, "estimate"),
    ...(name === "Hardmax" ? {} : { reuses: IN_PLACE }),
    examples: examples(flops),
  };
}

export const softmaxOps: readonly OpSpec[] = [
  softmaxLike("Softmax", SOFTMAX_FLOPS, "max, subtract, exp, sum, divide"),
  softmaxLike("LogSoftmax", LOG_SOFTMAX_FLOPS, "max, subtract, exp, sum, log, subtract"),
  softmaxLike("Hardmax", REDUCE_FLOPS, "comparing"),
];
