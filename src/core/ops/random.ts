import { dtypeFromCode } from "../tensor/dtype";
import { product, tensorFact } from "./dims";
import { f32, fed, of } from "./example";
import { elementCost } from "./pricing";
import type { OpSpec } from "./spec";

/** Drawing one number and comparing it: a stated constant, generators differ. */
const DRAW_FLOPS = 4;

const bernoulli: OpSpec = {
  domain: "",
  name: "Bernoulli",
  since: 15,
  inputs: ["input"],
  outputs: ["output"],
  infer(ctx) {
    const { dtype, shape } = ctx.input(0);
    const code = ctx.maybeInt("dtype");
    ctx.output(0, tensorFact(code === undefined ? dtype : dtypeFromCode(code), shape));
  },
  cost: (ctx) => elementCost(product(ctx.input(0).shape), DRAW_FLOPS, "drawing and comparing", "estimate"),
  examples: [
    {
      title: "type of the input",
      opset: 15,
      inputs: [f32("batch", 3)],
      bindings: { batch: 2 },
      outputs: [f32("batch", 3)],
      macs: 0,
      other: 6 * DRAW_FLOPS,
    },
    {
      title: "booleans",
      opset: 15,
      inputs: [f32(2, 3)],
      attributes: { dtype: 9 },
      outputs: [of("bool", 2, 3)],
    },
  ],
};

const multinomial: OpSpec = {
  domain: "",
  name: "Multinomial",
  since: 7,
  inputs: ["input"],
  outputs: ["output"],
  infer(ctx) {
    const shape = [ctx.input(0).shape?.[0], ctx.int("sample_size", 1)];
    ctx.output(0, tensorFact(dtypeFromCode(ctx.int("dtype", 6)), shape));
  },
  cost: (ctx) =>
    elementCost(product(ctx.outputFact(0).shape), DRAW_FLOPS, "drawing and comparing", "estimate"),
  examples: [
    {
      title: "tokens by their probabilities",
      opset: 7,
      inputs: [fed("float32", ["batch", 3], [0.1, 0.2, 0.3, 0.1, 0.2, 0.3])],
      attributes: { sample_size: 4 },
      bindings: { batch: 2 },
      outputs: [of("int32", "batch", 4)],
      macs: 0,
      other: 8 * DRAW_FLOPS,
    },
  ],
};

export const randomOps: readonly OpSpec[] = [bernoulli, multinomial];
