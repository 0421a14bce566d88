import type { Fact } from "../facts/fact";
import { plus, product, tensorFact } from "./dims";
import { f32, fed } from "./example";
import { elementCost, unknownCost } from "./pricing";
import type { InferContext, OpSpec } from "./spec";

const DOMAIN = "ai.onnx.preview.training";

/** Learning rate and update count come first; then, for each kind of state, one tensor for each optimised tensor. */
interface Optimizer {
  readonly name: string;
  /** Kinds of tensors: the optimised ones, their gradients, and what the algorithm keeps. */
  readonly kinds: number;
  readonly flops: number;
  readonly what: string;
}

const FIRST = 2;

function optimizer({ name, kinds, flops, what }: Optimizer): OpSpec {
  const states = kinds - 2;
  const tensors = (ctx: { readonly inputCount: number }): number =>
    Math.floor((ctx.inputCount - FIRST) / kinds);
  return {
    domain: DOMAIN,
    name,
    since: 1,
    inputs: ["R", "T", "inputs"],
    outputs: ["outputs"],
    infer(ctx) {
      const count = tensors(ctx);
      // The gradients, the second kind, have no updated form.
      const kept = [0, ...Array.from({ length: states }, (_, i) => i + 2)];
      kept.forEach((kind, at) => {
        for (let i = 0; i < count; i++) {
          const { dtype, shape } = ctx.input(FIRST + kind * count + i);
          ctx.output(at * count + i, tensorFact(dtype, shape));
        }
      });
    },
    cost(ctx) {
      const elements = Array.from({ length: tensors(ctx) }, (_, i) => product(ctx.input(FIRST + i).shape));
      return elementCost(plus(...elements), flops, what, "estimate");
    },
    examples: [
      {
        title: "two tensors",
        opset: 1,
        inputs: [
          f32(),
          fed("int64", [], [1]),
          ...Array.from({ length: kinds }, () => [f32("n", 3), f32(4)]).flat(),
        ],
        attributes: {
          alpha: { float: 0.9 },
          beta: { float: 0.1 },
          mode: "standard",
          norm_coefficient: { float: 0 },
        },
        bindings: { n: 2 },
        outputs: Array.from({ length: states + 1 }, () => [f32("n", 3), f32(4)]).flat(),
        macs: 0,
        other: 10 * flops,
        noKernel: "is not a registered function/op",
      },
    ],
  };
}

/** Facts of the tensors that are differentiated by come first among the inputs, in the order of `xs`. */
function inferGradient(ctx: InferContext): void {
  const count = ctx.strings("xs")?.length ?? 0;
  for (let i = 0; i < Math.min(count, ctx.outputCount); i++) {
    const { dtype, shape }: Fact = ctx.input(i);
    ctx.output(i, tensorFact(dtype, shape));
  }
}

const gradient: OpSpec = {
  domain: DOMAIN,
  name: "Gradient",
  since: 1,
  inputs: ["inputs"],
  outputs: ["outputs"],
  infer: inferGradient,
  cost: () => unknownCost("a gradient costs what the graph it goes through asks"),
  examples: [
    {
      title: "by one of two inputs",
      opset: 1,
      inputs: [f32("n", 3), f32(4)],
      attributes: { xs: ["W"], zs: ["X"], y: "Y" },
      bindings: { n: 2 },
      outputs: [f32("n", 3)],
      noKernel: "is not a registered function/op",
    },
  ],
};

export const trainingOps: readonly OpSpec[] = [
  optimizer({ name: "Adagrad", kinds: 3, flops: 10, what: "regularise, square, root, divide, step" }),
  optimizer({ name: "Momentum", kinds: 3, flops: 6, what: "regularise, momentum, step" }),
  optimizer({ name: "Adam", kinds: 4, flops: 14, what: "regularise, two moments, root, divide, step" }),
  gradient,
];
