import type { Dim } from "../../facts/fact";
import { type AttentionSizes, maskedAttentionCost } from "../attention";
import { SOFTMAX_FLOPS } from "../conventions";
import { dividedBy, firstKnown, plus, product, tensorFact, times } from "../dims";
import { constant, f32, fed } from "../example";
import { perElement, withExtras } from "../pricing";
import type { CostContext, InferContext, OpContext, OpCost, OpSpec } from "../spec";

/** Input indices that differ between MultiHeadAttention and its decoding form. */
interface Slots {
  readonly bias: number;
  readonly masks: readonly number[];
  readonly past: number;
}

const PLAIN: Slots = { bias: 3, masks: [4, 5], past: 6 };
const DECODER: Slots = { bias: 10, masks: [3, 4], past: 5 };

interface MultiHead extends AttentionSizes {
  readonly presentLength: Dim;
}

/** Width of one head of values: (batch, heads, length, width) or (batch, length, heads·width). */
function valueWidth(shape: readonly Dim[] | undefined, heads: number | undefined): Dim {
  return shape?.length === 4 ? shape[3] : shape?.length === 3 ? dividedBy(shape[2], heads) : undefined;
}

/** Reads sizes from whichever packing of queries, keys and values the node uses. */
function multiHead(ctx: OpContext, slots: Slots): MultiHead {
  const [q, k, v] = [ctx.input(0).shape, ctx.input(1).shape, ctx.input(2).shape];
  const heads = ctx.maybeInt("num_heads");
  const packed = q?.length === 3 && !ctx.hasInput(1) ? 3 : 1;
  const qWidth = q?.length === 5 ? q[4] : dividedBy(q?.[2], times(heads, packed));
  const vWidth = ctx.hasInput(2)
    ? valueWidth(v, heads)
    : k?.length === 5
      ? k[4]
      : ctx.hasInput(1)
        ? undefined
        : qWidth;
  const own = k?.length === 4 ? k[2] : firstKnown(k?.[1], ctx.hasInput(1) ? undefined : q?.[1]);
  const past = ctx.hasInput(slots.past) ? ctx.input(slots.past).shape : undefined;
  const shared =
    ctx.hasInput(slots.past) &&
    (ctx.int("past_present_share_buffer", 0) !== 0 || (slots === PLAIN && ctx.hasInput(8)));
  const total = shared ? past?.[2] : ctx.hasInput(slots.past) ? plus(past?.[2], own) : own;
  return {
    batch: q?.[0],
    heads,
    kvHeads: heads,
    headDim: firstKnown(qWidth, k?.length === 4 ? k[3] : undefined),
    vHeadDim: vWidth,
    queryLength: q?.[1],
    keyLength: total,
    presentLength: total,
  };
}

function infer(ctx: InferContext, slots: Slots): void {
  const dtype = ctx.input(0).dtype;
  const sizes = multiHead(ctx, slots);
  const { batch, heads, headDim, vHeadDim, queryLength, presentLength } = sizes;
  ctx.output(0, tensorFact(dtype, [batch, queryLength, times(heads, vHeadDim)]));
  ctx.output(1, tensorFact(dtype, [batch, heads, presentLength, headDim]));
  ctx.output(2, tensorFact(dtype, [batch, heads, presentLength, vHeadDim]));
  ctx.output(3, tensorFact(undefined, [batch, heads, queryLength, sizes.keyLength]));
}

function cost(ctx: CostContext, slots: Slots): OpCost {
  const sizes = multiHead(ctx, slots);
  const projected = plus(
    ...[0, 1, 2].map((index) => (ctx.hasInput(index) ? product(ctx.input(index).shape) : 0)),
  );
  return withExtras(
    maskedAttentionCost(sizes, {
      mask: slots.masks.some((index) => ctx.hasInput(index)),
      causal: ctx.int("unidirectional", 0) !== 0,
    }),
    ctx.hasInput(slots.bias)
      ? [perElement(projected, 1, "adding the biases of queries, keys and values", false)]
      : [],
  );
}

