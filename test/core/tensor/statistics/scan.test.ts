import { describe, expect, test } from "vitest";
import type { TensorRef } from "../../../../src/core/model/types";
import { decodeFloats } from "../../../../src/core/tensor/decode";
import { type DType, packedBytes } from "../../../../src/core/tensor/dtype";
import { type Scanned, StatisticsScan } from "../../../../src/core/tensor/statistics/scan";
import { caught } from "../../../support/caught";
import { Random } from "../../../support/random";
import { type NaiveOptions, naiveHistogram, naiveStatistics } from "./naive";

function tensorOf(dtype: DType, dims: readonly number[]): TensorRef {
  return { name: "w", dtype, dims, data: { kind: "memory", bytes: new Uint8Array() } };
}

/** Scans bytes in chunks of a whole number of 16 bytes. */
function scan(dtype: DType, bytes: Uint8Array, options: NaiveOptions, chunk = 48): Scanned {
  const { dims, ...axes } = options;
  const bits = packedBytes(dtype, 8);
  const one = new StatisticsScan(tensorOf(dtype, dims), axes);
  const feed = (take: (piece: Uint8Array, first: number) => void) => {
    for (let at = 0; at < bytes.length; at += chunk) {
      take(bytes.slice(at, at + chunk), (at * 8) / bits);
    }
  };
  feed((piece, first) => one.add(piece, first));
  if (one.needsSecondPass()) {
    feed((piece, first) => one.addAgain(piece, first));
  }
  return one.result();
}

function expectSame(found: Scanned, values: readonly number[], options: NaiveOptions): void {
  const { mean, std, ...exact } = naiveStatistics(values, options);
  expect(found).toMatchObject(exact);
  expectClose(found.mean, mean, Math.max(...values.filter(Number.isFinite).map(Math.abs), 0));
  expectClose(found.std, std, std ?? 0);
  const near = values.filter((value) => value === 0 || Math.abs(value) < found.nearZeroBelow);
  expect(found.nearZeros).toBe(near.length);
  expect(found.histogram.counts).toEqual(naiveHistogram(values, found.histogram));
}

/** To ten digits of the size of what it was made from. */
function expectClose(found: number | null, wanted: number | null, size: number): void {
  if (wanted === null) {
    expect(found).toBeNull();
  } else {
    expect(Math.abs(found! - wanted)).toBeLessThanOrEqual(1e-10 * size);
  }
}

const float32 = (values: readonly number[]) => new Uint8Array(Float32Array.from(values).buffer);

/** Values as weights have them: around zero, some exactly zero, a few far out. */
function weights(random: Random, count: number, zeros: number): number[] {
  return Array.from({ length: count }, () => {
    const spread = random.fraction() + random.fraction() + random.fraction() - 1.5;
    return random.fraction() < zeros ? 0 : Math.fround(0.05 * spread * (random.below(50) === 0 ? 20 : 1));
  });
}

const SHAPES: readonly NaiveOptions[] = [
  { dims: [200] },
  { dims: [1] },
  { dims: [7, 5], channel: 1, summed: 0 },
  { dims: [24, 36], channel: 1, summed: 0 },
  { dims: [36, 23], channel: 0, summed: 1 },
  { dims: [80, 70], channel: 0, summed: 1 },
  { dims: [6, 8, 3, 3], channel: 0, summed: 1, rowsAreFirstAxis: true },
  { dims: [5, 9, 11], channel: 2, summed: 1 },
  { dims: [3, 4, 5], channel: 1 },
  { dims: [] },
  { dims: [0, 4], channel: 1, summed: 0 },
];

describe.each(SHAPES)("a tensor $dims with channels $channel and sums over $summed", (options) => {
  const count = options.dims.reduce((product, dim) => product * dim, 1);

  test.each([0, 0.02, 0.5, 0.97, 1])("with %d of it zero", (zeros) => {
    const values = weights(new Random(count + 7), count, zeros);
    for (const chunk of [16, 48, 400, 1 << 20]) {
      expectSame(scan("float32", float32(values), options, chunk), values, options);
    }
  });

  test("with what is not finite in it", () => {
    const random = new Random(count);
    const odd = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    const values = weights(random, count, 0.2).map((value) =>
      random.below(5) === 0 ? random.pick(odd) : value,
    );
    expectSame(scan("float32", float32(values), options), values, options);
  });

  test("with nothing finite in it", () => {
    const values = new Array<number>(count).fill(Number.NaN);
    expectSame(scan("float32", float32(values), options), values, options);
  });
});

