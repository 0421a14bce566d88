import { type DType, dtypeFromCode } from "../tensor/dtype";
import { DEQUANTIZE_FLOPS, QUANTIZE_FLOPS, REDUCE_FLOPS } from "./conventions";
import { product, tensorFact } from "./dims";
import { constant, f32, of } from "./example";
import { elementCost } from "./pricing";
import type { AxesSpec, OpContext, OpExample, OpSpec } from "./spec";

/** Element type that the attribute output_dtype names; undefined for none (0). */
function outputDtype(ctx: OpContext): DType | undefined {
  const code = ctx.int("output_dtype", 0);
  return code === 0 ? undefined : dtypeFromCode(code);
}

const QUANTIZE_WORDS = "divide, round, add the zero point, saturate";
const DEQUANTIZE_WORDS = "subtract the zero point, multiply by the scale";

const quantizeExamples: readonly OpExample[] = [
  {
    title: "per tensor",
    opset: 13,
    inputs: [f32("batch", 4), constant("float32", [], [0.5]), constant("int8", [], [0])],
    bindings: { batch: 3 },
    outputs: [of("int8", "batch", 4)],
    macs: 0,
    other: 12 * QUANTIZE_FLOPS,
  },
  {
    title: "no zero point means uint8",
    opset: 10,
    inputs: [f32(3, 4), constant("float32", [], [0.5])],
    outputs: [of("uint8", 3, 4)],
  },
];

const dequantizeExamples: readonly OpExample[] = [
  {
    title: "per tensor",
    opset: 10,
    inputs: [of("uint8", "batch", 4), constant("float32", [], [0.5]), constant("uint8", [], [128])],
    bindings: { batch: 3 },
    outputs: [f32("batch", 4)],
    macs: 0,
    other: 12 * DEQUANTIZE_FLOPS,
  },
];

/** With one scale for the whole tensor the axis means nothing. */
const SCALED_AXIS: AxesSpec = {
  rank: (ctx) => ((ctx.input(1).shape?.length ?? 0) === 0 ? undefined : ctx.input(0).shape?.length),
};

const atOne = (example: OpExample): OpExample => ({ ...example, opset: 1 });

/** QuantizeLinear; onnxruntime also has it in its own domain, where newer element types came first. */
function quantizeLinear(domain: string, examples: readonly OpExample[]): OpSpec {
  return {
    domain,
    name: "QuantizeLinear",
    since: 1,
    inputs: ["x", "y_scale", "y_zero_point"],
    outputs: ["y"],
    axes: SCALED_AXIS,
    infer(ctx) {
      const zero = ctx.hasInput(2) ? ctx.input(2).dtype : (outputDtype(ctx) ?? "uint8");
      ctx.output(0, tensorFact(zero, ctx.input(0).shape));
    },
    cost: (ctx) => elementCost(product(ctx.input(0).shape), QUANTIZE_FLOPS, QUANTIZE_WORDS, "estimate"),
    examples,
  };
}

/** DequantizeLinear; also in onnxruntime's own domain. */
function dequantizeLinear(domain: string, examples: readonly OpExample[]): OpSpec {
  return {
    domain,
    name: "DequantizeLinear",
    since: 1,
    inputs: ["x", "x_scale", "x_zero_point"],
    outputs: ["y"],
    axes: SCALED_AXIS,
    infer(ctx) {
      ctx.output(0, tensorFact(outputDtype(ctx) ?? ctx.input(1).dtype, ctx.input(0).shape));
    },
    cost: (ctx) => elementCost(product(ctx.input(0).shape), DEQUANTIZE_FLOPS, DEQUANTIZE_WORDS, "exact"),
    examples,
  };
}

const dynamicQuantizeLinear: OpSpec = {
  domain: "",
  name: "DynamicQuantizeLinear",
  since: 11,
  inputs: ["x"],
  outputs: ["y", "y_scale", "y_zero_point"],
  infer(ctx) {
    ctx.output(0, tensorFact("uint8", ctx.input(0).shape));
    ctx.output(1, tensorFact("float32", []));
    ctx.output(2, tensorFact("uint8", []));
  },
  cost: (ctx) =>
    elementCost(
      product(ctx.input(0).shape),
      QUANTIZE_FLOPS + 2 * REDUCE_FLOPS,
      `min, max, ${QUANTIZE_WORDS}`,
      "estimate",
    ),
  examples: [
    {
      title: "activations",
      opset: 11,
      inputs: [f32("batch", 4)],
      bindings: { batch: 3 },
      outputs: [of("uint8", "batch", 4), f32(), of("uint8")],
      macs: 0,
      other: 12 * (QUANTIZE_FLOPS + 2),
    },
  ],
};

export const quantizeOps: readonly OpSpec[] = [
  quantizeLinear("", [
    ...quantizeExamples,
    {
      title: "per channel",
      opset: 13,
      inputs: [f32(2, 3), constant("float32", [3], [0.5, 1, 2]), constant("uint8", [3], [0, 1, 2])],
      attributes: { axis: 1 },
      outputs: [of("uint8", 2, 3)],
    },
    {
      title: "output_dtype without a zero point",
      opset: 21,
      inputs: [f32(2, 3), constant("float32", [], [0.5])],
      attributes: { output_dtype: 5 },
      outputs: [of("int16", 2, 3)],
    },
    {
      title: "blocks of two to int4",
      opset: 21,
      inputs: [
        f32(4, 3),
        constant("float32", [2, 3], [1, 1, 1, 2, 2, 2]),
        constant("int4", [2, 3], [0, 0, 0, 0, 0, 0]),
      ],
      attributes: { axis: 0, block_size: 2 },
      outputs: [of("int4", 4, 3)],
    },
  ]),
  dequantizeLinear("", [
    ...dequantizeExamples,
    {
      title: "per channel weight",
      opset: 13,
      inputs: [constant("int8", [2, 3], [1, 2, 3, 4, 5, 6]), constant("float32", [3], [0.5, 1, 2])],
      attributes: { axis: 1 },
      outputs: [f32(2, 3)],
    },
    {
      title: "blocks of two of int4",
      opset: 21,
      inputs: [
        constant("int4", [4, 2], [1, -2, 3, -4, 5, -6, 7, -8]),
        constant("float32", [2, 2], [1, 2, 3, 4]),
      ],
      attributes: { axis: 0, block_size: 2 },
      outputs: [f32(4, 2)],
    },
    {
      title: "to half precision by the scale's type",
      opset: 19,
      inputs: [of("int8", 2, 3), of("float16")],
      outputs: [of("float16", 2, 3)],
    },
    {
      title: "output_dtype overrides the scale's type",
      opset: 23,
      inputs: [of("int8", 2, 3), f32()],
      attributes: { output_dtype: 10 },
      outputs: [of("float16", 2, 3)],
      // onnxruntime accepts the model, then writes the output as float32.
      noKernel: "Tensor type mismatch",
    },
    {
      title: "int32 bias",
      opset: 10,
      inputs: [of("int32", 3), constant("float32", [], [0.5])],
      outputs: [f32(3)],
    },
  ]),
  dynamicQuantizeLinear,
  quantizeLinear("com.microsoft", quantizeExamples.map(atOne)),
  dequantizeLinear("com.microsoft", dequantizeExamples.map(atOne)),
];
