/** Beyond it nobody runs a model. */
const FARTHEST = 2 ** 24;

/** The smallest size at which something holds, when it holds from there on; null when not below 2^24. */
export function smallestWhere(holds: (size: number) => boolean): number | null {
  let high = 1;
  while (!holds(high)) {
    high *= 2;
    if (high > FARTHEST) {
      return null;
    }
  }
  let low = Math.floor(high / 2);
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (holds(middle)) {
      high = middle;
    } else {
      low = middle;
    }
  }
  return high;
}
