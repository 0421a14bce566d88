import { describe, expect, test } from "vitest";
import { decodeFloats } from "../../../src/core/tensor/decode";
import { DTYPE_CODES, type DType } from "../../../src/core/tensor/dtype";
import { onnxModel } from "../../support/onnxBuilder";
import { feed, runInRuntime } from "../../support/runtime";

/** Every code of a type in order, as raw bytes. */
function allCodes(bits: number): { readonly bytes: Uint8Array; readonly count: number } {
  if (bits === 16) {
    return {
      bytes: new Uint8Array(Uint16Array.from({ length: 65536 }, (_, code) => code).buffer),
      count: 65536,
    };
  }
  if (bits === 8) {
    return { bytes: Uint8Array.from({ length: 256 }, (_, code) => code), count: 256 };
  }
  // All bytes hold all pairs (or fours) of codes in all places.
  return { bytes: Uint8Array.from({ length: 256 }, (_, byte) => byte), count: (256 * 8) / bits };
}

function decoded(dtype: DType, bytes: Uint8Array, count: number): Float32Array {
  const out = new Float32Array(count);
  expect(decodeFloats(dtype, bytes, count, out)).toBe(true);
  return out;
}

async function castByRuntime(dtype: DType, raw: Uint8Array, count: number): Promise<ArrayLike<number>> {
  const model = onnxModel({
    opsets: { "": 25 },
    ir: 12,
    graph: {
      inputs: [{ name: "unused", dims: [1] }],
      outputs: [{ name: "out", dims: [count] }],
      nodes: [
        {
          op: "Cast",
          inputs: ["codes"],
          outputs: ["out"],
          attributes: { to: { int: DTYPE_CODES.float32 } },
        },
      ],
      initializers: [{ name: "codes", type: DTYPE_CODES[dtype], dims: [count], raw }],
    },
  });
  return (await runInRuntime(model, { unused: feed([0], [1]) }, { level: "disabled" }))["out"]!;
}

describe("every code is what onnxruntime casts it to", () => {
  test.each<[DType, number]>([
    ["float16", 16],
    ["bfloat16", 16],
    ["float8e4m3fn", 8],
    ["float8e4m3fnuz", 8],
    ["float8e5m2", 8],
    ["float8e5m2fnuz", 8],
    ["int8", 8],
    ["uint8", 8],
    ["int16", 16],
    ["uint16", 16],
    ["int4", 4],
    ["uint4", 4],
    ["int2", 2],
    ["uint2", 2],
  ])("%s", async (dtype, bits) => {
    const { bytes, count } = allCodes(bits);
    const expected = await castByRuntime(dtype, bytes, count);
    const seen = decoded(dtype, bytes, count);
    const wrong = [...seen.keys()].filter((code) => !Object.is(seen[code], expected[code]));
    expect(wrong.map((code) => [code, seen[code], expected[code]])).toEqual([]);
  });
});

describe("types that onnxruntime has no cast for, as ml_dtypes 0.6 reads them", () => {
  test("float4e2m1, two to a byte", () => {
    const values = [0, 0.5, 1, 1.5, 2, 3, 4, 6, -0, -0.5, -1, -1.5, -2, -3, -4, -6];
    const bytes = Uint8Array.of(0x10, 0x32, 0x54, 0x76, 0x98, 0xba, 0xdc, 0xfe);
    expect([...decoded("float4e2m1", bytes, 16)]).toEqual(values);
  });

  test("float8e8m0, powers of two and one NaN", () => {
    const bytes = Uint8Array.of(0, 1, 64, 126, 127, 128, 254, 255);
    const values = [
      5.877471754111438e-39,
      1.1754943508222875e-38,
      1.0842021724855044e-19,
      0.5,
      1,
      2,
      1.7014118346046923e38,
      Number.NaN,
    ];
    expect([...decoded("float8e8m0", bytes, 8)]).toEqual(values);
  });
});

test("wide types are rounded to float32, wherever the bytes start", () => {
  const shifted = (values: ArrayBufferView): Uint8Array => {
    const bytes = new Uint8Array(values.byteLength + 1);
    bytes.set(new Uint8Array(values.buffer), 1);
    return bytes.subarray(1);
  };
  expect([...decoded("float64", shifted(Float64Array.of(0.1, -1e40, 2 ** -149)), 3)]).toEqual([
    Math.fround(0.1),
    Number.NEGATIVE_INFINITY,
    2 ** -149,
  ]);
  expect([...decoded("float32", shifted(Float32Array.of(1.5, -0, 3e-39)), 3)]).toEqual([
    1.5,
    -0,
    Math.fround(3e-39),
  ]);
  expect([...decoded("int64", shifted(BigInt64Array.of(-1n, 2n ** 62n + 1n)), 2)]).toEqual([-1, 2 ** 62]);
  expect([...decoded("uint64", shifted(BigUint64Array.of(2n ** 64n - 1n)), 1)]).toEqual([2 ** 64]);
  expect([...decoded("uint32", shifted(Uint32Array.of(4294967295)), 1)]).toEqual([2 ** 32]);
  expect([...decoded("int32", shifted(Int32Array.of(-16777217)), 1)]).toEqual([-16777216]);
  expect([...decoded("bool", Uint8Array.of(0, 1, 2), 3)]).toEqual([0, 1, 1]);
});

test("the last byte of packed elements may be half full", () => {
  expect([...decoded("int4", Uint8Array.of(0x8f, 0x07), 3)]).toEqual([-1, -8, 7]);
  expect([...decoded("uint2", Uint8Array.of(0b11_10_01_00, 0b10), 5)]).toEqual([0, 1, 2, 3, 2]);
});

test.each<DType>(["string", "complex64", "complex128", "undefined"])("%s has no numbers", (dtype) => {
  expect(decodeFloats(dtype, new Uint8Array(16), 1, new Float32Array(1))).toBe(false);
});
