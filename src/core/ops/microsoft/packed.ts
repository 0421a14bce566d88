import type { Dim } from "../../facts/fact";
import { type AttentionSizes, asProjection, maskedAttentionCost } from "../attention";
import { contraction } from "../contraction";
import { dividedBy, plus, tensorFact, times } from "../dims";
import { f32, fed, of } from "../example";
import { lastAxisQuant } from "../matmul";
import { moveCost } from "../moving";
import { perElement, together, withExtras } from "../pricing";
import type { CostContext, OpContext, OpCost, OpSpec } from "../spec";

/**
 * Batches without padding: the tokens of all sequences lie behind each other, and `token_offset` (batch, sequence) says
 * where each belongs. How long each sequence is, only the data knows: attention is priced as if none were shorter.
 */
const SHORTER = "sequences that are shorter cost less";

function packedSizes(ctx: OpContext, offsets: number, headDim: Dim, vHeadDim: Dim): AttentionSizes {
  const shape = ctx.input(offsets).shape;
  const heads = ctx.maybeInt("num_heads");
  return {
    batch: shape?.[0],
    heads,
    kvHeads: heads,
    headDim,
    vHeadDim,
    queryLength: shape?.[1],
    keyLength: shape?.[1],
  };
}

function upperBound(cost: OpCost): OpCost {
  return { ...cost, rule: `${cost.rule}; ${SHORTER}` };
}

const NO_CPU = "Could not find an implementation";

const packedAttention: OpSpec = {
  domain: "com.microsoft",
  name: "PackedAttention",
  since: 1,
  inputs: ["input", "weights", "bias", "token_offset", "cumulative_sequence_length", "attention_bias"],
  outputs: ["output"],
  infer: (ctx) => ctx.output(0, tensorFact(ctx.input(0).dtype, [ctx.input(0).shape?.[0], widths(ctx)[2]])),
  cost(ctx) {
    const heads = ctx.maybeInt("num_heads");
    const [q, , v] = widths(ctx);
    const sizes = packedSizes(ctx, 3, dividedBy(q, heads), dividedBy(v, heads));
    const [tokens, features] = ctx.input(0).shape ?? [];
    const columns = ctx.input(1).shape?.[1];
    const projection = contraction({
      kept: [tokens, columns],
      summed: [features],
      extras: [perElement(times(tokens, columns), 1, "adding the bias", false)],
    });
    const attention = maskedAttentionCost(sizes, { mask: ctx.hasInput(5) });
    return together(asProjection(projection), upperBound(attention));
  },
  quant: lastAxisQuant(1),
  examples: [
    {
      title: "two sequences of at most three tokens",
      opset: 1,
      inputs: [
        f32("tokens", 8),
        f32(8, 24),
        f32(24),
        fed("int32", [2, 3], [0, 1, 2, 3, 4, 5]),
        fed("int32", [3], [0, 3, 5]),
      ],
      attributes: { num_heads: 2 },
      bindings: { tokens: 5 },
      outputs: [f32("tokens", 8)],
      macs: 5 * 24 * 8 + 2 * 2 * 9 * 8,
      noKernel: NO_CPU,
    },
  ],
};

/** Widths of queries, keys and values together for all heads. */
function widths(ctx: OpContext): readonly Dim[] {
  const third = dividedBy(ctx.input(1).shape?.[1], 3);
  return ctx.ints("qkv_hidden_sizes") ?? [third, third, third];
}

/** Queries, keys and values as three matrices, or as one tensor (tokens, heads, 3, width). */
function packedWidths(ctx: OpContext): { readonly head: Dim; readonly value: Dim } {
  const heads = ctx.maybeInt("num_heads");
  const q = ctx.input(0).shape;
  const head = q?.length === 4 ? q[3] : dividedBy(q?.[1], heads);
  return { head, value: ctx.hasInput(2) ? dividedBy(ctx.input(2).shape?.[1], heads) : head };
}

function packedBiasCost(ctx: CostContext): Dim {
  return ctx.hasInput(3) ? times(ctx.input(0).shape?.[0], ctx.input(3).shape?.[0]) : 0;
}

