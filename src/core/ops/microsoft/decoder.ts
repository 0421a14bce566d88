import type { Dim } from "../../facts/fact";
import { type AttentionSizes, asProjection, attentionCost, maskedAttentionCost } from "../attention";
import { contraction } from "../contraction";
import { dividedBy, plus, product, tensorFact, times } from "../dims";
import { constant, f32, fed } from "../example";
import { lastAxisQuant } from "../matmul";
import { perElement, together } from "../pricing";
import { scalarOf } from "../small";
import type { CostContext, OpContext, OpCost, OpSpec } from "../spec";

/** Attention of decoders as older exports fuse it: the projections are inside. */

/** Queries or keys of one position, against a cache that is as long as its tensor: the most that a step can cost. */
function maskedSizes(ctx: OpContext): AttentionSizes & { readonly present: Dim } {
  const [batch, length] = ctx.input(0).shape ?? [];
  const cache = ctx.input(4).shape;
  const heads = ctx.maybeInt("num_heads");
  const width = dividedBy(dividedBy(ctx.input(1).shape?.[1], 3), heads);
  const shared = ctx.int("past_present_share_buffer", 0) !== 0;
  const present = shared ? cache?.[3] : plus(cache?.[3], length);
  return {
    batch,
    heads,
    kvHeads: heads,
    headDim: width,
    vHeadDim: width,
    queryLength: length,
    keyLength: present,
    present,
  };
}

function projected(ctx: CostContext, rows: readonly Dim[], weight: number, what: string): OpCost {
  const [features, columns] = ctx.input(weight).shape ?? [];
  const kept = [...rows, columns];
  const cost = contraction({
    kept,
    summed: [features],
    extras: [perElement(product(kept), 1, "adding the bias", false)],
  });
  return asProjection(cost, what);
}

const decoderMaskedSelfAttention: OpSpec = {
  domain: "com.microsoft",
  name: "DecoderMaskedSelfAttention",
  since: 1,
  inputs: [
    "input",
    "weights",
    "bias",
    "mask_index",
    "past",
    "attention_bias",
    "past_sequence_length",
    "beam_width",
    "cache_indirection",
  ],
  outputs: ["output", "present"],
  infer(ctx) {
    const { batch, heads, headDim, vHeadDim, queryLength, present } = maskedSizes(ctx);
    const { dtype } = ctx.input(0);
    ctx.output(0, tensorFact(dtype, [batch, queryLength, times(heads, vHeadDim)]));
    ctx.output(1, tensorFact(dtype, [2, batch, heads, present, headDim]));
  },
  cost(ctx) {
    const sizes = maskedSizes(ctx);
    return together(
      projected(ctx, [sizes.batch, sizes.queryLength], 1, "projection"),
      maskedAttentionCost(sizes, { mask: ctx.hasInput(3) || ctx.hasInput(5) }),
    );
  },
  quant: lastAxisQuant(1),
  examples: [
    {
      title: "one step with a shared cache",
      opset: 1,
      inputs: [
        f32("batch", 1, 8),
        f32(8, 24),
        f32(24),
        null,
        f32(2, "batch", 2, "max", 4),
        null,
        constant("int32", [1], [3]),
      ],
      attributes: { num_heads: 2, past_present_share_buffer: 1 },
      bindings: { batch: 2, max: 6 },
      outputs: [f32("batch", 1, 8), f32(2, "batch", 2, "max", 4)],
      macs: 2 * 24 * 8 + 2 * 2 * 6 * 8,
      noKernel: "Could not find an implementation",
    },
  ],
};

/** What inputs say that are decided when the model runs; undefined when only the data knows. */
const flag = (ctx: OpContext, input: number): boolean | undefined => {
  const value = scalarOf(ctx.input(input));
  return typeof value === "number" ? value !== 0 : undefined;
};

