import type { Dim } from "../../facts/fact";
import { product, tensorFact } from "../dims";
import { f32 } from "../example";
import { gemmAxes, gemmCost, gemmQuant, gemmShape } from "../gemm";
import { lastAxisQuant, matMulAxes, matMulCost, matMulShape } from "../matmul";
import { type Extra, flopsOf, perElement } from "../pricing";
import type { CostContext, OpContext, OpExample, OpSpec } from "../spec";

/** Axes of the matrix product of the operands at these inputs. */
export const axesOf = (ctx: OpContext, a: number, b: number) =>
  matMulAxes(ctx.input(a).shape, ctx.input(b).shape);

/** One FLOP per output element for a bias at this input. */
export function biasExtra(ctx: CostContext, bias: number): readonly Extra[] {
  return ctx.hasInput(bias)
    ? [perElement(product(ctx.outputFact(0).shape), 1, "adding the bias", false)]
    : [];
}

/** Shape of an operand of FusedMatMul as MatMul sees it: first axis moved behind the batch axes, last two swapped. */
function turned(
  shape: readonly Dim[] | undefined,
  batch: boolean,
  matrix: boolean,
): readonly Dim[] | undefined {
  if (shape === undefined || shape.length < 2) {
    return shape;
  }
  const moved = batch ? [...shape.slice(1, -1), shape[0], shape.at(-1)] : shape;
  return matrix ? [...moved.slice(0, -2), moved.at(-1), moved.at(-2)] : moved;
}

function fusedAxes(ctx: OpContext) {
  const flag = (name: string): boolean => ctx.int(name, 0) !== 0;
  return matMulAxes(
    turned(ctx.input(0).shape, flag("transBatchA"), flag("transA")),
    turned(ctx.input(1).shape, flag("transBatchB"), flag("transB")),
  );
}

/** FusedMatMul, and TransposeMatMul as it was called before. */
function fusedMatMul(name: string, more: readonly OpExample[] = []): OpSpec {
  return {
    domain: "com.microsoft",
    name,
    since: 1,
    inputs: ["A", "B"],
    outputs: ["Y"],
    infer(ctx) {
      ctx.output(0, tensorFact(ctx.input(0).dtype ?? ctx.input(1).dtype, matMulShape(fusedAxes(ctx))));
    },
    cost(ctx) {
      const scaled = ctx.float("alpha", 1) !== 1;
      const outputs = product(ctx.outputFact(0).shape);
      return matMulCost(fusedAxes(ctx), scaled ? [perElement(outputs, 1, "scaling by alpha", false)] : []);
    },
    quant: {
      weight: 1,
      channelAxis(ctx) {
        const rank = ctx.input(1).shape?.length;
        const plain = ctx.int("transBatchB", 0) === 0;
        return rank === undefined || rank < 2 || !plain
          ? undefined
          : rank - (ctx.int("transB", 0) !== 0 ? 2 : 1);
      },
    },
    examples: [
      {
        title: "scaled scores of attention",
        opset: 1,
        inputs: [f32("batch", 2, "n", 4), f32("batch", 2, "m", 4)],
        attributes: { transB: 1, alpha: 0.5 },
        bindings: { batch: 2, n: 3, m: 5 },
        outputs: [f32("batch", 2, "n", "m")],
        macs: 2 * 2 * 15 * 4,
        other: 60,
      },
      ...more,
      {
        title: "both transposed",
        opset: 1,
        inputs: [f32(4, "n"), f32(5, 4)],
        attributes: { transA: 1, transB: 1 },
        bindings: { n: 3 },
        outputs: [f32("n", 5)],
        macs: 60,
      },
    ],
  };
}

/** As FusedMatMul, with an activation at the end; its example is that of a product, since no CPU kernel runs it. */
const fusedMatMulActivation: OpSpec = {
  ...fusedMatMul("FusedMatMulActivation"),
  cost(ctx) {
    const activation = ctx.string("activation", "");
    const outputs = product(ctx.outputFact(0).shape);
    return matMulCost(fusedAxes(ctx), [
      perElement(ctx.float("alpha", 1) === 1 ? 0 : outputs, 1, "scaling by alpha", false),
      perElement(outputs, flopsOf(activation), activation),
    ]);
  },
  examples: [
    {
      title: "with Relu",
      opset: 1,
      inputs: [f32("batch", "n", 4), f32(4, 5)],
      attributes: { activation: "Relu" },
      bindings: { batch: 2, n: 3 },
      outputs: [f32("batch", "n", 5)],
      macs: 120,
      other: 30,
      noKernel: "Could not find an implementation",
    },
  ],
};

const fusedGemm: OpSpec = {
  domain: "com.microsoft",
  name: "FusedGemm",
  since: 1,
  inputs: ["A", "B", "C"],
  outputs: ["Y"],
  infer(ctx) {
    ctx.output(0, tensorFact(ctx.input(0).dtype ?? ctx.input(1).dtype, gemmShape(gemmAxes(ctx, 0, 1))));
  },
  cost(ctx) {
    const activation = ctx.string("activation", "");
    const outputs = product(ctx.outputFact(0).shape);
    return gemmCost(ctx, [0, 1, 2], [perElement(outputs, flopsOf(activation), activation)]);
  },
  quant: gemmQuant(1),
  examples: [
    {
      title: "with Relu",
      opset: 1,
      inputs: [f32("batch", 4), f32(5, 4), f32(5)],
      attributes: { transB: 1, activation: "Relu" },
      bindings: { batch: 3 },
      outputs: [f32("batch", 5)],
      macs: 60,
      other: 15 + 15 * flopsOf("Relu"),
    },
  ],
};

const gemmFastGelu: OpSpec = {
  domain: "com.microsoft",
  name: "GemmFastGelu",
  since: 1,
  inputs: ["X", "W", "bias"],
  outputs: ["Y"],
  infer: (ctx) => ctx.output(0, tensorFact(ctx.input(0).dtype, matMulShape(axesOf(ctx, 0, 1)))),
  cost(ctx) {
    const outputs = product(ctx.outputFact(0).shape);
    const gelu = perElement(outputs, flopsOf("FastGelu"), "Gelu by tanh");
    return matMulCost(axesOf(ctx, 0, 1), [...biasExtra(ctx, 2), gelu]);
  },
  quant: lastAxisQuant(1),
  examples: [
    {
      title: "with bias",
      opset: 1,
      inputs: [f32("batch", 3, 4), f32(4, 5), f32(5)],
      bindings: { batch: 2 },
      outputs: [f32("batch", 3, 5)],
      macs: 120,
      other: 30 + 30 * flopsOf("FastGelu"),
      noKernel: "Could not find an implementation for GemmFastGelu(1)",
    },
  ],
};

export const microsoftMatMulOps: readonly OpSpec[] = [
  fusedMatMul("FusedMatMul", [
    {
      title: "first axis moved behind the batch",
      opset: 1,
      inputs: [f32(3, 2, "n", 4), f32(2, "n", 4, 5)],
      attributes: { transBatchA: 1 },
      bindings: { n: 6 },
      outputs: [f32(2, "n", 3, 5)],
      macs: 2 * 6 * 3 * 5 * 4,
      other: 0,
    },
  ]),
  fusedMatMul("TransposeMatMul"),
  fusedMatMulActivation,
  fusedGemm,
  gemmFastGelu,
];
