export interface Range {
  readonly place: number;
  readonly from: number;
  readonly to: number;
}

/** Ranges to draw: where several channels share a pixel, one from their smallest to their largest. */
export function rangesIn(
  picked: readonly number[],
  min: readonly number[],
  max: readonly number[],
  pixels: number,
  isWanted: (channel: number) => boolean,
): readonly Range[] {
  const together = Math.max(1, Math.ceil(picked.length / Math.max(1, pixels)));
  const ranges: Range[] = [];
  for (let start = 0; start < picked.length; start += together) {
    let from = Number.POSITIVE_INFINITY;
    let to = Number.NEGATIVE_INFINITY;
    for (let place = start; place < Math.min(picked.length, start + together); place++) {
      if (isWanted(picked[place]!)) {
        from = Math.min(from, min[place]!);
        to = Math.max(to, max[place]!);
      }
    }
    if (from <= to) {
      ranges.push({ place: start + (Math.min(together, picked.length - start) - 1) / 2, from, to });
    }
  }
  return ranges;
}
