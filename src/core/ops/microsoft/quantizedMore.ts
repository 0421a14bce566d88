import { mul } from "../../expr";
import type { Dim } from "../../facts/fact";
import { asProjection, maskedAttentionCost } from "../attention";
import { contraction } from "../contraction";
import { DEQUANTIZE_FLOPS, LAYER_NORM_FLOPS, QUANTIZE_FLOPS, REDUCE_FLOPS } from "../conventions";
import { broadcastDims, dividedBy, plus, product, tensorFact, times } from "../dims";
import { constant, f32, of } from "../example";
import { gemmAxes, gemmCost, gemmShape } from "../gemm";
import { matMulAxes, matMulCost, matMulShape } from "../matmul";
import { elementCost, flopsOf, perElement, together, withExtras } from "../pricing";
import { reducedShape } from "../reduce";
import { dtypeAttribute } from "../small";
import type { CostContext, ExampleInput, OpContext, OpCost, OpSpec } from "../spec";
import { axesOf } from "./matmul";

/** Quantised forms that are rarer: reductions, selections, integer products, and those laid out for one GPU library. */
const DOMAIN = "com.microsoft";
const NO_CPU = "Could not find an implementation";
const scale = constant("float32", [], [0.5]);
const zero = constant("uint8", [], [128]);

const qLinearReduceMean: OpSpec = {
  domain: DOMAIN,
  name: "QLinearReduceMean",
  since: 1,
  inputs: ["data", "data_scale", "data_zero_point", "reduced_scale", "reduced_zero_point"],
  outputs: ["reduced"],
  infer: (ctx) => ctx.output(0, tensorFact(ctx.input(0).dtype, reducedShape(ctx, null))),
  cost: (ctx) =>
    withExtras(
      elementCost(
        product(ctx.input(0).shape),
        DEQUANTIZE_FLOPS + REDUCE_FLOPS,
        "dequantise, add",
        "estimate",
      ),
      [perElement(product(ctx.outputFact(0).shape), 1 + QUANTIZE_FLOPS, "dividing and quantising")],
    ),
  examples: [
    {
      title: "over positions",
      opset: 1,
      inputs: [of("uint8", "batch", 3, 4), scale, zero, scale, zero],
      attributes: { axes: [1], keepdims: 0 },
      bindings: { batch: 2 },
      outputs: [of("uint8", "batch", 4)],
      macs: 0,
      other: 24 * 3 + 8 * 5,
      noKernel: NO_CPU,
    },
  ],
};

const reduceSumInteger: OpSpec = {
  domain: DOMAIN,
  name: "ReduceSumInteger",
  since: 1,
  inputs: ["data"],
  outputs: ["reduced"],
  infer(ctx) {
    const wide = ctx.input(0).dtype === "uint8" ? "uint32" : "int32";
    ctx.output(0, tensorFact(ctx.input(0).dtype === undefined ? undefined : wide, reducedShape(ctx, null)));
  },
  cost: (ctx) => elementCost(product(ctx.input(0).shape), REDUCE_FLOPS, "adding", "exact"),
  examples: [
    {
      title: "columns",
      opset: 1,
      inputs: [of("int8", "batch", 4)],
      attributes: { axes: [1], keepdims: 1 },
      bindings: { batch: 2 },
      outputs: [of("int32", "batch", 1)],
      macs: 0,
      other: 8,
      noKernel: "type inference failed",
    },
  ],
};

