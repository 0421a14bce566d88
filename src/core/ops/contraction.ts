import type { Dim } from "../facts/fact";
import { product, times, wordsProduct } from "./dims";
import { type Extra, withExtras } from "./pricing";
import type { OpCost } from "./spec";

/** A sum of products, described by the axes of its result and those it sums over. */
export interface Contraction {
  /** Axes of the result: batch, rows, columns, channels, positions... */
  readonly kept: readonly Dim[];
  /** Axes that one element of the result sums over. */
  readonly summed: readonly Dim[];
  readonly extras?: readonly Extra[];
}

/**
 * The one price of MatMul, Gemm, Conv, Einsum and every fused form of them: one MAC for each product that is summed
 * into each element of the result, padding included, no element skipped for being zero. Amounts in MACs and FLOPs.
 */
export function contraction({ kept, summed, extras = [] }: Contraction): OpCost {
  const macs = times(product(kept), product(summed));
  const rule = `1 MAC for each of ${wordsProduct(summed)} products summed into each of ${wordsProduct(kept)} outputs`;
  return withExtras({ macs, other: 0, trust: "exact", rule }, extras);
}
