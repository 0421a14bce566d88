import type { Dim, Fact } from "../facts/fact";
import { checkBroadcast } from "./agree";
import { contraction } from "./contraction";
import { QUANTIZE_FLOPS } from "./conventions";
import { broadcastDims, firstKnown, product, tensorFact, words } from "./dims";
import { constant, f32, of } from "./example";
import { type Extra, perElement, unknownCost } from "./pricing";
import type { InferContext, OpContext, OpCost, OpSpec, QuantSpec } from "./spec";

/** How the axes of a matrix product are called, NumPy rules for 1-D operands included. */
export interface MatMulAxes {
  readonly batch: readonly Dim[];
  /** Absent axes (a 1-D operand) are left out of the output. */
  readonly rows: readonly Dim[];
  readonly columns: readonly Dim[];
  readonly inner: Dim;
}

/** Axes of A×B under NumPy's rules; undefined when a rank is unknown or 0. */
export function matMulAxes(
  a: readonly Dim[] | undefined,
  b: readonly Dim[] | undefined,
): MatMulAxes | undefined {
  if (a === undefined || b === undefined || a.length === 0 || b.length === 0) {
    return undefined;
  }
  return {
    batch: broadcastDims(a.slice(0, -2), b.slice(0, -2)) ?? [],
    rows: a.length === 1 ? [] : [a.at(-2)],
    columns: b.length === 1 ? [] : [b.at(-1)],
    inner: firstKnown(a.at(-1), b.length === 1 ? b[0] : b.at(-2)),
  };
}

export function matMulShape(axes: MatMulAxes | undefined): readonly Dim[] | undefined {
  return axes && [...axes.batch, ...axes.rows, ...axes.columns];
}

/** Price of a matrix product with these axes; unknown when they are. */
export function matMulCost(axes: MatMulAxes | undefined, extras: readonly Extra[] = []): OpCost {
  if (axes === undefined) {
    return unknownCost("shapes of the operands are not known");
  }
  const { batch, rows, columns, inner } = axes;
  return contraction({ kept: [...batch, ...rows, ...columns], summed: [inner], extras });
}

/** Reports operands whose summed axes cannot be multiplied. */
export function checkInner(ctx: InferContext, a: Fact, b: Fact): void {
  const left = a.shape?.at(-1);
  const right = b.shape?.length === 1 ? b.shape[0] : b.shape?.at(-2);
  if (typeof left === "number" && typeof right === "number" && left !== right) {
    ctx.problem(`the operands do not fit: A has ${words(left)} columns and B has ${words(right)} rows`);
  }
}

/** Reports operands whose axes in front of the matrices do not broadcast. */
function checkBatch(ctx: InferContext, a: Fact, b: Fact): void {
  const inFront = ({ shape }: Fact): Fact => (shape === undefined ? {} : { shape: shape.slice(0, -2) });
  checkBroadcast(ctx, [inFront(a), inFront(b)]);
}

/** Weights in `input` with one output channel per slice of the last axis, as MatMul's second operand. */
export function lastAxisQuant(input: number): QuantSpec {
  return {
    weight: input,
    channelAxis(ctx) {
      const rank = ctx.input(input).shape?.length ?? ctx.tensor(input)?.dims.length;
      return rank === undefined || rank < 2 ? undefined : rank - 1;
    },
  };
}

const axesOf = (ctx: OpContext, a: number, b: number) => matMulAxes(ctx.input(a).shape, ctx.input(b).shape);

/** FLOPs that subtract a zero point from each element of an operand. */
export function zeroPointExtra(ctx: OpContext, zeroPoint: number, operand: number): readonly Extra[] {
  return ctx.hasInput(zeroPoint)
    ? [perElement(product(ctx.input(operand).shape), 1, "subtracting a zero point", false)]
    : [];
}

/** FLOPs that turn each int32 sum into a quantised output element. */
export function requantizeExtra(elements: Dim): Extra {
  return perElement(elements, QUANTIZE_FLOPS, "requantising the output");
}

