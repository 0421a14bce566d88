import { expect, test } from "vitest";
import { decodeFloats } from "../../../src/core/tensor/decode";
import { toHalf } from "../../../src/core/tensor/half";

/** Values of all codes, held against onnxruntime in decode.test.ts. */
const VALUES = new Float32Array(65536);
decodeFloats(
  "float16",
  new Uint8Array(Uint16Array.from({ length: 65536 }, (_, code) => code).buffer),
  65536,
  VALUES,
);
const LARGEST = 0x7bff;

test("every float16 comes back as its own code", () => {
  const wrong: number[] = [];
  VALUES.forEach((value, code) => {
    const back = toHalf(value);
    const same = Number.isNaN(value) ? (back & 0x7fff) > 0x7c00 : back === code;
    if (!same) {
      wrong.push(code);
    }
  });
  expect(wrong).toEqual([]);
});

test("between any two neighbours it goes to the nearer one, and from the middle to the even one", () => {
  const wrong: number[] = [];
  const single = new Float32Array(1);
  const bits = new Uint32Array(single.buffer);
  const neighbour = (value: number, step: number): number => {
    single[0] = value;
    bits[0] = bits[0]! + step;
    return single[0]!;
  };
  for (let code = 0; code < LARGEST; code++) {
    const middle = (VALUES[code]! + VALUES[code + 1]!) / 2;
    const even = code % 2 === 0 ? code : code + 1;
    for (const [value, expected] of [
      [middle, even],
      [neighbour(middle, -1), code],
      [neighbour(middle, 1), code + 1],
    ] as const) {
      if (toHalf(value) !== expected || toHalf(-value) !== (expected | 0x8000)) {
        wrong.push(code);
      }
    }
  }
  expect(wrong).toEqual([]);
});

test("what is too large becomes infinite, from halfway to the next power on", () => {
  expect(toHalf(65519.99609375)).toBe(LARGEST);
  expect(toHalf(65520)).toBe(0x7c00);
  expect(toHalf(-1e30)).toBe(0xfc00);
  expect(toHalf(2 ** -25)).toBe(0);
  expect(toHalf(2 ** -25 * 1.001)).toBe(1);
  expect(toHalf(-0)).toBe(0x8000);
});
