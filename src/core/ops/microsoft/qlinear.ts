import type { Dim } from "../../facts/fact";
import { DEQUANTIZE_FLOPS, QUANTIZE_FLOPS, REDUCE_FLOPS, SOFTMAX_FLOPS } from "../conventions";
import { axisIndex, broadcastDims, plus, product, tensorFact } from "../dims";
import { constant, of } from "../example";
import { poolShape } from "../pooling";
import { elementCost, flopsOf, perElement, withExtras } from "../pricing";
import type { ExampleInput, OpContext, OpCost, OpExample, OpSpec } from "../spec";

/** Operators of com.microsoft that read and write quantised tensors: dequantise, compute, quantise again. */

const scale = constant("float32", [], [0.5]);
const zero = constant("uint8", [], [128]);
const quantised = (...shape: readonly (number | string)[]): readonly ExampleInput[] => [
  of("uint8", ...shape),
  scale,
  zero,
];

/** FLOPs of `flops` per output element, between reading `read` quantised elements and writing the output. */
function quantisedCost(outputs: Dim, read: Dim, flops: number, what: string): OpCost {
  return withExtras(elementCost(outputs, flops + QUANTIZE_FLOPS, `${what}, quantise`, "estimate"), [
    perElement(read, DEQUANTIZE_FLOPS, "dequantising what is read", false),
  ]);
}

interface Unary {
  readonly name: string;
  readonly flops: number;
  readonly what: string;
  readonly attributes?: OpExample["attributes"];
}

function unary({ name, flops, what, attributes }: Unary): OpSpec {
  return {
    domain: "com.microsoft",
    name,
    since: 1,
    inputs: ["X", "X_scale", "X_zero_point", "Y_scale", "Y_zero_point"],
    outputs: ["Y"],
    infer: (ctx) => ctx.output(0, tensorFact(ctx.input(0).dtype, ctx.input(0).shape)),
    cost(ctx) {
      const elements = product(ctx.input(0).shape);
      return quantisedCost(elements, elements, flops, what);
    },
    examples: [
      {
        title: "uint8",
        opset: 1,
        inputs: [...quantised("batch", 4), scale, zero],
        bindings: { batch: 3 },
        outputs: [of("uint8", "batch", 4)],
        macs: 0,
        other: 12 * (flops + QUANTIZE_FLOPS + DEQUANTIZE_FLOPS),
        ...(attributes === undefined ? {} : { attributes }),
      },
    ],
  };
}

function binary(name: string, what: string): OpSpec {
  const shape = (ctx: OpContext) => broadcastDims(ctx.input(0).shape, ctx.input(3).shape);
  return {
    domain: "com.microsoft",
    name,
    since: 1,
    inputs: ["A", "A_scale", "A_zero_point", "B", "B_scale", "B_zero_point", "C_scale", "C_zero_point"],
    outputs: ["C"],
    infer: (ctx) => ctx.output(0, tensorFact(ctx.input(0).dtype ?? ctx.input(3).dtype, shape(ctx))),
    cost(ctx) {
      const read = plus(product(ctx.input(0).shape), product(ctx.input(3).shape));
      return quantisedCost(product(ctx.outputFact(0).shape), read, 1, what);
    },
    examples: [
      {
        title: "broadcast",
        opset: 1,
        inputs: [...quantised("batch", 4), ...quantised(4), scale, zero],
        bindings: { batch: 3 },
        outputs: [of("uint8", "batch", 4)],
        macs: 0,
        other: 12 * (1 + QUANTIZE_FLOPS) + 16 * DEQUANTIZE_FLOPS,
      },
    ],
  };
}

const channelsLast = (ctx: OpContext): boolean => ctx.int("channels_last", 0) !== 0;

