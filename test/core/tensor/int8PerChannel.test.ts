import { describe, expect, test } from "vitest";
import type { TensorRef } from "../../../src/core/model/types";
import { decodeFloats } from "../../../src/core/tensor/decode";
import type { DType } from "../../../src/core/tensor/dtype";
import { toHalf } from "../../../src/core/tensor/half";
import { channelScales, int8Error, storedScales } from "../../../src/core/tensor/int8PerChannel";
import { CHUNK_BYTES, TensorReader } from "../../../src/core/tensor/reader";
import type { ByteSource } from "../../../src/core/wire/source";
import { onnxModel } from "../../support/onnxBuilder";
import { Random } from "../../support/random";
import { feed, runInRuntime } from "../../support/runtime";
import { memoryFiles, memoryReader, memorySource } from "../../support/sources";

const reader = memoryReader(memorySource(new Uint8Array()));

function floatWeight(dims: readonly number[], values: Float32Array, dtype: DType = "float32"): TensorRef {
  const bytes = dtype === "float16" ? Uint16Array.from(values, toHalf) : values;
  return { name: "w", dtype, dims, data: { kind: "memory", bytes: new Uint8Array(bytes.buffer) } };
}

function randomValues(count: number, seed = 1): Float32Array {
  const random = new Random(seed);
  return Float32Array.from({ length: count }, () => (random.fraction() - 0.5) ** 3 * 8);
}

function derived(weight: TensorRef, kind: "Weights" | "Scales", axis: number): TensorRef {
  return {
    name: kind,
    dtype: kind === "Weights" ? "int8" : weight.dtype,
    dims: kind === "Weights" ? weight.dims : [weight.dims[axis]!],
    data: { kind: "derived", from: [weight], kernel: `int8PerChannel${kind}`, params: { axis } },
  };
}

function bytesOf(tensor: TensorRef, from: TensorReader = reader): Uint8Array {
  return Buffer.concat(Array.from(from.raw(tensor), (chunk) => chunk.slice()));
}

const int8sOf = (tensor: TensorRef) => new Int8Array(Uint8Array.from(bytesOf(tensor)).buffer);
const scalesOf = (weight: TensorRef, axis: number) =>
  new Float32Array(Uint8Array.from(bytesOf(derived(weight, "Scales", axis))).buffer);

/** Rounds by looking at both neighbours. */
function nearest(value: number): number {
  const below = Math.floor(value);
  const above = below + 1;
  return value - below < above - value || (value - below === above - value && below % 2 === 0)
    ? below
    : above;
}

/** The definition, index by index. */
function naive(dims: readonly number[], values: Float32Array, axis: number) {
  const inner = dims.slice(axis + 1).reduce((product, dim) => product * dim, 1);
  const channelOf = (index: number) => Math.floor(index / inner) % dims[axis]!;
  const largest = new Array<number>(dims[axis]!).fill(0);
  values.forEach((value, index) => {
    largest[channelOf(index)] = Math.max(largest[channelOf(index)]!, Math.abs(value));
  });
  const scales = largest.map((size) => (size === 0 ? 1 : Math.fround(size / 127)));
  const codes = Array.from(values, (value, index) =>
    Math.max(-127, Math.min(127, nearest(Math.fround(value / scales[channelOf(index)]!)))),
  );
  const errors = codes.map((code, index) => values[index]! - code * scales[channelOf(index)]!);
  return { scales, codes, errors };
}