const packedMultiHeadAttention: OpSpec = {
  domain: "com.microsoft",
  name: "PackedMultiHeadAttention",
  since: 1,
  inputs: ["query", "key", "value", "bias", "token_offset", "cumulative_sequence_length", "attention_bias"],
  outputs: ["output"],
  infer(ctx) {
    const width = times(ctx.maybeInt("num_heads"), packedWidths(ctx).value);
    ctx.output(0, tensorFact(ctx.input(0).dtype, [ctx.input(0).shape?.[0], width]));
  },
  cost(ctx) {
    const { head, value } = packedWidths(ctx);
    const attention = maskedAttentionCost(packedSizes(ctx, 4, head, value), { mask: ctx.hasInput(6) });
    const bias = perElement(packedBiasCost(ctx), 1, "adding the biases of queries, keys and values", false);
    return withExtras(upperBound(attention), [bias]);
  },
  examples: [
    {
      title: "wider values",
      opset: 1,
      inputs: [
        f32("tokens", 8),
        f32("tokens", 8),
        f32("tokens", 12),
        null,
        fed("int32", [2, 3], [0, 1, 2, 3, 4, 5]),
        fed("int32", [3], [0, 3, 5]),
      ],
      attributes: { num_heads: 2 },
      bindings: { tokens: 5 },
      outputs: [f32("tokens", 12)],
      macs: 2 * 2 * 9 * (4 + 6),
      noKernel: NO_CPU,
    },
    {
      title: "one packed tensor",
      opset: 1,
      inputs: [
        f32("tokens", 2, 3, 4),
        null,
        null,
        null,
        fed("int32", [2, 3], [0, 1, 2, 3, 4, 5]),
        fed("int32", [3], [0, 3, 5]),
      ],
      attributes: { num_heads: 2 },
      bindings: { tokens: 5 },
      outputs: [f32("tokens", 8)],
      macs: 2 * 2 * 9 * 8,
      noKernel: NO_CPU,
    },
  ],
};

const removePadding: OpSpec = {
  domain: "com.microsoft",
  name: "RemovePadding",
  since: 1,
  inputs: ["input", "sequence_token_count"],
  outputs: ["output", "token_offset", "cumulated_seq_len", "max_seq_len"],
  infer(ctx) {
    const { shape, dtype } = ctx.input(0);
    const batch = shape?.[0];
    ctx.output(0, tensorFact(dtype, [ctx.fresh("tokens"), shape?.[2]]));
    ctx.output(1, { dtype: "int32", shape: [batch, shape?.[1]] });
    ctx.output(2, { dtype: "int32", shape: [plus(batch, 1)] });
    ctx.output(3, { dtype: "int32", shape: [1] });
  },
  cost: () => moveCost("the tokens that are no padding are copied"),
  examples: [
    {
      title: "two sequences",
      opset: 1,
      inputs: [f32("batch", 3, 4), fed("int32", ["batch"], [3, 2])],
      bindings: { batch: 2, "out0.tokens": 5 },
      outputs: [f32("out0.tokens", 4), of("int32", "batch", 3), of("int32", "batch + 1"), of("int32", 1)],
      macs: 0,
      other: 0,
      noKernel: NO_CPU,
    },
  ],
};

const restorePadding: OpSpec = {
  domain: "com.microsoft",
  name: "RestorePadding",
  since: 1,
  inputs: ["input", "token_offset"],
  outputs: ["output"],
  infer(ctx) {
    const { shape, dtype } = ctx.input(0);
    const [batch, length] = ctx.input(1).shape ?? [];
    ctx.output(0, tensorFact(dtype, [batch, length, shape?.[1]]));
  },
  cost: () => moveCost("the tokens are copied to their places and the padding filled with zeros"),
  examples: [
    {
      title: "two sequences",
      opset: 1,
      inputs: [f32("tokens", 4), fed("int32", [2, 3], [0, 1, 2, 3, 4, 5])],
      bindings: { tokens: 5 },
      outputs: [f32(2, 3, 4)],
      macs: 0,
      other: 0,
      noKernel: NO_CPU,
    },
  ],
};

export const microsoftPackedOps: readonly OpSpec[] = [
  packedAttention,
  packedMultiHeadAttention,
  removePadding,
  restorePadding,
];
