import type { Dim } from "../../facts/fact";
import { DEQUANTIZE_FLOPS, QUANTIZE_FLOPS, REDUCE_FLOPS } from "../conventions";
import { product, tensorFact } from "../dims";
import { constant, f32, of } from "../example";
import { gemmAxes, gemmCost, gemmShape } from "../gemm";
import { matMulAxes, matMulCost, matMulShape, requantizeExtra, zeroPointExtra } from "../matmul";
import { perElement } from "../pricing";
import type { OpContext, OpSpec } from "../spec";
import { axesOf, biasExtra } from "./matmul";

const matMulIntegerToFloat: OpSpec = {
  domain: "com.microsoft",
  name: "MatMulIntegerToFloat",
  since: 1,
  inputs: ["A", "B", "a_scale", "b_scale", "a_zero_point", "b_zero_point", "bias"],
  outputs: ["Y"],
  infer: (ctx) => ctx.output(0, tensorFact(ctx.input(2).dtype, matMulShape(axesOf(ctx, 0, 1)))),
  cost: (ctx) =>
    matMulCost(axesOf(ctx, 0, 1), [
      ...zeroPointExtra(ctx, 4, 0),
      ...zeroPointExtra(ctx, 5, 1),
      perElement(product(ctx.outputFact(0).shape), 1, "scaling the integer sums", false),
      ...biasExtra(ctx, 6),
    ]),
  examples: [
    {
      title: "scale per column and bias",
      opset: 1,
      inputs: [
        of("uint8", "batch", 4),
        of("int8", 4, 3),
        constant("float32", [], [0.5]),
        constant("float32", [3], [0.5, 1, 2]),
        constant("uint8", [], [128]),
        null,
        f32(3),
      ],
      bindings: { batch: 2 },
      outputs: [f32("batch", 3)],
      macs: 24,
      other: 8 + 6 + 6,
    },
  ],
};

const dynamicQuantizeMatMul: OpSpec = {
  domain: "com.microsoft",
  name: "DynamicQuantizeMatMul",
  since: 1,
  inputs: ["A", "B", "b_scale", "b_zero_point", "bias"],
  outputs: ["Y"],
  infer: (ctx) => ctx.output(0, tensorFact(ctx.input(0).dtype, matMulShape(axesOf(ctx, 0, 1)))),
  cost: (ctx) =>
    matMulCost(axesOf(ctx, 0, 1), [
      perElement(product(ctx.input(0).shape), QUANTIZE_FLOPS + 2 * REDUCE_FLOPS, "quantising A"),
      ...zeroPointExtra(ctx, 3, 1),
      perElement(product(ctx.outputFact(0).shape), 1, "scaling the integer sums", false),
      ...biasExtra(ctx, 4),
    ]),
  examples: [
    {
      title: "int8 weight and bias",
      opset: 1,
      inputs: [f32("batch", 4), of("int8", 4, 3), constant("float32", [], [0.5]), null, f32(3)],
      bindings: { batch: 2 },
      outputs: [f32("batch", 3)],
      macs: 24,
      other: 8 * (QUANTIZE_FLOPS + 2) + 6 + 6,
    },
  ],
};

const qGemm: OpSpec = {
  domain: "com.microsoft",
  name: "QGemm",
  since: 1,
  inputs: ["A", "a_scale", "a_zero_point", "B", "b_scale", "b_zero_point", "C", "y_scale", "y_zero_point"],
  outputs: ["Y"],
  infer(ctx) {
    const dtype = ctx.hasInput(8) ? ctx.input(8).dtype : "float32";
    ctx.output(0, tensorFact(dtype, gemmShape(gemmAxes(ctx, 0, 3))));
  },
  cost(ctx) {
    const outputs = product(ctx.outputFact(0).shape);
    const finish = ctx.hasInput(8)
      ? requantizeExtra(outputs)
      : perElement(outputs, 1, "scaling the integer sums", false);
    return gemmCost(ctx, [0, 3, 6], [...zeroPointExtra(ctx, 2, 0), ...zeroPointExtra(ctx, 5, 3), finish]);
  },
  examples: [
    {
      title: "quantised output and int32 bias",
      opset: 1,
      inputs: [
        of("uint8", "batch", 4),
        constant("float32", [], [0.5]),
        constant("uint8", [], [128]),
        of("int8", 3, 4),
        constant("float32", [], [0.5]),
        constant("int8", [], [0]),
        constant("int32", [3], [1, 2, 3]),
        constant("float32", [], [0.5]),
        constant("uint8", [], [0]),
      ],
      attributes: { transB: 1 },
      bindings: { batch: 2 },
      outputs: [of("uint8", "batch", 3)],
      macs: 24,
      other: 6 + 8 + 12 + 6 * QUANTIZE_FLOPS,
    },
    {
      title: "float output",
      opset: 1,
      inputs: [
        of("uint8", 2, 4),
        constant("float32", [], [0.5]),
        constant("uint8", [], [128]),
        of("int8", 4, 3),
        constant("float32", [], [0.5]),
        constant("int8", [], [0]),
      ],
      outputs: [f32(2, 3)],
      macs: 24,
      other: 8 + 12 + 6,
    },
  ],
};