const qLinearWhere: OpSpec = {
  domain: DOMAIN,
  name: "QLinearWhere",
  since: 1,
  inputs: [
    "condition",
    "X",
    "x_scale",
    "x_zero_point",
    "Y",
    "y_scale",
    "y_zero_point",
    "z_scale",
    "z_zero_point",
  ],
  outputs: ["Z"],
  infer(ctx) {
    const shape = [0, 1, 4].map((i) => ctx.input(i).shape).reduce((a, b) => broadcastDims(a, b));
    ctx.output(0, tensorFact(ctx.input(1).dtype ?? ctx.input(4).dtype, shape));
  },
  cost: (ctx) =>
    elementCost(
      product(ctx.outputFact(0).shape),
      1 + DEQUANTIZE_FLOPS + QUANTIZE_FLOPS,
      "select, dequantise, quantise",
      "estimate",
    ),
  examples: [
    {
      title: "a mask",
      opset: 1,
      inputs: [
        of("bool", 1, 4),
        of("uint8", "batch", 4),
        scale,
        zero,
        of("uint8", 1),
        scale,
        zero,
        scale,
        zero,
      ],
      bindings: { batch: 2 },
      outputs: [of("uint8", "batch", 4)],
      macs: 0,
      other: 8 * 7,
    },
  ],
};

const mulInteger: OpSpec = {
  domain: DOMAIN,
  name: "MulInteger",
  since: 1,
  inputs: ["A", "A_zero_point", "B", "B_zero_point"],
  outputs: ["C"],
  infer: (ctx) => ctx.output(0, tensorFact("int32", broadcastDims(ctx.input(0).shape, ctx.input(2).shape))),
  cost: (ctx) => elementCost(product(ctx.outputFact(0).shape), 3, "zero points, product", "exact"),
  examples: [
    {
      title: "the smaller operand broadcasts",
      opset: 1,
      inputs: [of("uint8", "batch", 4), zero, of("uint8", 4), zero],
      bindings: { batch: 2 },
      outputs: [of("int32", "batch", 4)],
      macs: 0,
      other: 24,
      noKernel: NO_CPU,
    },
  ],
};

const matMulInteger16: OpSpec = {
  domain: DOMAIN,
  name: "MatMulInteger16",
  since: 1,
  inputs: ["A", "B"],
  outputs: ["Y"],
  infer(ctx) {
    const { dtype } = ctx.input(0);
    const wide = dtype === "uint16" && ctx.input(1).dtype === "uint16" ? "uint32" : "int32";
    ctx.output(0, tensorFact(wide, matMulShape(axesOf(ctx, 0, 1))));
  },
  cost: (ctx) => matMulCost(axesOf(ctx, 0, 1)),
  examples: [
    {
      title: "int16",
      opset: 1,
      inputs: [of("int16", "batch", 4), of("int16", 4, 3)],
      bindings: { batch: 2 },
      outputs: [of("int32", "batch", 3)],
      macs: 24,
      other: 0,
    },
  ],
};

const shapedBy = (ctx: OpContext): ReturnType<typeof matMulAxes> =>
  matMulAxes(ctx.input(0).shape, ctx.input(2).small ?? [undefined, undefined]);

const matMulFpQ4: OpSpec = {
  domain: DOMAIN,
  name: "MatMulFpQ4",
  since: 1,
  inputs: ["A", "B", "B_shape"],
  outputs: ["Y"],
  infer: (ctx) => ctx.output(0, tensorFact(ctx.input(0).dtype, matMulShape(shapedBy(ctx)))),
  cost: (ctx) =>
    matMulCost(shapedBy(ctx), [
      perElement(product(ctx.input(2).small), DEQUANTIZE_FLOPS, "dequantising the weight", false),
    ]),
  examples: [
    {
      title: "blocks of 32",
      opset: 1,
      inputs: [
        f32("batch", 32),
        constant("uint8", [20], new Array<number>(20).fill(1)),
        constant("int64", [2], [32, 1]),
      ],
      attributes: { blk_quant_type: 1 },
      bindings: { batch: 2 },
      outputs: [f32("batch", 1)],
      macs: 64,
      other: 64,
      noKernel: "Input q4 tensors of wrong size",
    },
  ],
};

