import { type Expr, floorDiv, mul, sub } from "../expr";
import type { Dim, Fact } from "../facts/fact";
import type { AttentionSizes } from "./attentionSizes";
import { ROTARY_FLOPS, SOFTMAX_FLOPS } from "./conventions";
import { dividedBy, firstKnown, plus, product, tensorFact, times, words } from "./dims";
import { f32 } from "./example";
import { elementCost, flopsOf, perElement, together, unknownCost, withExtras } from "./pricing";
import { dtypeAttribute } from "./small";
import type { CostPart, OpContext, OpCost, OpSpec } from "./spec";

export type { AttentionSizes };

/** Number of scores: batch·heads·queries·keys. */
export function scoreCount({ batch, heads, queryLength, keyLength }: AttentionSizes): Dim {
  return times(batch, heads, queryLength, keyLength);
}

/**
 * Price of softmax(Q·Kᵀ)·V without projections: batch·heads·n·m·headDim MACs for the scores, the same with the width of
 * the values for the weighted sum, and softmax. Masked scores count: kernels that do not skip them pay for them.
 * Sharing keys and values among heads saves memory, not arithmetic.
 */
export function attentionCost(sizes: AttentionSizes): OpCost {
  const { headDim, vHeadDim, batch, heads, queryLength, keyLength } = sizes;
  const scores = scoreCount(sizes);
  const macs = plus(times(scores, headDim), times(scores, vHeadDim));
  const other = times(scores, SOFTMAX_FLOPS);
  if (macs === undefined || other === undefined) {
    return unknownCost("sizes of the attention heads or sequences are not known");
  }
  const grid = [batch, heads, queryLength, keyLength].map(words).join("×");
  const rule =
    `${words(headDim)} MACs for each of ${grid} scores (batch×heads×queries×keys), ` +
    `${words(vHeadDim)} MACs to weigh the values with each, ${SOFTMAX_FLOPS} FLOPs for its softmax`;
  const parts = attentionParts(sizes, scores as Expr);
  return { macs, other, trust: "estimate", rule, parts, attention: sizes };
}

function attentionParts({ headDim, vHeadDim }: AttentionSizes, scores: Expr): readonly CostPart[] {
  return [
    { part: "scores", macs: mul(scores, headDim as Expr), other: 0 },
    { part: "softmax", macs: 0, other: mul(scores, SOFTMAX_FLOPS) },
    { part: "weightedSum", macs: mul(scores, vHeadDim as Expr), other: 0 },
  ];
}

/** The price of projections inside a fused operator, named as such. */
export function asProjection(cost: OpCost, what = "projection"): OpCost {
  const { macs, other, rule } = cost;
  return {
    ...cost,
    rule: `${what}: ${rule}`,
    ...(macs === undefined || other === undefined ? {} : { parts: [{ part: "projections", macs, other }] }),
  };
}

interface Scores {
  /** A mask or a bias is added to each score. */
  readonly mask?: boolean;
  readonly softcap?: boolean;
  /** Queries see no later keys. Kernels compute those scores all the same. */
  readonly causal?: boolean;
}

/** Scores that a causal mask throws away: n·(n - 1)/2 for each head, the queries being the last n positions. */
export function maskedScores({ batch, heads, queryLength }: AttentionSizes): Dim {
  return queryLength === undefined
    ? undefined
    : times(batch, heads, floorDiv(mul(queryLength, sub(queryLength, 1)), 2));
}

function withCausalWords(cost: OpCost, sizes: AttentionSizes): OpCost {
  const masked = maskedScores(sizes);
  return masked === 0 || cost.macs === undefined
    ? cost
    : {
        ...cost,
        rule: `${cost.rule}; causal: ${words(masked)} of the scores are masked out, and counted since the kernel computes them`,
      };
}

/** Price of an attention block whose scores are also masked, biased or capped. */
export function maskedAttentionCost(sizes: AttentionSizes, options: Scores): OpCost {
  const scores = scoreCount(sizes);
  const dense = attentionCost(sizes);
  return withExtras(options.causal ? withCausalWords(dense, sizes) : dense, [
    ...(options.mask ? [perElement(scores, flopsOf("Add"), "adding the mask", false)] : []),
    ...(options.softcap
      ? [perElement(scores, flopsOf("Tanh") + 2 * flopsOf("Mul"), "capping the scores")]
      : []),
  ]);
}

/** Heads, length and width of an operand: (batch, heads, length, width) or (batch, length, heads·width). */
interface Operand {
  readonly heads: Dim;
  readonly length: Dim;
  readonly width: Dim;
}

