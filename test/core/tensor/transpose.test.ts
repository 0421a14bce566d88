import { expect, test } from "vitest";
import type { TensorRef } from "../../../src/core/model/types";
import type { DType } from "../../../src/core/tensor/dtype";
import { byteLength, TensorReader } from "../../../src/core/tensor/reader";
import { Random } from "../../support/random";
import { memoryFiles, memorySource } from "../../support/sources";
import { concat } from "../../support/wire";

const reader = new TensorReader(memorySource(new Uint8Array()), memoryFiles({}));

function transposed(source: TensorRef, perm: readonly number[]): Uint8Array {
  const target: TensorRef = {
    name: "t",
    dtype: source.dtype,
    dims: perm.map((axis) => source.dims[axis]!),
    data: { kind: "derived", from: [source], kernel: "transpose", params: { perm } },
  };
  return concat(...Array.from(reader.raw(target), (chunk) => chunk.slice()));
}

/** Element by element, from the definition. */
function naive(source: TensorRef, bytes: Uint8Array, perm: readonly number[]): Uint8Array {
  const { dims } = source;
  const count = dims.reduce((product, dim) => product * dim, 1);
  const width = count === 0 ? 0 : bytes.length / count;
  const out = new Uint8Array(bytes.length);
  for (let index = 0; index < count; index++) {
    let rest = index;
    const at = dims.map(() => 0);
    for (let axis = dims.length - 1; axis >= 0; axis--) {
      at[axis] = rest % dims[axis]!;
      rest = Math.floor(rest / dims[axis]!);
    }
    const place = perm.reduce((sum, axis) => sum * dims[axis]! + at[axis]!, 0);
    out.set(bytes.subarray(index * width, (index + 1) * width), place * width);
  }
  return out;
}

test("axes in any order, of elements of one to eight bytes", () => {
  const random = new Random(5);
  const widths: readonly [DType, number][] = [
    ["int8", 1],
    ["float16", 2],
    ["float32", 4],
    ["int64", 8],
  ];
  for (let round = 0; round < 200; round++) {
    const [dtype, width] = widths[round % widths.length]!;
    const dims = Array.from({ length: random.below(5) }, () => random.below(5) + (round % 9 === 0 ? 0 : 1));
    const perm = random.shuffled(dims.map((_, axis) => axis));
    const bytes = random.bytes(dims.reduce((product, dim) => product * dim, width));
    const source: TensorRef = { name: "s", dtype, dims, data: { kind: "memory", bytes } };
    expect([dims, perm, transposed(source, perm)]).toEqual([dims, perm, naive(source, bytes, perm)]);
  }
});

test("a result that is made in parts", () => {
  const dims = [2, 8_500_000];
  const values = Float32Array.from({ length: dims[0]! * dims[1]! }, (_, index) => index);
  const source: TensorRef = {
    ...{ name: "s", dtype: "float32", dims },
    data: { kind: "memory", bytes: new Uint8Array(values.buffer) },
  };
  const result = new Float32Array(transposed(source, [1, 0]).buffer);
  expect(byteLength(source)).toBeGreaterThan(64 * 2 ** 20);
  const wrong = result.findIndex(
    (value, index) => value !== Math.fround((index % 2) * dims[1]! + Math.floor(index / 2)),
  );
  expect(wrong).toBe(-1);
});
