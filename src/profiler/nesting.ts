/** A span of time in microseconds. */
export interface Interval {
  readonly start: number;
  readonly end: number;
}

export interface Nested<T extends Interval> {
  readonly item: T;
  /** Index in the answer of the innermost interval around it; -1 when there is none. */
  readonly parent: number;
  /** Its length without those of the intervals directly inside it. */
  readonly self: number;
}

/** Intervals in order of their start, each with what it lies in; intervals lie inside each other or apart. */
export function nest<T extends Interval>(intervals: readonly T[]): Nested<T>[] {
  const sorted = intervals.toSorted((a, b) => a.start - b.start || b.end - a.end);
  const parents: number[] = [];
  const selves = sorted.map(({ start, end }) => end - start);
  const open: number[] = [];
  sorted.forEach((item, index) => {
    while (open.length > 0 && !holds(sorted[open.at(-1)!]!, item)) {
      open.pop();
    }
    const parent = open.at(-1) ?? -1;
    parents.push(parent);
    if (parent >= 0) {
      selves[parent]! -= item.end - item.start;
    }
    open.push(index);
  });
  return sorted.map((item, index) => ({ item, parent: parents[index]!, self: Math.max(0, selves[index]!) }));
}

/** An interval without length holds nothing: clocks tick in microseconds, and short kernels share a tick. */
function holds(outer: Interval, inner: Interval): boolean {
  return (
    outer.end > outer.start && inner.start >= outer.start && inner.end <= outer.end && inner.start < outer.end
  );
}

/** Length of the part of an interval that none of the others covers. */
export function uncovered(interval: Interval, others: readonly Interval[]): number {
  let free = 0;
  let at = interval.start;
  for (const { start, end } of others.toSorted((a, b) => a.start - b.start)) {
    if (end <= at || start >= interval.end) {
      continue;
    }
    free += Math.max(0, start - at);
    at = Math.min(end, interval.end);
  }
  return free + Math.max(0, interval.end - at);
}