const gemmFloat8: OpSpec = {
  domain: DOMAIN,
  name: "GemmFloat8",
  since: 1,
  inputs: ["A", "B", "C", "scaleA", "scaleB", "scaleY"],
  outputs: ["Y"],
  infer(ctx) {
    const dtype = dtypeAttribute(ctx, "dtype") ?? "float32";
    ctx.output(0, tensorFact(dtype, gemmShape(gemmAxes(ctx, 0, 1))));
  },
  cost(ctx) {
    const activation =
      { RELU: flopsOf("Relu"), GELU: flopsOf("Gelu") }[ctx.string("activation", "NONE")] ?? 0;
    const outputs = product(ctx.outputFact(0).shape);
    return gemmCost(
      ctx,
      [0, 1, 2],
      [
        perElement(ctx.hasInput(3) || ctx.hasInput(4) ? outputs : 0, 1, "scaling", false),
        perElement(activation === 0 ? 0 : outputs, activation, "the activation"),
      ],
    );
  },
  examples: [
    {
      title: "float operands",
      opset: 1,
      inputs: [f32("batch", 4), f32(3, 4)],
      attributes: { transB: 1, dtype: 1 },
      bindings: { batch: 2 },
      outputs: [f32("batch", 3)],
      macs: 24,
      other: 0,
      noKernel: NO_CPU,
    },
  ],
};

/** Operands and results of int8 whose elements are reordered for tensor cores; shapes stay what they are. */
const orders = { order_input: 1, order_output: 1 };

const quantizeWithOrder: OpSpec = {
  domain: DOMAIN,
  name: "QuantizeWithOrder",
  since: 1,
  inputs: ["input", "scale_input"],
  outputs: ["output"],
  infer: (ctx) => ctx.output(0, tensorFact("int8", ctx.input(0).shape)),
  cost: (ctx) => elementCost(product(ctx.input(0).shape), QUANTIZE_FLOPS, "quantise", "exact"),
  examples: [
    {
      title: "row major",
      opset: 1,
      inputs: [f32("batch", 4), scale],
      attributes: orders,
      bindings: { batch: 2 },
      outputs: [of("int8", "batch", 4)],
      macs: 0,
      other: 8 * QUANTIZE_FLOPS,
      noKernel: NO_CPU,
    },
  ],
};

const dequantizeWithOrder: OpSpec = {
  domain: DOMAIN,
  name: "DequantizeWithOrder",
  since: 1,
  inputs: ["input", "scale_input"],
  outputs: ["output"],
  infer: (ctx) => ctx.output(0, tensorFact(dtypeAttribute(ctx, "to"), ctx.input(0).shape)),
  cost: (ctx) => elementCost(product(ctx.input(0).shape), DEQUANTIZE_FLOPS, "dequantise", "exact"),
  examples: [
    {
      title: "row major",
      opset: 1,
      inputs: [of("int8", "batch", 4), scale],
      attributes: { ...orders, to: 1 },
      bindings: { batch: 2 },
      outputs: [f32("batch", 4)],
      macs: 0,
      other: 8 * DEQUANTIZE_FLOPS,
      noKernel: NO_CPU,
    },
  ],
};

function ordered(
  name: string,
  inputs: readonly string[],
  flops: number,
  what: string,
  operands: readonly ExampleInput[],
): OpSpec {
  return {
    domain: DOMAIN,
    name,
    since: 1,
    inputs,
    outputs: ["Y"],
    infer: (ctx) => ctx.output(0, tensorFact(ctx.input(0).dtype, ctx.input(0).shape)),
    cost: (ctx) =>
      elementCost(
        product(ctx.input(0).shape),
        flops + DEQUANTIZE_FLOPS + QUANTIZE_FLOPS,
        `dequantise, ${what}, quantise`,
        "estimate",
      ),
    examples: [
      {
        title: "row major",
        opset: 1,
        inputs: operands,
        attributes: { order_X: 1, order_Y: 1 },
        bindings: { batch: 2 },
        outputs: [of("int8", "batch", 3, 4)],
        macs: 0,
        other: 24 * (flops + DEQUANTIZE_FLOPS + QUANTIZE_FLOPS),
        noKernel: NO_CPU,
      },
    ],
  };
}

