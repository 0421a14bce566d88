/** Where times of repeated runs lie, in their unit. */
export interface Statistics {
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly mean: number;
  /** Of the sample (n - 1); 0 for one run. */
  readonly stdDev: number;
}

export function statisticsOf(times: readonly number[]): Statistics {
  const sorted = times.toSorted((a, b) => a - b);
  const mean = times.reduce((sum, time) => sum + time, 0) / times.length;
  const squares = times.reduce((sum, time) => sum + (time - mean) ** 2, 0);
  return {
    p50: quantile(sorted, 0.5),
    p90: quantile(sorted, 0.9),
    p99: quantile(sorted, 0.99),
    mean,
    stdDev: times.length < 2 ? 0 : Math.sqrt(squares / (times.length - 1)),
  };
}

/** Between two samples in proportion to their distance. */
function quantile(sorted: readonly number[], part: number): number {
  const at = (sorted.length - 1) * part;
  const below = sorted[Math.floor(at)]!;
  return below + (sorted[Math.ceil(at)]! - below) * (at - Math.floor(at));
}