/** Length of the keys: those of a static cache, the cache and the new ones, or the new ones alone. */
function decoderKeys(ctx: OpContext): Dim {
  const [isStatic, usesPast] = [flag(ctx, 8), flag(ctx, 9)];
  const cached = ctx.input(6).shape?.[2];
  const given = isStatic === true ? ctx.input(1).shape?.[0] : ctx.input(0).shape?.[0];
  if (isStatic === undefined || usesPast === undefined) {
    return undefined;
  }
  return !usesPast ? given : isStatic ? cached : plus(cached, given);
}

function decoderSizes(ctx: OpContext): AttentionSizes {
  const [length, batch, hidden] = ctx.input(0).shape ?? [];
  const heads = ctx.maybeInt("num_heads");
  const width = dividedBy(hidden, heads);
  return {
    batch,
    heads,
    kvHeads: heads,
    headDim: width,
    vHeadDim: width,
    queryLength: length,
    keyLength: decoderKeys(ctx),
  };
}

const decoderAttention: OpSpec = {
  domain: "com.microsoft",
  name: "DecoderAttention",
  since: 1,
  inputs: [
    "query",
    "key",
    "q_weight",
    "kv_weight",
    "bias",
    "key_padding_mask",
    "key_cache",
    "value_cache",
    "static_kv",
    "use_past",
    "has_layer_state",
    "has_key_padding_mask",
  ],
  outputs: ["output", "new_key_cache", "new_value_cache"],
  infer(ctx) {
    const { dtype, shape } = ctx.input(0);
    const { batch, heads, headDim, keyLength } = decoderSizes(ctx);
    ctx.output(0, tensorFact(dtype, shape));
    ctx.output(1, tensorFact(dtype, [batch, heads, keyLength, headDim]));
    ctx.output(2, tensorFact(dtype, [batch, heads, keyLength, headDim]));
  },
  cost(ctx) {
    const [length, batch] = ctx.input(0).shape ?? [];
    const isStatic = flag(ctx, 8);
    const keys = isStatic === true ? ctx.input(1).shape?.[0] : length;
    const isCached = isStatic === true && flag(ctx, 9) === true;
    return together(
      projected(ctx, [length, batch], 2, "queries"),
      ...(isCached ? [] : [projected(ctx, [keys, batch], 3, "keys and values")]),
      attentionCost(decoderSizes(ctx)),
    );
  },
  examples: [
    {
      title: "self attention without a cache",
      opset: 1,
      inputs: [
        f32("n", "batch", 8),
        f32("n", "batch", 8),
        f32(8, 8),
        f32(8, 16),
        f32(24),
        null,
        null,
        null,
        constant("bool", [1], [0]),
        constant("bool", [1], [0]),
        constant("bool", [1], [0]),
        constant("bool", [1], [0]),
      ],
      attributes: { num_heads: 2 },
      bindings: { n: 3, batch: 2 },
      outputs: [f32("n", "batch", 8), f32("batch", 2, "n", 4), f32("batch", 2, "n", 4)],
      macs: 6 * 64 + 6 * 128 + 2 * 2 * 9 * 8,
      noKernel: "Could not find an implementation",
    },
  ],
};

