import type { Dim } from "../facts/fact";
import { checkSame } from "./agree";
import { contraction } from "./contraction";
import { firstKnown, product, tensorFact, times } from "./dims";
import { f32 } from "./example";
import { type Extra, perElement } from "./pricing";
import type { OpContext, OpCost, OpSpec, QuantSpec } from "./spec";

interface GemmAxes {
  readonly rows: Dim;
  readonly columns: Dim;
  readonly inner: Dim;
}

/** Axes of op(A)×op(B) for the operands at these inputs, by transA and transB. */
export function gemmAxes(ctx: OpContext, a: number, b: number): GemmAxes {
  const left = ctx.input(a).shape;
  const right = ctx.input(b).shape;
  const transA = ctx.int("transA", 0) !== 0;
  const transB = ctx.int("transB", 0) !== 0;
  return {
    rows: left?.[transA ? 1 : 0],
    columns: right?.[transB ? 0 : 1],
    inner: firstKnown(left?.[transA ? 0 : 1], right?.[transB ? 1 : 0]),
  };
}

export const gemmShape = ({ rows, columns }: GemmAxes): readonly Dim[] => [rows, columns];

/** Price of alpha·A'×B' + beta·C, C being the input `c`; scaling by 1 costs nothing. */
export function gemmCost(
  ctx: OpContext,
  [a, b, c]: readonly [number, number, number],
  extras: readonly Extra[] = [],
): OpCost {
  const axes = gemmAxes(ctx, a, b);
  const outputs = times(axes.rows, axes.columns);
  const own: Extra[] = [];
  if (ctx.float("alpha", 1) !== 1) {
    own.push(perElement(outputs, 1, "scaling by alpha", false));
  }
  if (ctx.hasInput(c)) {
    own.push(perElement(outputs, 1, "adding the bias", false));
    if (ctx.float("beta", 1) !== 1) {
      own.push(perElement(product(ctx.input(c).shape), 1, "scaling the bias by beta", false));
    }
  }
  return contraction({ kept: gemmShape(axes), summed: [axes.inner], extras: [...own, ...extras] });
}

/** Weights in `input`, one output channel per column, or per row under transB. */
export function gemmQuant(input: number): QuantSpec {
  return { weight: input, channelAxis: (ctx) => (ctx.int("transB", 0) !== 0 ? 0 : 1) };
}

const gemm: OpSpec = {
  domain: "",
  name: "Gemm",
  since: 1,
  inputs: ["A", "B", "C"],
  outputs: ["Y"],
  infer(ctx) {
    const axes = gemmAxes(ctx, 0, 1);
    const [a, b] = [ctx.input(0).shape, ctx.input(1).shape];
    checkSame(
      ctx,
      a?.[ctx.int("transA", 0) !== 0 ? 0 : 1],
      b?.[ctx.int("transB", 0) !== 0 ? 1 : 0],
      "columns of A and rows of B differ",
    );
    ctx.output(0, tensorFact(ctx.input(0).dtype ?? ctx.input(1).dtype, gemmShape(axes)));
  },
  cost: (ctx) => gemmCost(ctx, [0, 1, 2]),
  quant: gemmQuant(1),
  examples: [
    {
      title: "a linear layer as exported: transposed weight and bias",
      opset: 13,
      inputs: [f32("batch", 8), f32(4, 8), f32(4)],
      attributes: { transB: 1 },
      bindings: { batch: 3 },
      outputs: [f32("batch", 4)],
      macs: 3 * 4 * 8,
      other: 12,
    },
    {
      title: "no bias, first operand transposed",
      opset: 11,
      inputs: [f32(8, "n"), f32(8, 4)],
      attributes: { transA: 1 },
      bindings: { n: 3 },
      outputs: [f32("n", 4)],
      macs: 96,
      other: 0,
    },
    {
      title: "scaled by alpha and beta",
      opset: 13,
      inputs: [f32(3, 8), f32(8, 4), f32(1, 4)],
      attributes: { alpha: 0.5, beta: { float: 2 } },
      outputs: [f32(3, 4)],
      macs: 96,
      other: 12 + 12 + 4,
    },
    {
      title: "scalar bias",
      opset: 9,
      inputs: [f32(2, 3), f32(3, 2), f32()],
      outputs: [f32(2, 2)],
      macs: 12,
      other: 4,
    },
  ],
};

export const gemmOps: readonly OpSpec[] = [gemm];
