import { expect, test } from "vitest";
import { concentrationOf } from "../../../../src/core/analysis/parameters/concentration";
import { Random } from "../../../support/random";

function randomIntegers(seed: number, count: number, limit: number): number[] {
  const random = new Random(seed);
  return Array.from({ length: count }, () => 1 + random.below(limit));
}

test("sizes that are all alike have a straight curve and no inequality", () => {
  const { curve, gini, half, ninety } = concentrationOf([7, 7, 7, 7]);
  expect(curve.map(({ tensors, params }) => params - tensors)).toEqual([0, 0, 0, 0, 0]);
  expect(gini).toBeCloseTo(0, 12);
  expect([half, ninety]).toEqual([2, 4]);
});

test("one that has nearly all comes close to 1", () => {
  const sizes = [1e9, ...new Array<number>(99).fill(1)];
  const { gini, half, ninety } = concentrationOf(sizes);
  expect(gini).toBeGreaterThan(0.98);
  expect([half, ninety]).toEqual([1, 1]);
});

test("the coefficient is the mean difference of all pairs, halved and by the mean", () => {
  for (let seed = 1; seed <= 20; seed++) {
    const sizes = randomIntegers(seed, 30 + seed, 5000);
    const mean = sizes.reduce((sum, size) => sum + size, 0) / sizes.length;
    const apart = sizes.flatMap((a) => sizes.map((b) => Math.abs(a - b)));
    const difference = apart.reduce((sum, one) => sum + one, 0) / apart.length;
    expect(concentrationOf(sizes).gini).toBeCloseTo(difference / (2 * mean), 10);
  }
});

test("each point of a curve is the sum of the largest, and zeros count for nothing", () => {
  const sizes = randomIntegers(5, 1000, 1e6);
  const { curve, half, ninety } = concentrationOf([0, ...sizes, 0]);
  const falling = [...sizes].sort((a, b) => b - a);
  const sum = (count: number) => falling.slice(0, count).reduce((total, size) => total + size, 0);
  expect(curve.length).toBeLessThanOrEqual(201);
  expect(curve.at(-1)).toEqual({ tensors: 1, params: 1 });
  for (const { tensors, params } of curve) {
    expect(params).toBeCloseTo(sum(Math.round(tensors * 1000)) / sum(1000), 12);
  }
  expect(sum(half) >= sum(1000) / 2 && sum(half - 1) < sum(1000) / 2).toBe(true);
  expect(sum(ninety) >= sum(1000) * 0.9 && sum(ninety - 1) < sum(1000) * 0.9).toBe(true);
});

test("a model without parameters has no curve", () => {
  expect(concentrationOf([0, 0])).toEqual({ curve: [], gini: 0, half: 0, ninety: 0 });
});
