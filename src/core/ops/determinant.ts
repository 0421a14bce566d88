import { dividedBy, product, tensorFact, times, words } from "./dims";
import { f32 } from "./example";
import { unknownCost } from "./pricing";
import type { OpSpec } from "./spec";

const det: OpSpec = {
  domain: "",
  name: "Det",
  since: 11,
  inputs: ["X"],
  outputs: ["Y"],
  infer: (ctx) => ctx.output(0, tensorFact(ctx.input(0).dtype, ctx.input(0).shape?.slice(0, -2))),
  cost(ctx) {
    const { shape } = ctx.input(0);
    const size = shape?.at(-1);
    const products = times(product(shape?.slice(0, -2)), size, size, size);
    if (products === undefined) {
      return unknownCost("the size of the matrices is not known");
    }
    const macs = dividedBy(products, 3);
    const rule = `n³/3 MACs of a triangular decomposition for matrices of ${words(size)} rows`;
    return { macs, other: 0, trust: "estimate", rule };
  },
  examples: [
    {
      title: "a batch of matrices",
      opset: 22,
      inputs: [f32("batch", 3, 3)],
      bindings: { batch: 2 },
      outputs: [f32("batch")],
      macs: 18,
      other: 0,
    },
  ],
};

export const determinantOps: readonly OpSpec[] = [det];