const qOrderedMatMul: OpSpec = {
  domain: DOMAIN,
  name: "QOrderedMatMul",
  since: 1,
  inputs: ["A", "scale_A", "B", "scale_B", "scale_Y", "bias", "C", "scale_C"],
  outputs: ["Y"],
  infer: (ctx) => ctx.output(0, tensorFact(ctx.input(0).dtype, matMulShape(axesOf(ctx, 0, 2)))),
  cost(ctx) {
    const outputs = product(ctx.outputFact(0).shape);
    return matMulCost(axesOf(ctx, 0, 2), [
      perElement(outputs, QUANTIZE_FLOPS, "quantising the output"),
      perElement(ctx.hasInput(5) ? outputs : 0, 1, "adding the bias", false),
      perElement(ctx.hasInput(6) ? outputs : 0, 2, "adding C", false),
    ]);
  },
  examples: [
    {
      title: "row by column",
      opset: 1,
      inputs: [of("int8", "batch", 3, 4), scale, of("int8", 4, 5), scale, scale],
      attributes: { order_A: 1, order_B: 0, order_Y: 1 },
      bindings: { batch: 2 },
      outputs: [of("int8", "batch", 3, 5)],
      macs: 30 * 4,
      other: 30 * QUANTIZE_FLOPS,
      noKernel: NO_CPU,
    },
  ],
};

function orderedAttentionCost(ctx: CostContext, window: number | undefined): OpCost {
  const [batch, length, hidden] = ctx.input(0).shape ?? [];
  const heads = ctx.maybeInt("num_heads");
  const isLocal = window !== undefined;
  const columns = isLocal ? mul3(ctx.input(2).shape?.[0]) : mul3(ctx.input(5).shape?.[1]);
  const width = dividedBy(isLocal ? hidden : ctx.input(5).shape?.[1], heads);
  const projection = contraction({
    kept: [batch, length, columns],
    summed: [hidden],
    extras: [perElement(times(batch, length, columns), 1 + QUANTIZE_FLOPS, "biases, quantising")],
  });
  const attention = maskedAttentionCost(
    {
      batch,
      heads,
      kvHeads: heads,
      headDim: width,
      vHeadDim: width,
      queryLength: length,
      keyLength: window === undefined ? length : 2 * window + 1,
    },
    { mask: isLocal || ctx.hasInput(17) },
  );
  const named = asProjection(projection);
  const projections = isLocal ? [named, named] : [named];
  return together(...projections, attention);
}

const mul3 = (dim: Dim): Dim => (dim === undefined ? undefined : mul(dim, 3));

const int8 = (...shape: readonly (number | string)[]): ExampleInput => of("int8", ...shape);

const qOrderedAttention: OpSpec = {
  domain: DOMAIN,
  name: "QOrderedAttention",
  since: 1,
  inputs: [
    "input",
    "scale_input",
    "scale_Q_gemm",
    "scale_K_gemm",
    "scale_V_gemm",
    "Q_weight",
    "K_weight",
    "V_weight",
    "scale_Q_weight",
    "scale_K_weight",
    "scale_V_weight",
    "Q_bias",
    "K_bias",
    "V_bias",
    "scale_QKT_gemm",
    "scale_QKT_softmax",
    "scale_values_gemm",
    "mask_index",
  ],
  outputs: ["output"],
  infer(ctx) {
    const [batch, length] = ctx.input(0).shape ?? [];
    ctx.output(0, tensorFact(ctx.input(0).dtype, [batch, length, ctx.input(7).shape?.[1]]));
  },
  cost: (ctx) => orderedAttentionCost(ctx, undefined),
  examples: [
    {
      title: "two heads",
      opset: 1,
      inputs: [
        int8("batch", 3, 8),
        ...new Array<ExampleInput>(4).fill(scale),
        ...new Array<ExampleInput>(3).fill(int8(8, 8)),
        ...new Array<ExampleInput>(3).fill(scale),
        ...new Array<ExampleInput>(3).fill(f32(8)),
        null,
        null,
        scale,
      ],
      attributes: { num_heads: 2, order_input: 1, order_weight: 0, order_output: 1 },
      bindings: { batch: 2 },
      outputs: [int8("batch", 3, 8)],
      macs: 6 * 24 * 8 + 2 * 2 * 9 * 8,
      noKernel: NO_CPU,
    },
  ],
};

