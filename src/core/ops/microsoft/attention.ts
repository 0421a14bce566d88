import type { Dim } from "../../facts/fact";
import { type AttentionSizes, asProjection, maskedAttentionCost } from "../attention";
import { contraction } from "../contraction";
import { SOFTMAX_FLOPS } from "../conventions";
import { dividedBy, plus, product, tensorFact, times } from "../dims";
import { constant, f32, fed, of } from "../example";
import { lastAxisQuant, zeroPointExtra } from "../matmul";
import { type Extra, perElement, together } from "../pricing";
import type { CostContext, InferContext, OpContext, OpCost, OpSpec } from "../spec";

/** com.microsoft Attention and QAttention: one packed weight projects the input to queries, keys and values. */
interface PackedAttention {
  readonly sizes: AttentionSizes;
  /** Columns of the packed weight. */
  readonly columns: Dim;
  readonly features: Dim;
  readonly vHidden: Dim;
  /** Positions that the present output holds. */
  readonly presentLength: Dim;
  readonly kHeadDim: Dim;
}

function packedAttention(ctx: OpContext, weights: number, past: number): PackedAttention {
  const x = ctx.input(0).shape;
  const w = ctx.input(weights).shape;
  const heads = ctx.maybeInt("num_heads");
  const hidden = ctx.ints("qkv_hidden_sizes");
  const third = dividedBy(w?.[1], 3);
  const [qHidden, kHidden, vHidden] = hidden ?? [third, third, third];
  const sequence = x?.[1];
  const cache = ctx.hasInput(past) ? ctx.input(past).shape : undefined;
  const total = ctx.hasInput(past) ? plus(cache?.[3], sequence) : sequence;
  const shared = ctx.int("past_present_share_buffer", 0) !== 0 && ctx.hasInput(past);
  return {
    columns: w?.[1],
    features: x?.[2] ?? w?.[0],
    vHidden,
    kHeadDim: dividedBy(kHidden, heads),
    presentLength: shared ? cache?.[3] : total,
    sizes: {
      batch: x?.[0],
      heads,
      kvHeads: heads,
      headDim: dividedBy(qHidden, heads),
      vHeadDim: dividedBy(vHidden, heads),
      queryLength: sequence,
      // In a shared buffer only part is filled; the whole is the most that a step can cost.
      keyLength: shared ? cache?.[3] : total,
    },
  };
}

function inferPacked(ctx: InferContext, dtypeFrom: number, weights: number, past: number): void {
  const dtype = ctx.input(dtypeFrom).dtype;
  const { sizes, vHidden, presentLength, kHeadDim } = packedAttention(ctx, weights, past);
  ctx.output(0, tensorFact(dtype, [sizes.batch, sizes.queryLength, vHidden]));
  ctx.output(1, tensorFact(dtype, [2, sizes.batch, sizes.heads, presentLength, kHeadDim]));
}

interface PackedPrice {
  readonly weights: number;
  readonly past: number;
  readonly mask: boolean;
  readonly extras: readonly Extra[];
}

function packedCost(ctx: CostContext, { weights, past, mask, extras }: PackedPrice): OpCost {
  const { sizes, columns, features } = packedAttention(ctx, weights, past);
  const kept = [sizes.batch, sizes.queryLength, columns];
  const bias = ctx.hasInput(2) ? [perElement(product(kept), 1, "adding the bias", false)] : [];
  const projection = contraction({ kept, summed: [features], extras: [...bias, ...extras] });
  return together(
    asProjection(projection),
    maskedAttentionCost(sizes, { mask, causal: ctx.int("unidirectional", 0) !== 0 }),
  );
}

const attention: OpSpec = {
  domain: "com.microsoft",
  name: "Attention",
  since: 1,
  inputs: ["input", "weights", "bias", "mask_index", "past", "attention_bias", "past_sequence_length"],
  outputs: ["output", "present"],
  infer: (ctx) => inferPacked(ctx, 0, 1, 4),
  cost: (ctx) =>
    packedCost(ctx, { weights: 1, past: 4, mask: ctx.hasInput(3) || ctx.hasInput(5), extras: [] }),
  quant: lastAxisQuant(1),
  examples: [
    {
      title: "as fused from BERT: packed weight, bias, mask",
      opset: 1,
      inputs: [f32("batch", "n", 8), f32(8, 24), f32(24), fed("int32", ["batch", "n"], [1, 1, 1, 1, 1, 0])],
      attributes: { num_heads: 2 },
      bindings: { batch: 2, n: 3 },
      outputs: [f32("batch", "n", 8)],
      macs: 2 * 3 * 24 * 8 + 2 * 2 * 9 * 8,
      other: 2 * 3 * 24 + 36 * (SOFTMAX_FLOPS + 1),
    },
    {
      title: "past and present, values of another width",
      opset: 1,
      inputs: [f32(1, 1, 6), f32(6, 20), f32(20), null, f32(2, 1, 2, "past", 4)],
      attributes: { num_heads: 2, qkv_hidden_sizes: [8, 8, 4] },
      bindings: { past: 3 },
      outputs: [f32(1, 1, 4), f32(2, 1, 2, "past+1", 4)],
      noKernel: "Input 'past' expect k_hidden_size == v_hidden_size",
    },
    {
      title: "generation with a cache",
      opset: 1,
      inputs: [f32(1, "n", 8), f32(8, 24), f32(24), null, f32(2, 1, 2, "past", 4)],
      attributes: { num_heads: 2, unidirectional: 1 },
      bindings: { past: 3, n: 1 },
      outputs: [f32(1, "n", 8), f32(2, 1, 2, "past+n", 4)],
      macs: 24 * 8 + 2 * 4 * 8,
    },
  ],
};

const qAttention: OpSpec = {
  domain: "com.microsoft",
  name: "QAttention",
  since: 1,
  inputs: [
    "input",
    "weight",
    "bias",
    "input_scale",
    "weight_scale",
    "mask_index",
    "input_zero_point",
    "weight_zero_point",
    "past",
  ],
  outputs: ["output", "present"],
  infer: (ctx) => inferPacked(ctx, 3, 1, 8),
  cost(ctx) {
    const { sizes, columns } = packedAttention(ctx, 1, 8);
    const projected = times(sizes.batch, sizes.queryLength, columns);
    const extras = [
      ...zeroPointExtra(ctx, 6, 0),
      ...zeroPointExtra(ctx, 7, 1),
      perElement(projected, 1, "scaling the integer sums", false),
    ];
    return packedCost(ctx, { weights: 1, past: 8, mask: ctx.hasInput(5), extras });
  },
  examples: [
    {
      title: "int8 weight",
      opset: 1,
      inputs: [
        of("uint8", "batch", "n", 8),
        of("int8", 8, 24),
        f32(24),
        constant("float32", [], [0.5]),
        constant("float32", [], [0.5]),
        fed("int32", ["batch"], [3, 2]),
        constant("uint8", [], [128]),
        constant("int8", [], [0]),
      ],
      attributes: { num_heads: 2 },
      bindings: { batch: 2, n: 3 },
      outputs: [f32("batch", "n", 8)],
      macs: 2 * 3 * 24 * 8 + 2 * 2 * 9 * 8,
      other: 144 + 48 + 192 + 144 + 36 * (SOFTMAX_FLOPS + 1),
    },
  ],
};

export const microsoftAttentionOps: readonly OpSpec[] = [attention, qAttention];
