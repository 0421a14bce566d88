import type { Trust } from "../../protocol/rows";
import type { Dim } from "../facts/fact";
import { ELEMENTWISE_FLOPS } from "./conventions";
import { plus, times, words } from "./dims";
import type { OpCost } from "./spec";

/** FLOPs that a node spends beside its main formula. */
export interface Extra {
  readonly amount: Dim;
  /** What the FLOPs are for, said after the amount: "adding the bias". */
  readonly what: string;
  /** True for a stated rule of thumb, which lowers the node's trust to "estimate". */
  readonly estimate?: boolean;
}

/** FLOPs per element of an elementwise operator, by the conventions' table. */
export const flopsOf = (op: string): number => ELEMENTWISE_FLOPS[op] ?? 0;

/** FLOPs per element, as an extra of another price. */
export function perElement(elements: Dim, flops: number, what: string, estimate = true): Extra {
  return { amount: times(elements, flops), what, estimate };
}

/** Price of a node that only works element by element: no MACs, `flops` FLOPs for each, by the conventions' table. */
export function elementCost(elements: Dim, flops: number, what: string, trust: "exact" | "estimate"): OpCost {
  const rule = `${flops} FLOP${flops === 1 ? "" : "s"} (${what}) for each of ${words(elements)} elements`;
  const other = times(elements, flops);
  return { macs: 0, other, trust: other === undefined ? "unknown" : trust, rule };
}

export function unknownCost(why: string): OpCost {
  return { macs: undefined, other: undefined, trust: "unknown", rule: why };
}

/** Adds FLOPs to a price, and their words to its rule. */
export function withExtras(cost: OpCost, extras: readonly Extra[]): OpCost {
  let { other, trust, rule } = cost;
  for (const extra of extras) {
    if (extra.amount === 0) {
      continue;
    }
    other = plus(other, extra.amount);
    trust = trust === "exact" && extra.estimate === true ? "estimate" : trust;
    rule += `; ${words(extra.amount)} FLOPs for ${extra.what}`;
  }
  return { ...cost, other, rule, trust: cost.macs === undefined || other === undefined ? "unknown" : trust };
}

const WORSE = { exact: 0, estimate: 1, unknown: 2 } as const;

/** Price of several steps in one node; the worst trust of them. */
export function together(...steps: readonly OpCost[]): OpCost {
  const attention = steps.find((step) => step.attention !== undefined)?.attention;
  return {
    macs: plus(...steps.map((step) => step.macs)),
    other: plus(...steps.map((step) => step.other)),
    trust: steps.reduce<Trust>((worst, { trust }) => (WORSE[trust] > WORSE[worst] ? trust : worst), "exact"),
    rule: steps.map((step) => step.rule).join("; "),
    ...(steps.some((step) => step.parts !== undefined)
      ? { parts: steps.flatMap((step) => step.parts ?? []) }
      : {}),
    ...(attention === undefined ? {} : { attention }),
  };
}
