/**
 * Values counted by sign, exponent and the first 7 bits of the mantissa: by the upper half of their float32 bits. All
 * that is asked of a distribution follows from such counts, exactly where the limits asked for have at most 8
 * significant bits, so that one pass over a tensor is enough although its range is not known before.
 */
export const BUCKETS = 1 << 16;

const NEGATIVE = 1 << 15;
const INFINITE = 0x7f80;
/** Significant bits of a bucket's edges. */
const EDGE_BITS = 8;

const single = new Float32Array(1);
const bits = new Uint32Array(single.buffer);

/** The end nearer to zero of a bucket's values; it is one of them. */
export function innerEdge(bucket: number): number {
  bits[0] = bucket << 16;
  return single[0]!;
}

/** The largest number of at most 8 significant bits that is not above a positive one: an edge between buckets. */
export function roundedToEdge(value: number): number {
  single[0] = value;
  bits[0] = bits[0]! & 0xffff_0000;
  return single[0]!;
}

/** True when all multiples of `step`, a power of two, up to `largest` are edges between buckets. */
export function edgesAreExact(step: number, largest: number): boolean {
  return largest <= step * 2 ** EDGE_BITS && largest < 2 ** 127 && step >= 2 ** -100;
}

/** Values with a size below `limit`, which is an edge. */
export function countBelow(counts: Float64Array, limit: number): number {
  let sum = 0;
  for (let bucket = 0; bucket < INFINITE && innerEdge(bucket) < limit; bucket++) {
    sum += counts[bucket]! + counts[bucket + NEGATIVE]!;
  }
  return sum;
}

/** Calls back for each bucket of finite values that has some. */
export function eachBucket(counts: Float64Array, use: (inner: number, count: number) => void): void {
  for (let bucket = 0; bucket < INFINITE; bucket++) {
    for (const signed of [bucket, bucket + NEGATIVE]) {
      if (counts[signed]! > 0) {
        use(innerEdge(signed), counts[signed]!);
      }
    }
  }
}

/** Bucket of a double; what float32 cannot hold goes to the last bucket of its sign, or to that of zero. */
export function bucketOf(high: number): number {
  const biased = ((high & 0x7fff_ffff) >>> 13) - ((1023 - 127) << 7);
  const magnitude = biased < 0 ? 0 : biased >= INFINITE ? INFINITE - 1 : biased;
  return high < 0 ? magnitude | NEGATIVE : magnitude;
}