describe.each<[readonly number[], number]>([
  [[64, 48], 1],
  [[64, 48], 0],
  [[8, 3, 5, 7], 0],
  [[8, 3, 5, 7], 1],
  [[2, 6, 10], 2],
  [[1, 5], 1],
  [[5, 1], 1],
  // More than one chunk of float32, with channels that straddle the border.
  [[3, 100_003], 0],
  [[100_003, 3], 1],
])("weights %j along axis %i", (dims, axis) => {
  const values = randomValues(dims.reduce((product, dim) => product * dim, 1));
  const weight = floatWeight(dims, values);
  const expected = naive(dims, values, axis);

  test("codes and scales are those of the definition", () => {
    expect([...scalesOf(weight, axis)]).toEqual(expected.scales);
    const codes = int8sOf(derived(weight, "Weights", axis));
    expect(codes.length).toBe(values.length);
    expect(codes.findIndex((code, index) => code !== expected.codes[index])).toBe(-1);
  });

  test("the error is that of the codes", () => {
    const { signal, noise, maxAbsError, notFinite } = int8Error(weight, axis, reader);
    const sum = (numbers: Iterable<number>) => {
      let total = 0;
      for (const number of numbers) {
        total += number * number;
      }
      return total;
    };
    expect(signal / sum(values)).toBeCloseTo(1, 9);
    expect(noise / sum(expected.errors)).toBeCloseTo(1, 9);
    expect(maxAbsError).toBe(expected.errors.reduce((most, error) => Math.max(most, Math.abs(error)), 0));
    expect(notFinite).toBe(0);
  });

  test("onnxruntime quantises to the same codes with these scales", async () => {
    const scales = scalesOf(weight, axis);
    const model = onnxModel({
      graph: {
        inputs: [{ name: "w", dims }],
        outputs: [{ name: "q", type: "int8", dims }],
        nodes: [
          {
            op: "QuantizeLinear",
            inputs: ["w", "scale", "zero"],
            outputs: ["q"],
            attributes: { axis: { int: axis } },
          },
        ],
        initializers: [
          { name: "scale", type: "float32", dims: [scales.length], raw: new Uint8Array(scales.buffer) },
          { name: "zero", type: "int8", dims: [scales.length], raw: new Uint8Array(scales.length) },
        ],
      },
    });
    const { q } = await runInRuntime(model, { w: feed(values, dims) }, { level: "disabled" });
    const codes = int8sOf(derived(weight, "Weights", axis));
    expect([...codes.keys()].filter((index) => codes[index] !== q![index])).toEqual([]);
  });
});

test("the derived tensors mean in onnxruntime what the error was worked out from", async () => {
  const dims = [33, 40];
  const values = randomValues(33 * 40, 5);
  const weight = floatWeight(dims, values);
  const scales = scalesOf(weight, 1);
  const model = onnxModel({
    graph: {
      inputs: [{ name: "unused", dims: [1] }],
      outputs: [{ name: "w", dims }],
      nodes: [
        { op: "DequantizeLinear", inputs: ["q", "s"], outputs: ["w"], attributes: { axis: { int: 1 } } },
      ],
      initializers: [
        { name: "q", type: "int8", dims, raw: bytesOf(derived(weight, "Weights", 1)) },
        { name: "s", type: "float32", dims: [40], raw: new Uint8Array(scales.buffer) },
      ],
    },
  });
  const { w } = await runInRuntime(model, { unused: feed([0], [1]) }, { level: "disabled" });
  const most = values.reduce((max, value, index) => Math.max(max, Math.abs(value - w![index]!)), 0);
  expect(most / int8Error(weight, 1, reader).maxAbsError).toBeCloseTo(1, 5);
});

describe("float16 weights", () => {
  const values = (scale: number) => randomValues(64 * 16, 3).map((value) => value * scale);

  test.each([1, 1e-2, 1e-4, 3e-6])("no weight moves more than half a step at size %f", (scale) => {
    const weight = floatWeight([64, 16], values(scale), "float16");
    const steps = storedScales(channelScales(weight, 1, reader), "float16");
    const halves = new Float32Array(64 * 16);
    decodeFloats("float16", bytesOf(weight), halves.length, halves);
    const codes = int8sOf(derived(weight, "Weights", 1));
    halves.forEach((value, index) => {
      const step = steps[index % 16]!;
      expect(Math.abs(value - codes[index]! * step)).toBeLessThanOrEqual(step * 0.50001);
    });
  });

  test("the scales are stored as float16", () => {
    const weight = floatWeight([64, 16], values(1), "float16");
    const stored = bytesOf(derived(weight, "Scales", 1));
    expect(stored.length).toBe(32);
    const scales = new Float32Array(16);
    decodeFloats("float16", stored, 16, scales);
    expect(scales).toEqual(storedScales(channelScales(weight, 1, reader), "float16"));
    const exact = channelScales(weight, 1, reader);
    scales.forEach((scale, channel) => {
      expect(scale).toBeGreaterThanOrEqual(exact[channel]!);
      expect(scale / exact[channel]!).toBeLessThan(1 + 2 ** -10);
    });
  });
});

