import { max, min } from "../../expr";
import type { Dim } from "../../facts/fact";
import { type AttentionSizes, maskedAttentionCost, rotaryCost, rotatedElements } from "../attention";
import { ROTARY_FLOPS, SOFTMAX_FLOPS } from "../conventions";
import { dividedBy, firstKnown, plus, product, tensorFact, times } from "../dims";
import { constant, f32, fed } from "../example";
import { perElement, withExtras } from "../pricing";
import type { InferContext, OpContext, OpSpec } from "../spec";

/** Grouped attention of com.microsoft: heads as attributes, keys and values possibly packed behind the queries. */
interface Grouped extends AttentionSizes {
  readonly hidden: Dim;
  readonly ownLength: Dim;
}

function grouped(ctx: OpContext): Grouped {
  const q = ctx.input(0).shape;
  const heads = ctx.maybeInt("num_heads");
  const kvHeads = ctx.maybeInt("kv_num_heads");
  const packed = !ctx.hasInput(1);
  const headDim = packed
    ? dividedBy(q?.[2], plus(heads, times(2, kvHeads)))
    : firstKnown(dividedBy(q?.[2], heads), dividedBy(ctx.input(1).shape?.[2], kvHeads));
  const ownLength = packed ? q?.[1] : firstKnown(ctx.input(1).shape?.[1], q?.[1]);
  return {
    batch: q?.[0],
    heads,
    kvHeads,
    headDim,
    vHeadDim: headDim,
    queryLength: q?.[1],
    keyLength: undefined,
    hidden: packed ? times(heads, headDim) : q?.[2],
    ownLength,
  };
}

/** Positions after this step: the total given as a constant, else what the past holds and this step's own. */
function totalLength(ctx: OpContext, past: Dim, own: Dim, total: number): Dim {
  return firstKnown(ctx.input(total).small?.[0]) ?? (past === undefined ? undefined : plus(past, own));
}

interface GroupQuery extends Grouped {
  readonly presentLength: Dim;
}

function groupQuery(ctx: OpContext): GroupQuery {
  const sizes = grouped(ctx);
  const past = ctx.hasInput(3) ? ctx.input(3).shape?.[2] : 0;
  const total = totalLength(ctx, past, sizes.ownLength, 6);
  const given = ctx.input(6).small?.[0] !== undefined;
  const window = ctx.int("local_window_size", -1);
  return {
    ...sizes,
    keyLength: total !== undefined && window > 0 ? min(total, window) : total,
    presentLength: given && total !== undefined && past !== undefined ? max(total, past) : total,
  };
}

function inferGroupQuery(ctx: InferContext): void {
  const { batch, queryLength, hidden, kvHeads, presentLength, headDim } = groupQuery(ctx);
  const dtype = ctx.input(0).dtype;
  const cacheDtype = ctx.hasInput(3) ? ctx.input(3).dtype : dtype;
  const cacheWidth = ctx.hasInput(3) ? ctx.input(3).shape?.[3] : headDim;
  ctx.output(0, tensorFact(dtype, [batch, queryLength, hidden]));
  ctx.output(1, tensorFact(cacheDtype, [batch, kvHeads, presentLength, cacheWidth]));
  ctx.output(2, tensorFact(cacheDtype, [batch, kvHeads, presentLength, cacheWidth]));
}

const groupQueryAttention: OpSpec = {
  domain: "com.microsoft",
  name: "GroupQueryAttention",
  since: 1,
  inputs: [
    "query",
    "key",
    "value",
    "past_key",
    "past_value",
    "seqlens_k",
    "total_sequence_length",
    "cos_cache",
    "sin_cache",
    "position_ids",
    "attention_bias",
    "head_sink",
    "k_scale",
    "v_scale",
  ],
  outputs: ["output", "present_key", "present_value", "output_qk"],
  infer: inferGroupQuery,
  cost(ctx) {
    const sizes = groupQuery(ctx);
    const { batch, heads, kvHeads, headDim, queryLength, ownLength } = sizes;
    const turned = times(batch, headDim, plus(times(heads, queryLength), times(kvHeads, ownLength)));
    const rotary = ctx.int("do_rotary", 0) !== 0;
    const width = times(2, ctx.input(7).shape?.[1]);
    const elements = rotatedElements(turned, width, headDim);
    return withExtras(
      maskedAttentionCost(sizes, {
        mask: ctx.hasInput(10),
        softcap: ctx.float("softcap", 0) > 0,
        causal: true,
      }),
      rotary ? [perElement(elements, ROTARY_FLOPS, "the rotary embedding", false)] : [],
    );
  },
  examples: [
    {
      title: "prompt without a past",
      opset: 1,
      inputs: [
        f32("batch", "n", 32),
        f32("batch", "n", 16),
        f32("batch", "n", 16),
        null,
        null,
        fed("int32", ["batch"], [2, 2]),
        { dtype: "int32", shape: [], feed: [3] },
      ],
      attributes: { num_heads: 4, kv_num_heads: 2 },
      bindings: { batch: 2, n: 3 },
      outputs: [f32("batch", "n", 32), f32("batch", 2, "n", 8), f32("batch", 2, "n", 8)],
      macs: 2 * 4 * 9 * 16,
      other: 72 * SOFTMAX_FLOPS,
    },
    {
      title: "one token with cache, rotary embedding, packed operands",
      opset: 1,
      inputs: [
        f32("batch", 1, 64),
        null,
        null,
        f32("batch", 1, "past", 16),
        f32("batch", 1, "past", 16),
        fed("int32", ["batch"], [6]),
        { dtype: "int32", shape: [1], feed: [7] },
        f32(10, 8),
        f32(10, 8),
      ],
      attributes: { num_heads: 2, kv_num_heads: 1, do_rotary: 1 },
      bindings: { batch: 1, past: 6 },
      outputs: [f32("batch", 1, 32), f32("batch", 1, "past+1", 16), f32("batch", 1, "past+1", 16)],
      macs: 2 * 7 * 32,
      other: 14 * SOFTMAX_FLOPS + 48 * ROTARY_FLOPS,
    },
    {
      title: "window of two, total given as a constant",
      opset: 1,
      inputs: [
        f32(1, 1, 8),
        f32(1, 1, 8),
        f32(1, 1, 8),
        f32(1, 1, 4, 8),
        f32(1, 1, 4, 8),
        fed("int32", [1], [4]),
        constant("int32", [], [5]),
      ],
      attributes: { num_heads: 1, kv_num_heads: 1, local_window_size: 2 },
      outputs: [f32(1, 1, 8), f32(1, 1, 5, 8), f32(1, 1, 5, 8)],
      macs: 2 * 16,
    },
  ],
};

