import { ceilDiv, min, mul } from "../../expr";
import type { Dim } from "../../facts/fact";
import { DEQUANTIZE_FLOPS } from "../conventions";
import { firstKnown, plus, product, tensorFact, times, words } from "../dims";
import { constant, f32 } from "../example";
import { IN_PLACE } from "../moving";
import { flopsOf, perElement, unknownCost, withExtras } from "../pricing";
import type { CostContext, ExampleInput, OpContext, OpCost, OpExample, OpSpec } from "../spec";

/** Input indices of the experts' weights; QMoE has scales and zero points between them. */
interface Slots {
  readonly fc1: number;
  readonly fc2: number;
  readonly fc3: number;
  readonly quantised: boolean;
}

/** Per unit between the layers: a sigmoid and two products, as of a gated unit, whichever activation is chosen. */
const ACTIVATION_FLOPS = flopsOf("Sigmoid") + 2 * flopsOf("Mul");

const PLAIN: Slots = { fc1: 2, fc2: 4, fc3: 6, quantised: false };
const QUANTISED: Slots = { fc1: 2, fc2: 5, fc3: 8, quantised: true };

const packed = (ctx: OpContext, slots: Slots): number =>
  slots.quantised ? Math.max(1, Math.trunc(8 / ctx.int("expert_weight_bits", 4))) : 1;

/** Weights of one expert at this input: its shape without the axis of experts, unpacked. */
function perExpert(ctx: OpContext, slots: Slots, input: number): Dim {
  return ctx.hasInput(input) ? times(product(ctx.input(input).shape?.slice(1)), packed(ctx, slots)) : 0;
}

/** Bytes of input, router and of the experts that can be picked: at most k for each token, at most all. */
function readBytes(ctx: CostContext, slots: Slots, uses: Dim): Dim {
  const experts = ctx.input(slots.fc1).shape?.[0];
  const weights = Array.from({ length: ctx.inputCount }, (_, index) => index).slice(2);
  const stored = plus(...weights.map((index) => (ctx.hasInput(index) ? ctx.bytes(ctx.input(index)) : 0)));
  if (uses === undefined || experts === undefined || experts === 0 || stored === undefined) {
    return undefined;
  }
  const touched = ceilDiv(mul(stored, min(uses, experts)), experts);
  return plus(ctx.bytes(ctx.input(0)), ctx.bytes(ctx.input(1)), touched);
}

function cost(ctx: CostContext, slots: Slots): OpCost {
  const tokens = product(ctx.input(0).shape?.slice(0, -1));
  const picked = ctx.int("k", 1);
  const uses = times(tokens, picked);
  const weights = plus(...[slots.fc1, slots.fc2, slots.fc3].map((input) => perExpert(ctx, slots, input)));
  const macs = times(uses, weights);
  if (macs === undefined) {
    return unknownCost("shapes of the input or of the experts' weights are not known");
  }
  const inner = times(ctx.input(slots.fc2).shape?.[2], packed(ctx, slots));
  const hidden = firstKnown(ctx.input(slots.fc2).shape?.[1], ctx.input(0).shape?.at(-1));
  const rule = `1 MAC for each of ${words(weights)} weights of each of ${picked} experts for each of ${words(tokens)} tokens`;
  const experts = ctx.input(slots.fc1).shape?.[0];
  const touched = uses === undefined || experts === undefined ? undefined : min(uses, experts);
  const priced = withExtras({ macs, other: 0, trust: "exact", rule }, [
    perElement(times(uses, inner), ACTIVATION_FLOPS, "the activation between the layers"),
    perElement(times(uses, hidden), 2, "weighing and summing the experts' outputs", false),
    ...(slots.quantised
      ? [perElement(times(touched, weights), DEQUANTIZE_FLOPS, "dequantising the experts that are used")]
      : []),
  ]);
  const read = readBytes(ctx, slots, uses);
  return read === undefined ? priced : { ...priced, readBytes: read };
}

function mixture(
  name: string,
  slots: Slots,
  inputs: readonly string[],
  examples: readonly OpExample[],
): OpSpec {
  return {
    domain: "com.microsoft",
    name,
    since: 1,
    inputs,
    outputs: ["output"],
    infer: (ctx) => ctx.output(0, tensorFact(ctx.input(0).dtype, ctx.input(0).shape)),
    cost: (ctx) => cost(ctx, slots),
    ...(slots.quantised ? {} : { reuses: IN_PLACE }),
    weightElements(ctx, input) {
      const quantised = slots.quantised && [slots.fc1, slots.fc2, slots.fc3].includes(input);
      const elements = quantised ? times(product(ctx.input(input).shape), packed(ctx, slots)) : undefined;
      return typeof elements === "number" ? elements : undefined;
    },
    examples,
  };
}

const bytes = (...shape: readonly number[]): ExampleInput =>
  constant("uint8", shape, new Array<number>(shape.reduce((a, b) => a * b, 1)).fill(119));

export const microsoftMoeOps: readonly OpSpec[] = [
  mixture(
    "MoE",
    PLAIN,
    [
      "input",
      "router_probs",
      "fc1_experts_weights",
      "fc1_experts_bias",
      "fc2_experts_weights",
      "fc2_experts_bias",
      "fc3_experts_weights",
      "fc3_experts_bias",
    ],
    [
      {
        title: "two of four experts",
        opset: 1,
        inputs: [f32("tokens", 8), f32("tokens", 4), f32(4, 16, 8), f32(4, 16), f32(4, 8, 16), f32(4, 8)],
        attributes: { k: 2, activation_type: "gelu" },
        bindings: { tokens: 3 },
        outputs: [f32("tokens", 8)],
        macs: 3 * 2 * 2 * 128,
        other: 6 * 16 * ACTIVATION_FLOPS + 6 * 8 * 2,
      },
    ],
  ),
  mixture(
    "QMoE",
    QUANTISED,
    [
      "input",
      "router_probs",
      "fc1_experts_weights",
      "fc1_scales",
      "fc1_experts_bias",
      "fc2_experts_weights",
      "fc2_scales",
      "fc2_experts_bias",
      "fc3_experts_weights",
      "fc3_scales",
      "fc3_experts_bias",
      "fc1_zero_points",
      "fc2_zero_points",
      "fc3_zero_points",
    ],
    [
      {
        title: "one of two experts, 4 bits, fused gate",
        opset: 1,
        inputs: [
          f32("batch", "n", 32),
          f32("tokens", 2),
          bytes(2, 64, 16),
          f32(2, 64),
          null,
          bytes(2, 32, 16),
          f32(2, 32),
        ],
        attributes: { k: 1, activation_type: "swiglu", swiglu_fusion: 1, expert_weight_bits: 4 },
        bindings: { batch: 1, n: 3, tokens: 3 },
        outputs: [f32("batch", "n", 32)],
        macs: 3 * (64 * 32 + 32 * 32),
      },
    ],
  ),
];
