import { expect, test } from "vitest";
import type { TensorRef } from "../../../src/core/model/types";
import { decodeFloats } from "../../../src/core/tensor/decode";
import type { DType } from "../../../src/core/tensor/dtype";
import { TensorReader } from "../../../src/core/tensor/reader";
import { caught } from "../../support/caught";
import { memoryFiles, memorySource } from "../../support/sources";
import { concat } from "../../support/wire";

const reader = new TensorReader(memorySource(new Uint8Array()), memoryFiles({}));
const INPUT = [0, -0, 1, -1.5, 65504, 65520, -1e6, 1e-8, 6e-8, 1 / 3, Infinity, -Infinity, NaN];

function convert(values: ArrayBufferView, from: DType, to: DType, saturate = false): Float32Array {
  const bytes = new Uint8Array(values.buffer as ArrayBuffer);
  const source: TensorRef = { name: "s", dtype: from, dims: [INPUT.length], data: { kind: "memory", bytes } };
  const target: TensorRef = {
    ...{ name: "t", dtype: to, dims: source.dims },
    data: { kind: "derived", from: [source], kernel: "convertFloats", params: { saturate } },
  };
  const raw = concat(...Array.from(reader.raw(target), (chunk) => chunk.slice()));
  const out = new Float32Array(INPUT.length);
  decodeFloats(to, raw, out.length, out);
  return out;
}

const HALVES = [
  0,
  -0,
  1,
  -1.5,
  65504,
  Infinity,
  -Infinity,
  0,
  2 ** -24,
  0.333251953125,
  Infinity,
  -Infinity,
  NaN,
];

test("float32 becomes the nearest float16, ties to even, and infinite beyond it", () => {
  expect([...convert(Float32Array.from(INPUT), "float32", "float16")]).toEqual(HALVES);
});

test("saturating keeps what is finite finite", () => {
  const saturated = HALVES.with(5, 65504).with(6, -65504);
  expect([...convert(Float32Array.from(INPUT), "float32", "float16", true)]).toEqual(saturated);
});

test("float16 becomes float32 exactly", () => {
  const codes = Uint16Array.from([
    0, 0x8000, 0x3c00, 0xbe00, 0x7bff, 0x7c00, 0xfc00, 0, 1, 0x3555, 0x7c00, 0xfc00, 0x7e00,
  ]);
  expect([...convert(codes, "float16", "float32")]).toEqual(HALVES);
});

test("integers are refused", () => {
  expect(caught(() => convert(new Int32Array(INPUT.length), "int32", "float32")).code).toBe("unsupported");
});
