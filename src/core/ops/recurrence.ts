import { add } from "../expr";
import type { Dim } from "../facts/fact";
import { contraction } from "./contraction";
import { dividedBy, firstKnown, plus, product, tensorFact, times, words } from "./dims";
import { f32 } from "./example";
import { flopsOf, perElement, unknownCost, withExtras } from "./pricing";
import type { CostContext, OpContext, OpCost, OpSpec } from "./spec";

/** Layers with a state of fixed size instead of a cache that grows: linear attention and causal convolution. */

interface Recurrence {
  readonly batch: Dim;
  readonly length: Dim;
  readonly heads: Dim;
  readonly kvHeads: Dim;
  readonly keyWidth: Dim;
  readonly valueWidth: Dim;
}

/** Operands are packed: (batch, length, heads·width). */
function recurrence(ctx: OpContext): Recurrence {
  const [q, k, v, state] = [0, 1, 2, 3].map((i) => (ctx.hasInput(i) ? ctx.input(i).shape : undefined));
  const [heads, kvHeads] = [ctx.maybeInt("q_num_heads"), ctx.maybeInt("kv_num_heads")];
  return {
    batch: firstKnown(q?.[0], k?.[0], v?.[0], state?.[0]),
    length: firstKnown(q?.[1], k?.[1], v?.[1]),
    heads,
    kvHeads,
    keyWidth: firstKnown(dividedBy(q?.[2], heads), dividedBy(k?.[2], kvHeads), state?.[2]),
    valueWidth: firstKnown(dividedBy(v?.[2], kvHeads), state?.[3]),
  };
}

/** MACs per element of the state and step: adding the new product, and the delta rule's reading of what is stored. */
const STATE_MACS: { readonly [rule: string]: number } = { linear: 1, gated: 1, delta: 2, gated_delta: 2 };

/**
 * Each step updates the state of every head of keys (keyWidth × valueWidth) and reads it once for every query head.
 * Counted as the recurrence states it; kernels that work on chunks do more, smaller or larger, matrix products.
 */
function linearAttentionCost(ctx: CostContext): OpCost {
  const { batch, length, heads, kvHeads, keyWidth, valueWidth } = recurrence(ctx);
  const rule = ctx.string("update_rule", "gated_delta");
  const state = times(keyWidth, valueWidth);
  const steps = times(batch, length);
  const macs = plus(times(steps, kvHeads, state, STATE_MACS[rule] ?? 1), times(steps, heads, state));
  if (macs === undefined) {
    return unknownCost("sizes of the heads or of the sequence are not known");
  }
  const text = `${STATE_MACS[rule] ?? 1} MACs to update and 1 to read each of ${words(state)} elements of the state, at each of ${words(steps)} steps and head`;
  const gated = rule.startsWith("gated");
  return withExtras({ macs, other: 0, trust: "estimate", rule: text }, [
    perElement(gated ? times(steps, kvHeads, state) : 0, 1, "the decay of the state"),
    perElement(rule.endsWith("delta") ? times(steps, kvHeads, valueWidth) : 0, 2, "the delta of the values"),
    perElement(times(steps, heads, valueWidth), 1, "scaling the output"),
  ]);
}

export function linearAttention(domain: string, since: number, noKernel?: string): OpSpec {
  return {
    domain,
    name: "LinearAttention",
    since,
    inputs: ["query", "key", "value", "past_state", "decay", "beta"],
    outputs: ["output", "present_state"],
    infer(ctx) {
      const { batch, length, heads, kvHeads, keyWidth, valueWidth } = recurrence(ctx);
      ctx.output(0, tensorFact(ctx.input(0).dtype, [batch, length, times(heads, valueWidth)]));
      const stateType = ctx.hasInput(3) ? ctx.input(3).dtype : ctx.input(0).dtype;
      ctx.output(1, tensorFact(stateType, [batch, kvHeads, keyWidth, valueWidth]));
    },
    cost: linearAttentionCost,
    examples: [
      {
        title: "two query heads share a state",
        opset: since,
        inputs: [f32("batch", "n", 8), f32("batch", "n", 4), f32("batch", "n", 6)],
        attributes: { q_num_heads: 2, kv_num_heads: 1, update_rule: "linear" },
        bindings: { batch: 2, n: 3 },
        outputs: [f32("batch", "n", 12), f32("batch", 1, 4, 6)],
        macs: 2 * 3 * (1 + 2) * 4 * 6,
        other: 2 * 3 * 2 * 6,
        ...(noKernel === undefined ? {} : { noKernel }),
      },
    ],
  };
}

export function causalConv(domain: string, since: number, noKernel?: string): OpSpec {
  return {
    domain,
    name: "CausalConvWithState",
    since,
    inputs: ["input", "weight", "bias", "past_state"],
    outputs: ["output", "present_state"],
    infer(ctx) {
      const { shape, dtype } = ctx.input(0);
      const weight = ctx.input(1).shape;
      const past = ctx.hasInput(3) ? ctx.input(3).shape : undefined;
      const kernel = weight?.[2];
      const kept = firstKnown(kernel === undefined ? undefined : add(kernel, -1), past?.[2]);
      ctx.output(0, tensorFact(dtype, shape));
      ctx.output(1, tensorFact(dtype, [shape?.[0], firstKnown(shape?.[1], weight?.[0]), kept]));
    },
    cost(ctx) {
      const { shape } = ctx.input(0);
      const outputs = product(shape);
      const activation = ctx.string("activation", "none") === "none" ? 0 : flopsOf("Swish");
      return contraction({
        kept: shape ?? [undefined],
        summed: [ctx.input(1).shape?.[2]],
        extras: [
          perElement(ctx.hasInput(2) ? outputs : 0, 1, "adding the bias", false),
          perElement(activation === 0 ? 0 : outputs, activation, "the activation"),
        ],
      });
    },
    examples: [
      {
        title: "with bias and activation",
        opset: since,
        inputs: [f32("batch", 4, "n"), f32(4, 1, 3), f32(4), f32("batch", 4, 2)],
        attributes: { activation: "silu" },
        bindings: { batch: 2, n: 5 },
        outputs: [f32("batch", 4, "n"), f32("batch", 4, 2)],
        macs: 40 * 3,
        other: 40 * (1 + flopsOf("Swish")),
        ...(noKernel === undefined ? {} : { noKernel }),
      },
    ],
  };
}

const NEWER = "is till opset 26";

export const recurrenceOps: readonly OpSpec[] = [
  linearAttention("", 27, NEWER),
  causalConv("", 27, NEWER),
  linearAttention("com.microsoft", 1),
  causalConv("com.microsoft", 1),
];