function operand(fact: Fact, heads: number | undefined): Operand {
  const shape = fact.shape;
  if (shape?.length === 4) {
    return { heads: shape[1], length: shape[2], width: shape[3] };
  }
  return { heads, length: shape?.[1], width: shape?.length === 3 ? dividedBy(shape[2], heads) : undefined };
}

interface OnnxAttention extends AttentionSizes {
  readonly rank: number | undefined;
}

function sizesOf(ctx: OpContext): OnnxAttention {
  const [q, k, v] = [ctx.input(0), ctx.input(1), ctx.input(2)];
  const kvAttribute = ctx.maybeInt("kv_num_heads");
  const query = operand(q, ctx.maybeInt("q_num_heads"));
  const key = operand(k, kvAttribute);
  const value = operand(v, kvAttribute);
  const past = ctx.hasInput(4) ? operand(ctx.input(4), undefined) : undefined;
  const pastValue = ctx.hasInput(5) ? operand(ctx.input(5), undefined) : undefined;
  const present = firstKnown(key.length, value.length);
  return {
    rank: q.shape?.length,
    batch: firstKnown(q.shape?.[0], k.shape?.[0], v.shape?.[0]),
    heads: query.heads,
    kvHeads: firstKnown(key.heads, value.heads, past?.heads),
    headDim: firstKnown(query.width, key.width, past?.width),
    vHeadDim: firstKnown(value.width, pastValue?.width),
    queryLength: query.length,
    keyLength: past === undefined ? present : plus(past.length, present),
  };
}

const attention: OpSpec = {
  domain: "",
  name: "Attention",
  since: 23,
  inputs: ["Q", "K", "V", "attn_mask", "past_key", "past_value", "nonpad_kv_seqlen"],
  outputs: ["Y", "present_key", "present_value", "qk_matmul_output"],
  infer(ctx) {
    const { batch, heads, kvHeads, headDim, vHeadDim, queryLength, keyLength, rank } = sizesOf(ctx);
    const [q, k, v] = [ctx.input(0), ctx.input(1), ctx.input(2)];
    const merged = [batch, queryLength, times(heads, vHeadDim)];
    const split = [batch, heads, queryLength, vHeadDim];
    ctx.output(0, tensorFact(q.dtype, rank === 4 ? split : rank === 3 ? merged : undefined));
    ctx.output(1, tensorFact(k.dtype, [batch, kvHeads, keyLength, headDim]));
    ctx.output(2, tensorFact(v.dtype, [batch, kvHeads, keyLength, vHeadDim]));
    ctx.output(3, tensorFact(q.dtype, [batch, heads, queryLength, keyLength]));
  },
  cost: (ctx) =>
    maskedAttentionCost(sizesOf(ctx), {
      mask: ctx.hasInput(3),
      softcap: ctx.float("softcap", 0) > 0,
      causal: ctx.int("is_causal", 0) !== 0,
    }),
  examples: [
    {
      title: "four axes, one head of keys for two of queries",
      opset: 23,
      inputs: [f32("batch", 4, "n", 8), f32("batch", 2, "m", 8), f32("batch", 2, "m", 6)],
      bindings: { batch: 2, n: 3, m: 5 },
      outputs: [f32("batch", 4, "n", 6)],
      macs: 2 * 4 * 3 * 5 * (8 + 6),
      other: 120 * SOFTMAX_FLOPS,
    },
    {
      title: "three axes, mask, causal",
      opset: 23,
      inputs: [f32("batch", "n", 32), f32("batch", "n", 16), f32("batch", "n", 16), f32("n", "n")],
      attributes: { q_num_heads: 4, kv_num_heads: 2, is_causal: 1 },
      bindings: { batch: 1, n: 3 },
      outputs: [f32("batch", "n", 32)],
      macs: 4 * 9 * 16,
      other: 36 * (SOFTMAX_FLOPS + 1),
    },
    {
      title: "key-value cache and all outputs",
      opset: 24,
      inputs: [
        f32(1, 2, 1, 4),
        f32(1, 2, 1, 4),
        f32(1, 2, 1, 4),
        null,
        f32(1, 2, "past", 4),
        f32(1, 2, "past", 4),
      ],
      bindings: { past: 6 },
      outputs: [f32(1, 2, 1, 4), f32(1, 2, "past+1", 4), f32(1, 2, "past+1", 4), f32(1, 2, 1, "past+1")],
      macs: 2 * 7 * 8,
    },
  ],
};

/** Elements that a rotary embedding turns: all, or the first `rotary` of each head of `width`. */
export function rotatedElements(elements: Dim, rotary: Dim, width: Dim): Dim {
  return rotary === undefined || rotary === 0 || rotary === width
    ? elements
    : dividedBy(times(elements, rotary), width);
}