const globalAveragePool: OpSpec = {
  domain: "com.microsoft",
  name: "QLinearGlobalAveragePool",
  since: 1,
  inputs: ["X", "x_scale", "x_zero_point", "y_scale", "y_zero_point"],
  outputs: ["Y"],
  infer(ctx) {
    const shape = ctx.input(0).shape;
    const channel = channelsLast(ctx) ? (shape?.length ?? 0) - 1 : 1;
    const pooled = shape?.map((dim, axis) => (axis === 0 || axis === channel ? dim : 1));
    ctx.output(0, tensorFact(ctx.input(0).dtype, pooled));
  },
  cost(ctx) {
    const read = product(ctx.input(0).shape);
    const adding = perElement(read, REDUCE_FLOPS, "adding");
    return withExtras(quantisedCost(product(ctx.outputFact(0).shape), read, 1, "divide"), [adding]);
  },
  examples: [
    {
      title: "channels second",
      opset: 1,
      inputs: [...quantised("batch", 3, 2, 2), scale, zero],
      bindings: { batch: 2 },
      outputs: [of("uint8", "batch", 3, 1, 1)],
      macs: 0,
      other: 6 * (1 + QUANTIZE_FLOPS) + 24 * (DEQUANTIZE_FLOPS + 1),
    },
    {
      title: "channels last",
      opset: 1,
      inputs: [...quantised("batch", 2, 2, 3), scale, zero],
      attributes: { channels_last: 1 },
      bindings: { batch: 2 },
      outputs: [of("uint8", "batch", 1, 1, 3)],
    },
  ],
};

const averagePool: OpSpec = {
  domain: "com.microsoft",
  name: "QLinearAveragePool",
  since: 1,
  inputs: ["X", "x_scale", "x_zero_point", "y_scale", "y_zero_point"],
  outputs: ["Y"],
  infer: (ctx) => ctx.output(0, tensorFact(ctx.input(0).dtype, poolShape(ctx, channelsLast(ctx)))),
  cost(ctx) {
    const outputs = product(ctx.outputFact(0).shape);
    const summed = product([outputs, ...(ctx.ints("kernel_shape") ?? [undefined])]);
    const adding = perElement(summed, REDUCE_FLOPS, "adding");
    return withExtras(quantisedCost(outputs, product(ctx.input(0).shape), 1, "divide"), [adding]);
  },
  examples: [
    {
      title: "2×2",
      opset: 1,
      inputs: [...quantised("batch", 3, 4, 4), scale, zero],
      attributes: { kernel_shape: [2, 2], strides: [2, 2] },
      bindings: { batch: 1 },
      outputs: [of("uint8", "batch", 3, 2, 2)],
      macs: 0,
      other: 12 * (1 + QUANTIZE_FLOPS) + 48 * DEQUANTIZE_FLOPS + 48,
    },
  ],
};

/** Y_scale and Y_zero_point come first; then a tensor, its scale and its zero point for each operand. */
const concat: OpSpec = {
  domain: "com.microsoft",
  name: "QLinearConcat",
  since: 1,
  inputs: ["Y_scale", "Y_zero_point", "inputs"],
  outputs: ["Y"],
  axes: { rank: (ctx) => ctx.input(2).shape?.length },
  infer(ctx) {
    const operands = operandIndices(ctx).map((index) => ctx.input(index).shape);
    const first = operands.find((shape) => shape !== undefined);
    const axis = first && axisIndex(ctx.int("axis", 0), first.length);
    const joined = plus(...operands.map((shape) => (axis === undefined ? undefined : shape?.[axis])));
    const shape = first?.map((dim, index) => (index === axis ? joined : dim));
    ctx.output(0, tensorFact(ctx.input(1).dtype, axis === undefined ? undefined : shape));
  },
  cost(ctx) {
    const outputs = product(ctx.outputFact(0).shape);
    return quantisedCost(outputs, outputs, 0, "copy");
  },
  examples: [
    {
      title: "two operands",
      opset: 1,
      inputs: [scale, zero, ...quantised("batch", 4), ...quantised("batch", 3)],
      attributes: { axis: 1 },
      bindings: { batch: 2 },
      outputs: [of("uint8", "batch", 7)],
      macs: 0,
      other: 14 * (QUANTIZE_FLOPS + DEQUANTIZE_FLOPS),
    },
  ],
};

function operandIndices(ctx: OpContext): readonly number[] {
  return Array.from({ length: Math.floor((ctx.inputCount - 2) / 3) }, (_, operand) => 2 + 3 * operand);
}

export const microsoftQLinearOps: readonly OpSpec[] = [
  binary("QLinearAdd", "add"),
  binary("QLinearMul", "multiply"),
  unary({ name: "QLinearSigmoid", flops: flopsOf("Sigmoid"), what: "sigmoid" }),
  unary({ name: "QLinearLeakyRelu", flops: flopsOf("LeakyRelu"), what: "leaky relu" }),
  unary({
    name: "QLinearSoftmax",
    flops: SOFTMAX_FLOPS,
    what: "max, subtract, exp, sum, divide",
    attributes: { opset: 13 },
  }),
  globalAveragePool,
  averagePool,
  concat,
];