const qOrderedLongformer: OpSpec = {
  domain: DOMAIN,
  name: "QOrderedLongformerAttention",
  since: 1,
  inputs: [
    "input",
    "scale_input",
    "weight",
    "scale_weight",
    "bias",
    "scale_bias",
    "scale_qkv_gemm",
    "mask",
    "global_weight",
    "scale_global_weight",
    "global_bias",
    "scale_global_gemm",
    "global",
    "scale_output",
  ],
  outputs: ["output"],
  infer: (ctx) => ctx.output(0, tensorFact(ctx.input(0).dtype, ctx.input(0).shape)),
  cost: (ctx) => orderedAttentionCost(ctx, ctx.int("window", 0)),
  examples: [
    {
      title: "a window of two",
      opset: 1,
      inputs: [
        int8("batch", 8, 8),
        scale,
        int8(8, 24),
        scale,
        f32(24),
        scale,
        scale,
        of("float16", "batch", 8),
        int8(8, 24),
        scale,
        f32(24),
        scale,
        of("int32", "batch", 8),
        scale,
      ],
      attributes: {
        num_heads: 2,
        window: 2,
        order_input: 1,
        order_weight: 0,
        order_global_weight: 0,
        order_output: 1,
      },
      bindings: { batch: 1 },
      outputs: [int8("batch", 8, 8)],
      macs: 2 * 8 * 24 * 8 + 2 * 8 * 5 * 8,
      noKernel: "of operator (QOrderedLongformerAttention) in node (node) is invalid",
    },
  ],
};

/** Several 4-bit projections of one input, normalised before; N and K stand in attributes. */
interface Projections {
  readonly name: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly columns: readonly string[];
  /** FLOPs per element of the result for what joins the projections. */
  readonly after: number;
  readonly merged: boolean;
  readonly firstWeight: number;
}

function projections(kind: Projections): OpSpec {
  const rows = (ctx: OpContext): readonly Dim[] | undefined => ctx.input(0).shape?.slice(0, -1);
  const count = kind.merged ? 1 : kind.columns.length;
  return {
    domain: DOMAIN,
    name: kind.name,
    since: 1,
    inputs: kind.inputs,
    outputs: kind.outputs,
    infer(ctx) {
      const { dtype, shape } = ctx.input(0);
      const front = rows(ctx);
      for (let i = 0; i < count; i++) {
        ctx.output(i, tensorFact(dtype, front && [...front, ctx.maybeInt(kind.columns[i] ?? "")]));
      }
      ctx.output(count, tensorFact(dtype, shape));
    },
    cost(ctx) {
      const features = ctx.maybeInt("K");
      const kept = plus(...kind.columns.map((name) => ctx.maybeInt(name)));
      const outputs = product(ctx.outputFact(0).shape);
      const weights = times(features, kept);
      const isNormed = ctx.hasInput(2);
      return contraction({
        kept: [product(rows(ctx)), kept],
        summed: [features],
        extras: [
          perElement(weights, DEQUANTIZE_FLOPS, "dequantising the weights", false),
          perElement(isNormed ? product(ctx.input(0).shape) : 0, 4, "normalising the input"),
          perElement(kind.after === 0 ? 0 : outputs, kind.after, "the gate"),
        ],
      });
    },
    weightElements(ctx, input) {
      const at = (input - kind.firstWeight) / 3;
      const columns = Number.isInteger(at) && at >= 0 ? ctx.maybeInt(kind.columns[at] ?? "") : undefined;
      const features = ctx.maybeInt("K");
      return columns === undefined || features === undefined ? undefined : columns * features;
    },
    examples: [
      {
        title: "4 bits in blocks of 32",
        opset: 1,
        inputs: [
          f32("n", 32),
          null,
          f32(32),
          ...kind.columns.flatMap((): readonly (ExampleInput | null)[] => [
            constant("uint8", [2, 1, 16], new Array<number>(32).fill(3)),
            f32(2, 1),
            null,
          ]),
        ],
        attributes: {
          ...Object.fromEntries(kind.columns.map((name) => [name, 2])),
          K: 32,
          bits: 4,
          block_size: 32,
          ...(kind.merged ? { activation: "silu" } : {}),
        },
        bindings: { n: 3 },
        outputs: kind.merged ? [f32("n", 2)] : kind.columns.map(() => f32("n", 2)),
        macs: 3 * 2 * kind.columns.length * 32,
        noKernel: NO_CPU,
      },
    ],
  };
}