/** Tokens see a window on both sides; the few that are global see, and are seen by, all. */
const longformerAttention: OpSpec = {
  domain: "com.microsoft",
  name: "LongformerAttention",
  since: 1,
  inputs: ["input", "weight", "bias", "mask", "global_weight", "global_bias", "global"],
  outputs: ["output"],
  infer: (ctx) => ctx.output(0, tensorFact(ctx.input(0).dtype, ctx.input(0).shape)),
  cost(ctx) {
    const [batch, length, hidden] = ctx.input(0).shape ?? [];
    const heads = ctx.maybeInt("num_heads");
    const width = dividedBy(hidden, heads);
    const attention = attentionCost({
      batch,
      heads,
      kvHeads: heads,
      headDim: width,
      vHeadDim: width,
      queryLength: length,
      keyLength: 2 * ctx.int("window", 0) + 1,
    });
    return together(
      projected(ctx, [batch, length], 1, "local projection"),
      projected(ctx, [batch, length], 4, "global projection"),
      {
        ...attention,
        rule: `within the window: ${attention.rule}; global tokens, which only the data knows, cost more`,
      },
    );
  },
  examples: [
    {
      title: "a window of two",
      opset: 1,
      inputs: [
        f32("batch", 8, 8),
        f32(8, 24),
        f32(24),
        f32("batch", 8),
        f32(8, 24),
        f32(24),
        fed("int32", ["batch", 8], [1, 0, 0, 0, 0, 0, 0, 0]),
      ],
      attributes: { num_heads: 2, window: 2 },
      bindings: { batch: 1 },
      outputs: [f32("batch", 8, 8)],
      macs: 2 * 8 * 24 * 8 + 2 * 8 * 5 * 8,
      noKernel: "Could not find an implementation",
    },
  ],
};

/** Tokens without padding against a cache in blocks; how long each sequence is, its length inputs say. */
const pagedAttention: OpSpec = {
  domain: "com.microsoft",
  name: "PagedAttention",
  since: 1,
  inputs: [
    "query",
    "key",
    "value",
    "key_cache",
    "value_cache",
    "cumulative_sequence_length",
    "past_seqlens",
    "block_table",
    "cos_cache",
    "sin_cache",
  ],
  outputs: ["output", "key_cache_out", "value_cache_out"],
  infer(ctx) {
    const { dtype, shape } = ctx.input(0);
    const heads = ctx.maybeInt("num_heads");
    const width = pagedWidth(ctx);
    ctx.output(0, tensorFact(dtype, [shape?.[0], times(heads, width)]));
    for (const cache of [3, 4]) {
      ctx.output(cache - 2, tensorFact(ctx.input(cache).dtype, ctx.input(cache).shape));
    }
  },
  cost(ctx) {
    const heads = ctx.maybeInt("num_heads");
    const width = pagedWidth(ctx);
    const blocks = ctx.input(7).shape?.[1];
    const attention = attentionCost({
      batch: 1,
      heads,
      kvHeads: ctx.maybeInt("kv_num_heads"),
      headDim: width,
      vHeadDim: width,
      queryLength: ctx.input(0).shape?.[0],
      keyLength: times(blocks, ctx.input(3).shape?.[1]),
    });
    return { ...attention, rule: `with every block of the table full: ${attention.rule}` };
  },
  examples: [
    {
      title: "blocks of four positions",
      opset: 1,
      inputs: [
        of16("tokens", 8),
        of16("tokens", 4),
        of16("tokens", 4),
        of16("blocks", 4, 1, 4),
        of16("blocks", 4, 1, 4),
        fed("int32", [3], [0, 1, 2]),
        fed("int32", [2], [1, 1]),
        fed("int32", [2, 2], [0, 1, 2, 3]),
      ],
      attributes: { num_heads: 2, kv_num_heads: 1 },
      bindings: { tokens: 2, blocks: 6 },
      outputs: [of16("tokens", 8), of16("blocks", 4, 1, 4), of16("blocks", 4, 1, 4)],
      macs: 2 * 2 * 8 * 8,
      noKernel: "of operator (PagedAttention) in node (node) is invalid",
    },
  ],
};

function of16(...shape: readonly (number | string)[]) {
  return { dtype: "float16", shape } as const;
}

/** Width of one head; queries, keys and values may be packed in one tensor. */
function pagedWidth(ctx: OpContext): Dim {
  const heads = ctx.int("num_heads", 0);
  const packed = ctx.hasInput(1) ? heads : heads + 2 * ctx.int("kv_num_heads", 0);
  return dividedBy(ctx.input(0).shape?.[1], packed);
}

export const microsoftDecoderOps: readonly OpSpec[] = [
  decoderMaskedSelfAttention,
  decoderAttention,
  longformerAttention,
  pagedAttention,
];
