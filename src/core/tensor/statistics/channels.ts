/** Channels that are shown: more lines than pixels say nothing. */
export const CHANNELS_SHOWN = 4096;
/** A channel sticks out when it is so many median distances beyond the median. */
const OUTLIER_DISTANCES = 6;

/** The smallest and largest finite value of each channel; infinite where there is none. */
export interface Ranges {
  readonly min: Float64Array | Float32Array;
  readonly max: Float64Array | Float32Array;
}

/** Evenly picked channels; all of them when they are few. */
export function pickedChannels(count: number): number[] {
  const shown = Math.min(count, CHANNELS_SHOWN);
  return Array.from({ length: shown }, (_, index) => Math.floor((index * count) / shown));
}

/** Channels whose largest size lies beyond the median of all channels by more than six median absolute deviations. */
export function outlierChannels({ min, max }: Ranges): number[] {
  const sizes = Float64Array.from(min, (low, channel) => sizeOf(low, max[channel]!));
  const median = medianOf(sizes);
  const spread = medianOf(sizes.map((size) => Math.abs(size - median)));
  const limit = median + OUTLIER_DISTANCES * spread;
  const outliers: number[] = [];
  sizes.forEach((size, channel) => {
    // Channels that are alike to the last digit have no spread: a difference in rounding sticks out of nothing.
    if (size > limit && size > median * (1 + 1e-6)) {
      outliers.push(channel);
    }
  });
  return outliers;
}

function sizeOf(min: number, max: number): number {
  return min > max ? 0 : Math.max(Math.abs(min), Math.abs(max));
}

function medianOf(values: Float64Array): number {
  const sorted = values.slice().sort();
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