/** Products of a sparse matrix: only what is stored is multiplied, which its type does not say. */
const sparseToDense: OpSpec = {
  domain: DOMAIN,
  name: "SparseToDenseMatMul",
  since: 1,
  inputs: ["A", "B"],
  outputs: ["Y"],
  infer: (ctx) => ctx.output(0, tensorFact(ctx.input(1).dtype, gemmShape(gemmAxes(ctx, 0, 1)))),
  cost(ctx) {
    const cost = gemmCost(ctx, [0, 1, 2]);
    return { ...cost, trust: "estimate", rule: `${cost.rule}, as if no element were zero` };
  },
  examples: [
    {
      title: "dense stand-in",
      opset: 1,
      inputs: [f32("batch", 4), f32(4, 3)],
      bindings: { batch: 2 },
      outputs: [f32("batch", 3)],
      macs: 24,
      noKernel: "Type Error",
    },
  ],
};

export const microsoftQuantizedMoreOps: readonly OpSpec[] = [
  qLinearReduceMean,
  reduceSumInteger,
  qLinearWhere,
  mulInteger,
  matMulInteger16,
  matMulFpQ4,
  gemmFloat8,
  quantizeWithOrder,
  dequantizeWithOrder,
  ordered("QOrderedGelu", ["X", "scale_X", "scale_Y"], flopsOf("Gelu"), "Gelu", [
    int8("batch", 3, 4),
    scale,
    scale,
  ]),
  ordered(
    "QOrderedLayerNormalization",
    ["X", "scale_X", "scale", "B", "scale_Y"],
    LAYER_NORM_FLOPS,
    "normalise",
    [int8("batch", 3, 4), scale, f32(4), f32(4), scale],
  ),
  qOrderedMatMul,
  qOrderedAttention,
  qOrderedLongformer,
  projections({
    name: "MatMulNBitsQkv",
    inputs: [
      "A",
      "skip",
      "norm_scale",
      "q_B",
      "q_scales",
      "q_bias",
      "k_B",
      "k_scales",
      "k_bias",
      "v_B",
      "v_scales",
      "v_bias",
    ],
    outputs: ["Q", "K", "V", "input_skip_bias_sum"],
    columns: ["Nq", "Nkv", "Nkv"],
    after: 0,
    merged: false,
    firstWeight: 3,
  }),
  projections({
    name: "MatMulNBitsMlp",
    inputs: ["A", "skip", "norm_scale", "gate_B", "gate_scales", "gate_bias", "up_B", "up_scales", "up_bias"],
    outputs: ["Y", "input_skip_bias_sum"],
    columns: ["N", "N"],
    after: flopsOf("Swish") + 1,
    merged: true,
    firstWeight: 3,
  }),
  sparseToDense,
];
