import {
  add,
  type Expr,
  equal,
  floorDiv,
  format,
  isNonNegative,
  max,
  mul,
  substitute,
  symbol,
  symbolsOf,
} from "../expr";
import type { Dim, Fact } from "../facts/fact";
import { LIMITS } from "../limits";

/** Arithmetic on sizes that may be unknown: undefined in, undefined out. */

export function product(dims: readonly Dim[] | undefined): Dim {
  return dims?.every((dim) => dim !== undefined) ? mul(...(dims as readonly Expr[])) : undefined;
}

export function times(...factors: readonly Dim[]): Dim {
  return product(factors);
}

export function plus(...terms: readonly Dim[]): Dim {
  return terms.every((term) => term !== undefined) ? add(...(terms as readonly Expr[])) : undefined;
}

export function dividedBy(dim: Dim, divisor: Dim): Dim {
  return dim === undefined || divisor === undefined || divisor === 0 ? undefined : floorDiv(dim, divisor);
}

/** Proven to be >= 0 where every size is at least 1. */
export function isNeverNegative(amount: Expr): boolean {
  if (isNonNegative(amount)) {
    return true;
  }
  const shifted = new Map([...symbolsOf(amount)].map((name) => [name, add(symbol(name), 1)]));
  return isNonNegative(substitute(amount, shifted));
}

/** The first of several statements about one size that says most: a number, else a formula, else nothing. */
export function firstKnown(...dims: readonly Dim[]): Dim {
  return dims.find((dim) => typeof dim === "number") ?? dims.find((dim) => dim !== undefined);
}

export function unknownDims(rank: number): Dim[] {
  return new Array<Dim>(rank).fill(undefined);
}

/** The same for a rank that the file states; undefined for one that no tensor has. */
export function dimsOfRank(rank: Dim): Dim[] | undefined {
  return typeof rank === "number" && Number.isInteger(rank) && rank >= 0 && rank <= LIMITS.rank
    ? unknownDims(rank)
    : undefined;
}

/** Index of an axis counted from the end when negative; undefined when it is outside the rank. */
export function axisIndex(axis: number, rank: number): number | undefined {
  const index = axis < 0 ? axis + rank : axis;
  return index >= 0 && index < rank ? index : undefined;
}

/** Size after NumPy broadcasting of two; where only symbols are known, the larger, since the smaller must be 1. */
export function broadcastDim(a: Dim, b: Dim): Dim {
  if (a === 1) {
    return b;
  }
  if (b === 1) {
    return a;
  }
  if (typeof a === "number") {
    return a;
  }
  if (typeof b === "number") {
    return b;
  }
  if (a === undefined || b === undefined) {
    return undefined;
  }
  return equal(a, b) ? a : max(a, b);
}

/** Shape after NumPy broadcasting; undefined when one rank is unknown. */
export function broadcastDims(
  a: readonly Dim[] | undefined,
  b: readonly Dim[] | undefined,
): readonly Dim[] | undefined {
  if (a === undefined || b === undefined) {
    return undefined;
  }
  const rank = Math.max(a.length, b.length);
  const at = (shape: readonly Dim[], index: number): Dim => {
    const own = index - (rank - shape.length);
    return own < 0 ? 1 : shape[own];
  };
  return Array.from({ length: rank }, (_, index) => broadcastDim(at(a, index), at(b, index)));
}

/** A size as rules write it: a number, a formula, or "?". */
export function words(dim: Dim): string {
  return dim === undefined ? "?" : format(dim);
}

/** Sizes as rules write them: "2×batch×64"; "1" for none. */
export function wordsProduct(dims: readonly Dim[]): string {
  return dims.length === 0 ? "1" : dims.map(words).join("×");
}

/** A fact without its absent fields, as exact optional types demand. */
export function tensorFact(dtype: Fact["dtype"], shape: readonly Dim[] | undefined): Fact {
  if (dtype !== undefined && shape !== undefined) {
    return { dtype, shape };
  }
  return dtype !== undefined ? { dtype } : shape !== undefined ? { shape } : {};
}
