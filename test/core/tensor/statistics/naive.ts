import type { Scanned } from "../../../../src/core/tensor/statistics/scan";

/** The statistics from values that are all at hand, each figure by its definition. */
export interface NaiveOptions {
  readonly dims: readonly number[];
  readonly channel?: number;
  readonly summed?: number;
  readonly rowsAreFirstAxis?: boolean;
}

type Figures = Pick<
  Scanned,
  "elements" | "min" | "max" | "mean" | "std" | "nan" | "infinite" | "zeros" | "nm" | "blocks" | "channels"
>;

export function naiveStatistics(values: readonly number[], options: NaiveOptions): Figures {
  const finite = values.filter(Number.isFinite);
  const mean = sum(finite) / finite.length;
  const orNull = (value: number) => (finite.length === 0 || !Number.isFinite(value) ? null : value);
  return {
    elements: values.length,
    min: orNull(least(finite)),
    max: orNull(most(finite)),
    mean: orNull(mean),
    std: orNull(Math.sqrt(sum(finite.map((value) => (value - mean) ** 2)) / finite.length)),
    nan: values.filter(Number.isNaN).length,
    infinite: values.filter((value) => Math.abs(value) === Number.POSITIVE_INFINITY).length,
    zeros: values.filter((value) => value === 0).length,
    nm: groupsOfFour(values, options),
    blocks: zeroBlocks(values, options),
    channels: channelRanges(values, options),
  };
}

/** Position along one axis, and where everything else is. */
function placeAlong(index: number, dims: readonly number[], axis: number): readonly [number, string] {
  const position = positionOf(index, dims);
  return [position[axis]!, position.filter((_, at) => at !== axis).join(",")];
}

function positionOf(index: number, dims: readonly number[]): number[] {
  let rest = index;
  return dims
    .toReversed()
    .map((dim) => {
      const at = rest % dim;
      rest = Math.floor(rest / dim);
      return at;
    })
    .reverse();
}

function groupsOfFour(values: readonly number[], { dims, summed }: NaiveOptions): Figures["nm"] {
  if (summed === undefined || values.length === 0) {
    return null;
  }
  const groups = new Map<string, number[]>();
  values.forEach((value, index) => {
    const [along, beside] = placeAlong(index, dims, summed);
    if (along < Math.floor(dims[summed]! / 4) * 4) {
      const key = `${beside}:${Math.floor(along / 4)}`;
      groups.set(key, [...(groups.get(key) ?? []), value]);
    }
  });
  const all = [...groups.values()];
  const compliant = all.filter((group) => group.filter((value) => value === 0).length >= 2);
  return all.length === 0 ? null : { keep: 2, of: 4, share: compliant.length / all.length };
}

function zeroBlocks(values: readonly number[], { dims, rowsAreFirstAxis }: NaiveOptions): Figures["blocks"] {
  if (dims.length < 2 || values.length === 0) {
    return [];
  }
  const columns = rowsAreFirstAxis ? values.length / dims[0]! : dims.at(-1)!;
  const rows = values.length / columns;
  return [4, 16, 64]
    .filter((side) => side <= rows && side <= columns)
    .map((side) => {
      let zero = 0;
      let blocks = 0;
      for (let top = 0; top < rows; top += side) {
        for (let left = 0; left < columns; left += side) {
          blocks++;
          let isZero = true;
          for (let row = top; row < Math.min(rows, top + side); row++) {
            for (let column = left; column < Math.min(columns, left + side); column++) {
              isZero &&= values[row * columns + column] === 0;
            }
          }
          zero += Number(isZero);
        }
      }
      return { rows: side, columns: side, zeroShare: zero / blocks };
    });
}

function channelRanges(values: readonly number[], { dims, channel }: NaiveOptions): Figures["channels"] {
  if (channel === undefined || values.length === 0) {
    return null;
  }
  const slices = Array.from({ length: dims[channel]! }, (): number[] => []);
  values.forEach((value, index) => {
    if (Number.isFinite(value)) {
      slices[placeAlong(index, dims, channel)[0]]!.push(value);
    }
  });
  const picked = slices.flatMap((slice, index) => (slice.length > 0 ? [index] : []));
  const sizes = slices.map((slice) => (slice.length === 0 ? 0 : most(slice.map(Math.abs))));
  const middle = median(sizes);
  const limit = middle + 6 * median(sizes.map((size) => Math.abs(size - middle)));
  return {
    axis: channel,
    count: slices.length,
    picked,
    min: picked.map((index) => least(slices[index]!)),
    max: picked.map((index) => most(slices[index]!)),
    outliers: sizes.flatMap((size, index) => (size > limit && size > middle * (1 + 1e-6) ? [index] : [])),
  };
}

/** Values between the edges of equal bins; one on an edge belongs to the bin further from zero. */
export function naiveHistogram(
  values: readonly number[],
  { from, to, counts }: Scanned["histogram"],
): number[] {
  const filled = new Array<number>(counts.length).fill(0);
  const edge = (index: number) => from + ((to - from) * index) / counts.length;
  for (const value of values.filter(Number.isFinite)) {
    const bin = filled.findIndex((_, index) =>
      from === to
        ? true
        : value < 0
          ? edge(index) < value && value <= edge(index + 1)
          : edge(index) <= value && value < edge(index + 1),
    );
    filled[bin < 0 ? (value < 0 ? 0 : counts.length - 1) : bin]!++;
  }
  return filled;
}

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
const least = (values: readonly number[]) =>
  values.reduce((low, value) => Math.min(low, value), Number.POSITIVE_INFINITY);
const most = (values: readonly number[]) =>
  values.reduce((high, value) => Math.max(high, value), Number.NEGATIVE_INFINITY);

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  return Number.isInteger(middle) ? (sorted[middle - 1]! + sorted[middle]!) / 2 : sorted[Math.floor(middle)]!;
}