const definite = (dim: Dim): number | undefined => (typeof dim === "number" ? dim : undefined);

/** Weights of 2 to 8 bits in blocks, [N, blocks, bytes]; sizes stand in the attributes K and N. */
function packedMatMul(
  spec: Pick<OpSpec, "name" | "inputs" | "examples"> & { readonly bias?: number },
): OpSpec {
  const { name, inputs = [], examples, bias } = spec;
  const axes = (ctx: OpContext) => matMulAxes(ctx.input(0).shape, [ctx.maybeInt("K"), ctx.maybeInt("N")]);
  return {
    domain: "com.microsoft",
    name,
    since: 1,
    inputs,
    outputs: ["Y"],
    infer: (ctx) => ctx.output(0, tensorFact(ctx.input(0).dtype, matMulShape(axes(ctx)))),
    cost(ctx) {
      const weights = product([ctx.maybeInt("K"), ctx.maybeInt("N")]);
      return matMulCost(axes(ctx), [
        perElement(weights, DEQUANTIZE_FLOPS, "dequantising the weight", false),
        ...(bias === undefined ? [] : biasExtra(ctx, bias)),
      ]);
    },
    weightElements: (ctx, input) =>
      input === 1 ? definite(product([ctx.maybeInt("K"), ctx.maybeInt("N")])) : undefined,
    examples,
  };
}

const bytes = (count: number): readonly number[] => Array.from({ length: count }, (_, index) => index % 251);

const matMulNBits = packedMatMul({
  name: "MatMulNBits",
  inputs: ["A", "B", "scales", "zero_points", "g_idx", "bias"],
  bias: 5,
  examples: [
    {
      title: "4 bits in blocks of 16 with a last block that is not full",
      opset: 1,
      inputs: [f32("batch", "n", 24), constant("uint8", [3, 2, 8], bytes(48)), f32(6)],
      attributes: { K: 24, N: 3, bits: 4, block_size: 16 },
      bindings: { batch: 2, n: 3 },
      outputs: [f32("batch", "n", 3)],
      macs: 6 * 3 * 24,
      other: 72 * DEQUANTIZE_FLOPS,
    },
    {
      title: "8 bits, zero points and bias",
      opset: 1,
      inputs: [
        f32("n", 32),
        constant("uint8", [2, 1, 32], bytes(64)),
        f32(2),
        constant("uint8", [2], [128, 127]),
        null,
        f32(2),
      ],
      attributes: { K: 32, N: 2, bits: 8, block_size: 32 },
      bindings: { n: 3 },
      outputs: [f32("n", 2)],
      macs: 3 * 2 * 32,
      other: 64 * DEQUANTIZE_FLOPS + 6,
    },
  ],
});

const matMulBnb4 = packedMatMul({
  name: "MatMulBnb4",
  inputs: ["A", "B", "absmax"],
  examples: [
    {
      title: "NF4 in blocks of 16",
      opset: 1,
      inputs: [f32("batch", 16), constant("uint8", [24], bytes(24)), f32(3)],
      attributes: { K: 16, N: 3, block_size: 16, quant_type: 1 },
      bindings: { batch: 2 },
      outputs: [f32("batch", 3)],
      macs: 96,
      other: 48 * DEQUANTIZE_FLOPS,
    },
  ],
});

export const microsoftQuantizedMatMulOps: readonly OpSpec[] = [
  matMulIntegerToFloat,
  dynamicQuantizeMatMul,
  qGemm,
  matMulNBits,
  matMulBnb4,
];
