/** Points of the curve: more than a chart has pixels for say nothing. */
const POINTS = 200;

export interface Concentration {
  /** Share of the whole in the largest `tensors` share of the tensors, from (0, 0) to (1, 1). */
  readonly curve: readonly { readonly tensors: number; readonly params: number }[];
  /** Gini coefficient: 0 when all are alike, towards 1 when one has all. */
  readonly gini: number;
  /** Of the largest tensors, how many it takes to have half, and 90%. */
  readonly half: number;
  readonly ninety: number;
}

/** How unevenly sizes are spread. Sizes of 0 count for nothing. */
export function concentrationOf(sizes: Iterable<number>): Concentration {
  const falling = Float64Array.from(sizes)
    .filter((size) => size > 0)
    .sort()
    .reverse();
  const count = falling.length;
  if (count === 0) {
    return { curve: [], gini: 0, half: 0, ninety: 0 };
  }
  const sums = new Float64Array(count);
  let sum = 0;
  let ranked = 0;
  falling.forEach((size, index) => {
    sum += size;
    sums[index] = sum;
    ranked += size * (count - index);
  });
  const reach = (share: number) => 1 + sums.findIndex((reached) => reached >= share * sum);
  const curve = [{ tensors: 0, params: 0 }];
  for (let point = 1; point <= Math.min(count, POINTS); point++) {
    const taken = Math.ceil((point * count) / Math.min(count, POINTS));
    curve.push({ tensors: taken / count, params: sums[taken - 1]! / sum });
  }
  return {
    curve,
    gini: (2 * ranked) / (count * sum) - (count + 1) / count,
    half: reach(0.5),
    ninety: reach(0.9),
  };
}
