import { expect, test } from "vitest";
import { Repeats } from "../../../src/core/tensor/repeats";
import { Random } from "../../support/random";

function repeatsOf(dims: readonly number[], bytes: Uint8Array, chunk: number): number {
  const repeats = new Repeats({ name: "t", dtype: "uint8", dims, data: { kind: "memory", bytes } });
  for (let at = 0; at < bytes.length; at += chunk) {
    repeats.add(bytes.subarray(at, at + chunk));
  }
  return repeats.times();
}

function tiled(bytes: Uint8Array, times: number): Uint8Array {
  return Uint8Array.from({ length: bytes.length * times }, (_, at) => bytes[at % bytes.length]!);
}

test.each([1, 5, 64, 1000, 100_000])("read in pieces of %i bytes", (chunk) => {
  const random = new Random(chunk);
  const slice = random.bytes(7 * 11);
  expect(repeatsOf([4, 5, 7, 11], tiled(slice, 20), chunk)).toBe(20);
  expect(repeatsOf([4, 5, 7, 11], tiled(random.bytes(5 * 77), 4), chunk)).toBe(4);
  expect(repeatsOf([4, 5, 7, 11], random.bytes(20 * 77), chunk)).toBe(1);
  expect(repeatsOf([40, 8], new Uint8Array(320).fill(9), chunk)).toBe(320);
  const late = tiled(slice, 20);
  late[late.length - 1]! ^= 1;
  expect(repeatsOf([4, 5, 7, 11], late, chunk)).toBe(1);
});

test("repeats in halves when the shorter stretch breaks late", () => {
  const half = tiled(new Random(1).bytes(10), 6);
  half[55]! ^= 1;
  expect(repeatsOf([2, 6, 10], tiled(half, 2), 16)).toBe(2);
});
