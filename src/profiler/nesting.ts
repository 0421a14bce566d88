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

/**
 * Intervals in order of their start, each with what it lies in. Start and length are cut to whole microseconds each, so
 * that an inner interval may seem to end after the outer one; the order of ends is exact and tells what lies in what.
 *
 * @param ended intervals of one thread in the order in which they ended; they lie inside each other or apart
 */
export function nest<T extends Interval>(ended: readonly T[]): Nested<T>[] {
  const parents = ended.map(() => -1);
  const selves = ended.map(({ start, end }) => end - start);
  const outside: number[] = [];
  ended.forEach((item, index) => {
    while (outside.length > 0 && ended[outside.at(-1)!]!.start > item.start) {
      const inner = outside.pop()!;
      parents[inner] = index;
      selves[index]! -= ended[inner]!.end - ended[inner]!.start;
    }
    outside.push(index);
  });
  const order = ended.map((_, index) => index).sort((a, b) => ended[a]!.start - ended[b]!.start || a - b);
  const places = new Map(order.map((index, place) => [index, place]));
  return order.map((index) => ({
    item: ended[index]!,
    parent: places.get(parents[index]!) ?? -1,
    self: Math.max(0, selves[index]!),
  }));
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
