import { eachBucket, edgesAreExact } from "./buckets";

/** Bins that a histogram aims at: between half of it and all of it. */
const BINS = 64;

/** Equal bins from `from` to `to`, each `step` wide. */
export interface Bins {
  readonly from: number;
  readonly to: number;
  readonly step: number;
  readonly count: number;
}

/**
 * Bins for values between two that occur. Steps are powers of two. Integers lie in the middle of a step and never on
 * an edge.
 */
export function binsFor(min: number, max: number, isInteger: boolean): Bins {
  if (min === max) {
    return { from: min, to: max, step: 0, count: 1 };
  }
  const needed = 2 ** Math.ceil(Math.log2(isInteger ? (max - min + 1) / BINS : max / BINS - min / BINS));
  const step = isInteger ? Math.max(1, needed) : needed;
  const from = isInteger ? min - 0.5 : Math.floor(min / step) * step;
  const count = isInteger
    ? Math.ceil((max - min + 1) / step)
    : Math.max(1, Math.ceil(max / step) - Math.floor(min / step));
  return { from, to: from + count * step, step, count };
}

/** The bin of a value inside the range. On an edge between two bins, it is the one further from zero. */
export function binOf({ from, step, count }: Bins, value: number): number {
  if (step === 0) {
    return 0;
  }
  const place = (value - from) / step;
  const whole = Math.floor(place);
  const bin = value < 0 && whole === place ? whole - 1 : whole;
  return bin < 0 ? 0 : bin >= count ? count - 1 : bin;
}

/** Integers up to it have a bucket each. */
const ALONE_IN_BUCKET = 256;

/** True when the bins can be filled from counts by bucket without an error. */
export function bucketsFill(bins: Bins, min: number, max: number, isInteger: boolean): boolean {
  const largest = Math.max(Math.abs(min), Math.abs(max));
  return bins.step === 0 || (isInteger ? largest <= ALONE_IN_BUCKET : edgesAreExact(bins.step, largest));
}

export function fillFromBuckets(bins: Bins, counts: Float64Array): number[] {
  const filled = new Array<number>(bins.count).fill(0);
  eachBucket(counts, (inner, count) => {
    filled[binOf(bins, inner)]! += count;
  });
  return filled;
}