test("weights next to the middle between two codes go where float32's division sends them", () => {
  const random = new Random(7);
  const columns = 500;
  for (let round = 0; round < 20; round++) {
    const largest = Math.fround((0.5 + random.fraction()) * 2 ** (random.below(60) - 30));
    const scale = Math.fround(largest / 127);
    const bits = new Int32Array(
      Float32Array.from({ length: columns }, () => scale * (random.below(127) + 0.5)).buffer,
    );
    // The number itself and its neighbours on both sides.
    const near = new Float32Array(bits.map((code) => code + random.below(5) - 2).buffer);
    near[0] = largest;
    const { codes } = naive([1, columns], near, 0);
    expect([...int8sOf(derived(floatWeight([1, columns], near), "Weights", 0))]).toEqual(codes);
  }
});

test("weights so small that their scales lose digits stay within ±127", () => {
  const tiny = Float32Array.of(2 ** -149, -130 * 2 ** -149, 190 * 2 ** -149, 2 ** -149 * 60);
  const { codes } = naive([1, 4], tiny, 0);
  expect([...int8sOf(derived(floatWeight([1, 4], tiny), "Weights", 0))]).toEqual(codes);
  expect(codes).toContain(127);
});

test("a source that comes in chunks of another length", () => {
  const values = randomValues(3 * 700_000);
  const half = floatWeight([3, 700_000], values, "float16");
  const wide: TensorRef = {
    name: "wide",
    dtype: "float32",
    dims: half.dims,
    data: { kind: "derived", from: [half], kernel: "convertFloats", params: {} },
  };
  const rounded = new Float32Array(Uint8Array.from(bytesOf(wide)).buffer);
  expect(int8sOf(derived(wide, "Weights", 0))).toEqual(
    int8sOf(derived(floatWeight(half.dims, rounded), "Weights", 0)),
  );
});

test("a channel of zeros stays zero, and one with an infinite weight keeps its others", () => {
  const weight = floatWeight(
    [4, 3],
    Float32Array.of(0, 1, -0.5, 0, Number.POSITIVE_INFINITY, Number.NaN, -0, -2, 1, 0, 0.5, 0.25),
  );
  expect([...scalesOf(weight, 1)]).toEqual([1, Math.fround(2 / 127), Math.fround(1 / 127)]);
  expect([...int8sOf(derived(weight, "Weights", 1))]).toEqual([
    0, 64, -64, 0, 127, 0, 0, -127, 127, 0, 32, 32,
  ]);
  expect(int8Error(weight, 1, reader).notFinite).toBe(2);
});

test("an axis that the tensor does not have is refused", () => {
  const weight = floatWeight([2, 2], new Float32Array(4));
  expect(() => bytesOf(derived(weight, "Weights", 2))).toThrow(/no axis 2/);
});

test("a tensor of 400 MB is quantised through a few chunks of memory", () => {
  const rows = 25_000;
  const columns = 4000;
  let largestRead = 0;
  const source: ByteSource = {
    name: "large",
    size: rows * columns * 4,
    read(offset, into) {
      largestRead = Math.max(largestRead, into.length);
      new DataView(into.buffer, into.byteOffset).setFloat32(0, 1 + offset, true);
    },
  };
  const weight: TensorRef = {
    name: "w",
    dtype: "float32",
    dims: [rows, columns],
    data: {
      kind: "stored",
      spans: [{ start: 0, end: source.size, packed: true }],
      encoding: { kind: "raw" },
    },
  };
  const large = new TensorReader(source, memoryFiles({}));
  const before = process.memoryUsage().arrayBuffers;
  let most = 0;
  let length = 0;
  for (const chunk of large.raw(derived(weight, "Weights", 1))) {
    length += chunk.length;
    most = Math.max(most, process.memoryUsage().arrayBuffers - before);
  }
  expect(length).toBe(rows * columns);
  expect(largestRead).toBeLessThanOrEqual(CHUNK_BYTES);
  expect(most).toBeLessThan(8 * CHUNK_BYTES);
});

test("a chunk border inside an element of a packed type loses nothing", () => {
  const count = 3 * CHUNK_BYTES + 5;
  const bytes = Uint8Array.from({ length: Math.ceil(count / 2) }, (_, index) => index * 7);
  const tensor: TensorRef = { name: "t", dtype: "int4", dims: [count], data: { kind: "memory", bytes } };
  let seen = 0;
  let wrong = 0;
  reader.floats(tensor, (values, first) => {
    expect(first).toBe(seen);
    seen += values.length;
    values.forEach((value, index) => {
      const at = first + index;
      const code = (bytes[at >> 1]! >> (4 * (at % 2))) & 15;
      wrong += value === (code > 7 ? code - 16 : code) ? 0 : 1;
    });
  });
  expect([seen, wrong]).toEqual([count, 0]);
});