/** Price of a rotary embedding of a tensor; `rotary` is the attribute rotary_embedding_dim, 0 for whole heads. */
export function rotaryCost(elements: Dim, rotary: Dim, width: Dim): OpCost {
  const turned = rotatedElements(elements, rotary, width);
  return elementCost(turned, ROTARY_FLOPS, "two products, one sum", "exact");
}

const rotaryEmbedding: OpSpec = {
  domain: "",
  name: "RotaryEmbedding",
  since: 23,
  inputs: ["X", "cos_cache", "sin_cache", "position_ids"],
  outputs: ["Y"],
  infer: (ctx) => ctx.output(0, tensorFact(ctx.input(0).dtype, ctx.input(0).shape)),
  cost(ctx) {
    const x = ctx.input(0);
    const { width } = operand(x, ctx.maybeInt("num_heads"));
    return rotaryCost(product(x.shape), ctx.int("rotary_embedding_dim", 0), width);
  },
  examples: [
    {
      title: "whole heads with positions",
      opset: 23,
      inputs: [
        f32("batch", 2, "n", 8),
        f32(10, 4),
        f32(10, 4),
        { dtype: "int64", shape: ["batch", "n"], feed: [0, 1, 2, 3, 4, 5] },
      ],
      bindings: { batch: 2, n: 3 },
      outputs: [f32("batch", 2, "n", 8)],
      macs: 0,
      other: 96 * ROTARY_FLOPS,
    },
    {
      title: "a quarter of each head, caches per position, three axes",
      opset: 23,
      inputs: [f32("batch", 3, 16), f32("batch", 3, 1), f32("batch", 3, 1)],
      attributes: { num_heads: 2, rotary_embedding_dim: 2 },
      bindings: { batch: 2 },
      outputs: [f32("batch", 3, 16)],
      other: (96 / 4) * ROTARY_FLOPS,
    },
  ],
};

/** Heads, lengths and widths of operands with four axes. */
function flexSizes(ctx: OpContext): AttentionSizes {
  const [q, k, v] = [0, 1, 2].map((i) => operand(ctx.input(i), undefined));
  return {
    batch: firstKnown(...[0, 1, 2].map((i) => ctx.input(i).shape?.[0])),
    heads: q?.heads,
    kvHeads: firstKnown(k?.heads, v?.heads),
    headDim: firstKnown(q?.width, k?.width),
    vHeadDim: v?.width,
    queryLength: q?.length,
    keyLength: firstKnown(k?.length, v?.length),
  };
}

const MODIFIERS = ["score_mod", "prob_mod"] as const;

/** Attention with graphs that change its scores and its probabilities. */
const flexAttention: OpSpec = {
  domain: "ai.onnx.preview",
  name: "FlexAttention",
  since: 1,
  inputs: ["Q", "K", "V"],
  outputs: ["Y"],
  infer(ctx) {
    const { batch, heads, vHeadDim, queryLength, keyLength } = flexSizes(ctx);
    const { dtype } = ctx.input(0);
    const precision = dtypeAttribute(ctx, "softmax_precision") ?? (dtype === "float64" ? dtype : "float32");
    for (const name of MODIFIERS) {
      const graph = ctx.graph(name);
      if (graph !== undefined) {
        ctx.inferGraph(graph, [tensorFact(precision, [batch, heads, queryLength, keyLength])]);
      }
    }
    ctx.output(0, tensorFact(dtype, [batch, heads, queryLength, vHeadDim]));
  },
  cost(ctx) {
    const steps = MODIFIERS.flatMap((name): readonly OpCost[] => {
      const graph = ctx.graph(name);
      const cost = graph && ctx.graphCost(graph);
      return cost === undefined
        ? []
        : [
            {
              macs: cost.macs,
              other: cost.other,
              trust: cost.trust,
              rule: `the ${cost.nodes} nodes of ${name}`,
            },
          ];
    });
    return together(attentionCost(flexSizes(ctx)), ...steps);
  },
  examples: [
    {
      title: "without modifiers",
      opset: 1,
      inputs: [f32("batch", 4, "n", 8), f32("batch", 2, "m", 8), f32("batch", 2, "m", 6)],
      bindings: { batch: 2, n: 3, m: 5 },
      outputs: [f32("batch", 4, "n", 6)],
      macs: 2 * 4 * 3 * 5 * (8 + 6),
      other: 120 * SOFTMAX_FLOPS,
      noKernel: "FlexAttention",
    },
  ],
};

export const attentionOps: readonly OpSpec[] = [attention, rotaryEmbedding, flexAttention];