const matMul: OpSpec = {
  domain: "",
  name: "MatMul",
  since: 1,
  inputs: ["A", "B"],
  outputs: ["Y"],
  infer(ctx) {
    const [a, b] = [ctx.input(0), ctx.input(1)];
    checkInner(ctx, a, b);
    checkBatch(ctx, a, b);
    ctx.output(0, tensorFact(a.dtype ?? b.dtype, matMulShape(matMulAxes(a.shape, b.shape))));
  },
  cost: (ctx) => matMulCost(axesOf(ctx, 0, 1)),
  quant: lastAxisQuant(1),
  examples: [
    {
      title: "a batch of rows times one weight",
      opset: 13,
      inputs: [f32("batch", "sequence", 8), f32(8, 6)],
      bindings: { batch: 2, sequence: 3 },
      outputs: [f32("batch", "sequence", 6)],
      macs: 2 * 3 * 6 * 8,
      other: 0,
    },
    {
      title: "scores of attention: both operands batched",
      opset: 13,
      inputs: [f32("batch", 4, "n", 16), f32("batch", 4, 16, "m")],
      bindings: { batch: 2, n: 3, m: 5 },
      outputs: [f32("batch", 4, "n", "m")],
      macs: 2 * 4 * 3 * 5 * 16,
    },
    {
      title: "batch axes broadcast both ways",
      opset: 9,
      inputs: [f32(3, 1, 2, 5), f32(4, 5, 6)],
      outputs: [f32(3, 4, 2, 6)],
      macs: 3 * 4 * 2 * 6 * 5,
    },
    { title: "vector times matrix", opset: 13, inputs: [f32(5), f32(5, 6)], outputs: [f32(6)], macs: 30 },
    {
      title: "batched matrix times vector",
      opset: 13,
      inputs: [f32(2, 3, 5), f32(5)],
      outputs: [f32(2, 3)],
      macs: 30,
    },
    {
      title: "inner product",
      opset: 13,
      inputs: [f32("k"), f32("k")],
      bindings: { k: 7 },
      outputs: [f32()],
      macs: 7,
    },
    { title: "no rows", opset: 13, inputs: [f32(0, 4), f32(4, 3)], outputs: [f32(0, 3)], macs: 0 },
    {
      title: "integers",
      opset: 13,
      inputs: [of("int64", 2, 3), of("int64", 3, 2)],
      outputs: [of("int64", 2, 2)],
      macs: 12,
    },
  ],
};

const matMulInteger: OpSpec = {
  domain: "",
  name: "MatMulInteger",
  since: 10,
  inputs: ["A", "B", "a_zero_point", "b_zero_point"],
  outputs: ["Y"],
  infer(ctx) {
    checkInner(ctx, ctx.input(0), ctx.input(1));
    ctx.output(0, tensorFact("int32", matMulShape(axesOf(ctx, 0, 1))));
  },
  cost: (ctx) => matMulCost(axesOf(ctx, 0, 1), [...zeroPointExtra(ctx, 2, 0), ...zeroPointExtra(ctx, 3, 1)]),
  examples: [
    {
      title: "without zero points",
      opset: 10,
      inputs: [of("uint8", "n", 4), of("int8", 4, 3)],
      bindings: { n: 2 },
      outputs: [of("int32", "n", 3)],
      macs: 24,
      other: 0,
    },
    {
      title: "zero points of both operands",
      opset: 10,
      inputs: [
        of("uint8", 2, 5, 4),
        of("uint8", 4, 3),
        constant("uint8", [], [3]),
        constant("uint8", [3], [1, 2, 3]),
      ],
      outputs: [of("int32", 2, 5, 3)],
      macs: 120,
      other: 40 + 12,
    },
  ],
};

const qLinearMatMul: OpSpec = {
  domain: "",
  name: "QLinearMatMul",
  since: 10,
  inputs: ["a", "a_scale", "a_zero_point", "b", "b_scale", "b_zero_point", "y_scale", "y_zero_point"],
  outputs: ["y"],
  infer(ctx) {
    checkInner(ctx, ctx.input(0), ctx.input(3));
    ctx.output(0, tensorFact(ctx.input(7).dtype, matMulShape(axesOf(ctx, 0, 3))));
  },
  cost(ctx) {
    const axes = axesOf(ctx, 0, 3);
    return matMulCost(axes, [
      ...zeroPointExtra(ctx, 2, 0),
      ...zeroPointExtra(ctx, 5, 3),
      requantizeExtra(product(matMulShape(axes))),
    ]);
  },
  examples: [
    {
      title: "per tensor",
      opset: 10,
      inputs: [
        of("uint8", "n", 4),
        constant("float32", [], [0.5]),
        constant("uint8", [], [1]),
        of("uint8", 4, 3),
        constant("float32", [], [0.25]),
        constant("uint8", [], [2]),
        constant("float32", [], [0.5]),
        constant("uint8", [], [0]),
      ],
      bindings: { n: 2 },
      outputs: [of("uint8", "n", 3)],
      macs: 24,
      other: 8 + 12 + QUANTIZE_FLOPS * 6,
    },
    {
      title: "int8 weight with a scale per column",
      opset: 21,
      inputs: [
        of("uint8", 2, 4),
        constant("float32", [], [0.5]),
        constant("uint8", [], [128]),
        of("int8", 4, 3),
        constant("float32", [3], [0.25, 0.5, 0.125]),
        constant("int8", [3], [0, 0, 0]),
        constant("float32", [], [0.5]),
        constant("uint8", [], [0]),
      ],
      outputs: [of("uint8", 2, 3)],
      macs: 24,
    },
  ],
};

export const matmulOps: readonly OpSpec[] = [matMul, matMulInteger, qLinearMatMul];