const multiHeadAttention: OpSpec = {
  domain: "com.microsoft",
  name: "MultiHeadAttention",
  since: 1,
  inputs: [
    "query",
    "key",
    "value",
    "bias",
    "key_padding_mask",
    "attention_bias",
    "past_key",
    "past_value",
    "past_sequence_length",
    "cache_indirection",
  ],
  outputs: ["output", "present_key", "present_value", "qk"],
  infer: (ctx) => infer(ctx, PLAIN),
  cost: (ctx) => cost(ctx, PLAIN),
  examples: [
    {
      title: "bias and padding mask",
      opset: 1,
      inputs: [
        f32("batch", "n", 8),
        f32("batch", "n", 8),
        f32("batch", "n", 8),
        f32(24),
        fed("int32", ["batch", "n"], [1, 1, 1, 1, 1, 0]),
      ],
      attributes: { num_heads: 2 },
      bindings: { batch: 2, n: 3 },
      outputs: [f32("batch", "n", 8)],
      macs: 2 * 2 * 9 * 8,
      other: 36 * (SOFTMAX_FLOPS + 1) + 3 * 48,
    },
    {
      title: "cross attention with keys of another length and wider values",
      opset: 1,
      inputs: [f32("batch", "n", 8), f32("batch", "m", 8), f32("batch", "m", 12)],
      attributes: { num_heads: 2 },
      bindings: { batch: 2, n: 3, m: 5 },
      outputs: [f32("batch", "n", 12)],
      macs: 2 * 2 * 15 * (4 + 6),
    },
    {
      title: "packed queries, keys and values",
      opset: 1,
      inputs: [f32(1, "n", 2, 3, 4)],
      attributes: { num_heads: 2 },
      bindings: { n: 3 },
      outputs: [f32(1, "n", 8)],
      macs: 2 * 9 * 8,
      noKernel: "Packed QKV of shape (B, L, N, 3, H) not implemented for CPU",
    },
    {
      title: "packed keys and values",
      opset: 1,
      inputs: [f32(1, "n", 8), f32(1, "m", 2, 2, 4)],
      attributes: { num_heads: 2 },
      bindings: { n: 3, m: 5 },
      outputs: [f32(1, "n", 8)],
      macs: 2 * 15 * 8,
      noKernel: "Packed KV not implemented for CPU",
    },
    {
      title: "keys and values already split into heads",
      opset: 1,
      inputs: [f32(1, "n", 8), f32(1, 2, "m", 4), f32(1, 2, "m", 4)],
      attributes: { num_heads: 2 },
      bindings: { n: 3, m: 5 },
      outputs: [f32(1, "n", 8)],
      macs: 2 * 15 * 8,
    },
    {
      title: "key-value cache",
      opset: 1,
      inputs: [
        f32(1, 1, 8),
        f32(1, 1, 8),
        f32(1, 1, 8),
        null,
        null,
        null,
        f32(1, 2, "past", 4),
        f32(1, 2, "past", 4),
      ],
      attributes: { num_heads: 2, unidirectional: 1 },
      bindings: { past: 6 },
      outputs: [f32(1, 1, 8), f32(1, 2, "past+1", 4), f32(1, 2, "past+1", 4)],
      macs: 2 * 7 * 8,
    },
  ],
};

const decoderMaskedMultiHeadAttention: OpSpec = {
  domain: "com.microsoft",
  name: "DecoderMaskedMultiHeadAttention",
  since: 1,
  inputs: [
    "query",
    "key",
    "value",
    "mask_index",
    "attention_bias",
    "past_key",
    "past_value",
    "past_sequence_length",
    "beam_width",
    "cache_indirection",
    "bias",
  ],
  outputs: ["output", "present_key", "present_value", "qk"],
  infer: (ctx) => infer(ctx, DECODER),
  cost: (ctx) => cost(ctx, DECODER),
  examples: [
    {
      title: "one step with a shared cache",
      opset: 1,
      inputs: [
        f32("batch", 1, 8),
        f32("batch", 1, 8),
        f32("batch", 1, 8),
        null,
        null,
        f32("batch", 2, "max", 4),
        f32("batch", 2, "max", 4),
        constant("int32", [1], [3]),
      ],
      attributes: { num_heads: 2, past_present_share_buffer: 1 },
      bindings: { batch: 2, max: 6 },
      outputs: [f32("batch", 1, 8), f32("batch", 2, "max", 4), f32("batch", 2, "max", 4)],
      macs: 2 * 2 * 6 * 8,
    },
  ],
};

export const microsoftMultiHeadOps: readonly OpSpec[] = [multiHeadAttention, decoderMaskedMultiHeadAttention];
