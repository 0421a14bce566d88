import type { Runs } from "../channels";
import type { Ranges } from "./channels";
import type { ChunkMoments } from "./tally";

/**
 * The loops through which gigabytes of float32 pass: each value is read once for its bucket, the sums and the range.
 * NaN and infinite values never enter a range, and make the sums non-finite, which tells the caller to look again.
 */

/** @param bits the same memory as the values */
export function tallyRun(
  values: Float32Array,
  bits: Uint32Array,
  counts: Uint32Array,
  from: number,
  to: number,
  into: ChunkMoments,
): void {
  let { min, max } = into;
  let sum = 0;
  let squares = 0;
  let otherSum = 0;
  let otherSquares = 0;
  // Two at a time, with sums of their own: an addition that waits for the one before is what takes longest.
  const even = from + ((to - from) & ~1);
  for (let at = from; at < even; at += 2) {
    const value = values[at]!;
    const other = values[at + 1]!;
    if (value < min && value > Number.NEGATIVE_INFINITY) {
      min = value;
    }
    if (value > max && value < Number.POSITIVE_INFINITY) {
      max = value;
    }
    if (other < min && other > Number.NEGATIVE_INFINITY) {
      min = other;
    }
    if (other > max && other < Number.POSITIVE_INFINITY) {
      max = other;
    }
    sum += value;
    squares += value * value;
    otherSum += other;
    otherSquares += other * other;
    counts[bits[at]! >>> 16]!++;
    counts[bits[at + 1]! >>> 16]!++;
  }
  if (even < to) {
    const value = values[even]!;
    if (value < min && value > Number.NEGATIVE_INFINITY) {
      min = value;
    }
    if (value > max && value < Number.POSITIVE_INFINITY) {
      max = value;
    }
    sum += value;
    squares += value * value;
    counts[bits[even]! >>> 16]!++;
  }
  into.min = min;
  into.max = max;
  into.sum += sum + otherSum;
  into.squares += squares + otherSquares;
}

/** The same where neighbours belong to different channels; the range of all follows from those of the channels. */
export function tallyColumns(
  values: Float32Array,
  bits: Uint32Array,
  counts: Uint32Array,
  runs: Runs,
  ranges: Ranges & { readonly min: Float32Array; readonly max: Float32Array },
  into: ChunkMoments,
): void {
  const { min, max } = ranges;
  let sum = 0;
  let squares = 0;
  let otherSum = 0;
  let otherSquares = 0;
  while (runs.next()) {
    const { from, to } = runs;
    let { channel } = runs;
    const even = from + ((to - from) & ~1);
    for (let at = from; at < even; at += 2, channel += 2) {
      const value = values[at]!;
      const other = values[at + 1]!;
      if (value < min[channel]! && value > Number.NEGATIVE_INFINITY) {
        min[channel] = value;
      }
      if (value > max[channel]! && value < Number.POSITIVE_INFINITY) {
        max[channel] = value;
      }
      if (other < min[channel + 1]! && other > Number.NEGATIVE_INFINITY) {
        min[channel + 1] = other;
      }
      if (other > max[channel + 1]! && other < Number.POSITIVE_INFINITY) {
        max[channel + 1] = other;
      }
      sum += value;
      squares += value * value;
      otherSum += other;
      otherSquares += other * other;
      counts[bits[at]! >>> 16]!++;
      counts[bits[at + 1]! >>> 16]!++;
    }
    if (even < to) {
      const value = values[even]!;
      if (value < min[channel]! && value > Number.NEGATIVE_INFINITY) {
        min[channel] = value;
      }
      if (value > max[channel]! && value < Number.POSITIVE_INFINITY) {
        max[channel] = value;
      }
      sum += value;
      squares += value * value;
      counts[bits[even]! >>> 16]!++;
    }
  }
  into.sum += sum + otherSum;
  into.squares += squares + otherSquares;
}