/** SparseAttention keeps keys and values in one buffer: present is past, and at most all of it is read. */
const sparseAttention: OpSpec = {
  domain: "com.microsoft",
  name: "SparseAttention",
  since: 1,
  inputs: [
    "query",
    "key",
    "value",
    "past_key",
    "past_value",
    "block_row_indices",
    "block_col_indices",
    "total_sequence_length",
    "key_total_sequence_lengths",
    "cos_cache",
    "sin_cache",
  ],
  outputs: ["output", "present_key", "present_value"],
  infer(ctx) {
    const { batch, queryLength, hidden, kvHeads, headDim } = grouped(ctx);
    const dtype = ctx.input(0).dtype;
    const cache = ctx.hasInput(3) ? ctx.input(3).shape : undefined;
    ctx.output(0, tensorFact(dtype, [batch, queryLength, hidden]));
    ctx.output(1, tensorFact(dtype, cache ?? [batch, kvHeads, undefined, headDim]));
    ctx.output(2, tensorFact(dtype, cache ?? [batch, kvHeads, undefined, headDim]));
  },
  cost(ctx) {
    const buffer = ctx.hasInput(3) ? ctx.input(3).shape?.[2] : undefined;
    const keyLength = firstKnown(ctx.input(7).small?.[0]) ?? buffer;
    const dense = maskedAttentionCost({ ...grouped(ctx), keyLength }, {});
    return {
      ...dense,
      rule: `${dense.rule}; an upper bound: blocks that the layout leaves out are not deducted`,
    };
  },
  examples: [
    {
      title: "two blocks of 16",
      opset: 1,
      inputs: [
        f32(1, "n", 32),
        f32(1, "n", 16),
        f32(1, "n", 16),
        f32(1, 1, 32, 16),
        f32(1, 1, 32, 16),
        fed("int32", [1, 3], [0, 1, 3]),
        fed("int32", [1, 3], [0, 0, 1]),
        constant("int32", [], [32]),
        fed("int32", [1], [32]),
      ],
      attributes: { num_heads: 2, kv_num_heads: 1, sparse_block_size: 16, scale: 0.25 },
      bindings: { n: 32 },
      outputs: [f32(1, "n", 32), f32(1, 1, 32, 16), f32(1, 1, 32, 16)],
      macs: 2 * 32 * 32 * 32,
      // It demands that past and present are one buffer, which a plain run cannot give.
      noKernel: "past_key->DataRaw() == present_key->DataRaw()",
    },
  ],
};

const rotaryEmbedding: OpSpec = {
  domain: "com.microsoft",
  name: "RotaryEmbedding",
  since: 1,
  inputs: ["input", "position_ids", "cos_cache", "sin_cache"],
  outputs: ["output"],
  infer: (ctx) => ctx.output(0, tensorFact(ctx.input(0).dtype, ctx.input(0).shape)),
  cost(ctx) {
    const x = ctx.input(0).shape;
    const width = x?.length === 4 ? x[3] : dividedBy(x?.[2], ctx.maybeInt("num_heads"));
    return rotaryCost(product(x), ctx.int("rotary_embedding_dim", 0), width);
  },
  examples: [
    {
      title: "three axes",
      opset: 1,
      inputs: [
        f32("batch", "n", 16),
        { dtype: "int64", shape: ["batch", "n"], feed: [0, 1, 2, 0, 1, 2] },
        f32(5, 4),
        f32(5, 4),
      ],
      bindings: { batch: 2, n: 3 },
      outputs: [f32("batch", "n", 16)],
      macs: 0,
      other: 96 * ROTARY_FLOPS,
    },
    {
      title: "part of each head, four axes, first position given",
      opset: 1,
      inputs: [f32(1, 2, "n", 8), fed("int64", [1], [1]), f32(5, 2), f32(5, 2)],
      attributes: { num_heads: 2, rotary_embedding_dim: 4 },
      bindings: { n: 3 },
      outputs: [f32(1, 2, "n", 8)],
      other: 24 * ROTARY_FLOPS,
    },
  ],
};

export const microsoftGroupQueryOps: readonly OpSpec[] = [
  groupQueryAttention,
  sparseAttention,
  rotaryEmbedding,
];