const NARROW: readonly DType[] = [
  "float16",
  "bfloat16",
  "float8e4m3fn",
  "float8e4m3fnuz",
  "float8e5m2",
  "float8e5m2fnuz",
  "float8e8m0",
  "float4e2m1",
  "int8",
  "uint8",
  "int16",
  "uint16",
  "bool",
  "int4",
  "uint4",
  "int2",
  "uint2",
];

test.each(NARROW)("any bits of %s", (dtype) => {
  const options = { dims: [16, 24], channel: 0, summed: 1 };
  const bytes = new Random(dtype.length).bytes(packedBytes(dtype, 384));
  const values = new Float32Array(384);
  decodeFloats(dtype, bytes, 384, values);
  expectSame(scan(dtype, bytes, options), [...values], options);
});

describe("values that need all their digits", () => {
  const options = { dims: [12, 10], channel: 1, summed: 0 };
  const random = new Random(3);

  test.each([1e3, 2 ** 31, 2 ** 52])("int64 up to %d", (limit) => {
    const values = Array.from({ length: 120 }, () => random.below(limit) - Math.floor(limit / 3));
    const bytes = new Uint8Array(BigInt64Array.from(values.map(BigInt)).buffer);
    expectSame(scan("int64", bytes, options), values, options);
  });

  test("int32 and uint32", () => {
    const values = Array.from({ length: 120 }, () => random.below(2 ** 31));
    expectSame(scan("int32", new Uint8Array(Int32Array.from(values).buffer), options), values, options);
    expectSame(scan("uint32", new Uint8Array(Uint32Array.from(values).buffer), options), values, options);
  });

  test.each([1, 1e-300, 1e300])("float64 around %d", (size) => {
    const values = Array.from({ length: 120 }, () => (random.fraction() - 0.5) * size);
    expectSame(scan("float64", new Uint8Array(Float64Array.from(values).buffer), options), values, options);
  });
});

test("a mean far from zero takes no digits from the deviation", () => {
  const options = { dims: [64, 64], channel: 0, summed: 1 };
  const random = new Random(9);
  const values = Array.from({ length: 4096 }, () => Math.fround(1e6 + random.fraction()));
  expectSame(scan("float32", float32(values), options), values, options);
});

test("a channel beyond six median distances sticks out, and alike ones do not", () => {
  const options = { dims: [20, 8], channel: 0, summed: 1 };
  const random = new Random(1);
  const values = Array.from({ length: 160 }, (_, index) =>
    Math.floor(index / 8) === 13 ? 9 : Math.fround(random.fraction() - 0.5),
  );
  expect(scan("float32", float32(values), options).channels?.outliers).toEqual([13]);
  expect(scan("float32", float32(new Array(160).fill(0.1)), options).channels?.outliers).toEqual([]);
});

test("more channels than are shown are picked evenly", () => {
  const options = { dims: [10_000, 2], channel: 0, summed: 1 };
  const values = Array.from({ length: 20_000 }, (_, index) => index);
  const { channels } = scan("float32", float32(values), options, 4096);
  expect(channels?.count).toBe(10_000);
  expect(channels?.picked.length).toBe(4096);
  for (const [at, channel] of channels!.picked.entries()) {
    expect([channels!.min[at], channels!.max[at]]).toEqual([2 * channel, 2 * channel + 1]);
  }
});

test.each([
  ["string", /has no real numbers/],
  ["complex64", /has no real numbers/],
  ["undefined", /has no real numbers/],
] as const)("%s is refused", (dtype, words) => {
  const error = caught(() => new StatisticsScan(tensorOf(dtype, [2]), {}));
  expect(error.code).toBe("unsupported");
  expect(error.message).toMatch(words);
});
