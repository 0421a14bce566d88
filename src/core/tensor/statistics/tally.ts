import { type ChannelLayout, Runs } from "../channels";
import { BUCKETS, bucketOf } from "./buckets";
import type { Ranges } from "./channels";
import { Moments } from "./moments";
import { tallyColumns, tallyRun } from "./narrow";

/** Below this part of the sum of squares, what is left after taking the mean away may be rounding alone. */
const CANCELLED = 1e-6;

/** Sums over one chunk. */
export interface ChunkMoments {
  min: number;
  max: number;
  sum: number;
  squares: number;
}

/** Counts, moments and ranges of values that come in chunks. */
export class Tally {
  readonly moments = new Moments();
  readonly ranges: Ranges | undefined;
  min = Number.POSITIVE_INFINITY;
  max = Number.NEGATIVE_INFINITY;
  nan = 0;
  infinite = 0;
  private readonly layout: ChannelLayout | undefined;
  /** Of one chunk after the other: in 32 bits the loops are fast, and no chunk overflows them. */
  private readonly recent = new Uint32Array(BUCKETS);
  private uncollected = 0;
  private readonly collected = new Float64Array(BUCKETS);

  /** @param isWide values need the digits of a double */
  constructor(layout: ChannelLayout | undefined, isWide: boolean) {
    this.layout = layout;
    const channels = (start: number) =>
      (isWide ? new Float64Array(layout!.channels) : new Float32Array(layout!.channels)).fill(start);
    this.ranges =
      layout === undefined
        ? undefined
        : { min: channels(Number.POSITIVE_INFINITY), max: channels(Number.NEGATIVE_INFINITY) };
  }

  /** Values by bucket, NaN and infinite ones included. */
  get counts(): Float64Array {
    for (let bucket = 0; bucket < BUCKETS; bucket++) {
      this.collected[bucket]! += this.recent[bucket]!;
    }
    this.recent.fill(0);
    this.uncollected = 0;
    return this.collected;
  }

  /** Values whose bucket has that of zero: all zeros, and what is next to them. */
  private get nearestToZero(): number {
    return this.recent[0]! + this.recent[BUCKETS / 2]!;
  }

  /**
   * Takes a chunk that starts at element `first`.
   *
   * @returns whether a zero may be in it
   */
  add(values: Float32Array | Float64Array, first: number): boolean {
    this.uncollected += values.length;
    if (this.uncollected > 0x7fff_ffff) {
      void this.counts;
    }
    const before = this.nearestToZero;
    const chunk: ChunkMoments = { min: this.min, max: this.max, sum: 0, squares: 0 };
    if (values instanceof Float32Array) {
      this.addNarrow(values, first, chunk);
    } else {
      this.addWide(values, first, chunk);
    }
    this.min = chunk.min;
    this.max = chunk.max;
    this.addMoments(values, chunk);
    return this.nearestToZero !== before;
  }

  /** Call once, at the end: with channels in the last axis, the loop above leaves the range of all to them. */
  finish(): void {
    for (const value of this.ranges?.min ?? []) {
      this.min = Math.min(this.min, value);
    }
    for (const value of this.ranges?.max ?? []) {
      this.max = Math.max(this.max, value);
    }
  }

  private addNarrow(values: Float32Array, first: number, chunk: ChunkMoments): void {
    const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
    const { layout } = this;
    if (layout === undefined) {
      tallyRun(values, bits, this.recent, 0, values.length, chunk);
      return;
    }
    const ranges = this.ranges as Ranges & { readonly min: Float32Array; readonly max: Float32Array };
    const runs = new Runs(layout, first, values.length);
    if (runs.step === 1) {
      tallyColumns(values, bits, this.recent, runs, ranges, chunk);
      return;
    }
    const { min, max } = ranges;
    while (runs.next()) {
      const { channel } = runs;
      const run: ChunkMoments = { min: min[channel]!, max: max[channel]!, sum: 0, squares: 0 };
      tallyRun(values, bits, this.recent, runs.from, runs.to, run);
      min[channel] = run.min;
      max[channel] = run.max;
      chunk.sum += run.sum;
      chunk.squares += run.squares;
    }
  }

  private addWide(values: Float64Array, first: number, chunk: ChunkMoments): void {
    const highs = new Int32Array(values.buffer, values.byteOffset, values.length * 2);
    const { layout } = this;
    const runs = new Runs(layout ?? { channels: 1, inner: Number.MAX_SAFE_INTEGER }, first, values.length);
    while (runs.next()) {
      const { step } = runs;
      for (let at = runs.from, channel = runs.channel; at < runs.to; at++, channel += step) {
        const value = values[at]!;
        this.recent[bucketOf(highs[2 * at + 1]!)]!++;
        chunk.sum += value;
        chunk.squares += value * value;
        if (Math.abs(value) < Number.POSITIVE_INFINITY) {
          chunk.min = Math.min(chunk.min, value);
          chunk.max = Math.max(chunk.max, value);
          if (this.ranges !== undefined) {
            this.ranges.min[channel] = Math.min(this.ranges.min[channel]!, value);
            this.ranges.max[channel] = Math.max(this.ranges.max[channel]!, value);
          }
        }
      }
    }
  }

  private addMoments(values: Float32Array | Float64Array, { sum, squares }: ChunkMoments): void {
    const count = values.length;
    const spread = squares - (sum * sum) / count;
    if (Number.isFinite(squares) && spread > CANCELLED * squares) {
      this.moments.add(count, sum / count, spread);
    } else if (sum === 0 && squares === 0) {
      this.moments.add(count, 0, 0);
    } else {
      this.addCarefully(values);
    }
  }

  /** Leaves out what is not finite, and takes the distances from the mean one by one. */
  private addCarefully(values: Float32Array | Float64Array): void {
    let count = 0;
    let sum = 0;
    for (const value of values) {
      if (Number.isFinite(value)) {
        count++;
        sum += value;
      } else if (Number.isNaN(value)) {
        this.nan++;
      } else {
        this.infinite++;
      }
    }
    const mean = sum / count;
    let squares = 0;
    for (const value of values) {
      if (Number.isFinite(value)) {
        squares += (value - mean) ** 2;
      }
    }
    this.moments.add(count, mean, squares);
  }
}
