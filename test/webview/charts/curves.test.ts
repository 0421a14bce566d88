import { describe, expect, it } from "vitest";
import { paramsAt, tensorsFor } from "../../../webview/shared/charts/concentration";
import { rangesIn } from "../../../webview/shared/charts/ranges";

describe("the concentration curve between its points", () => {
  const points = [
    { tensors: 0, params: 0 },
    { tensors: 0.1, params: 0.6 },
    { tensors: 1, params: 1 },
  ];
  it.each([
    [0, 0],
    [0.05, 0.3],
    [0.1, 0.6],
    [0.55, 0.8],
    [1, 1],
  ])("at %f is %f", (tensors, params) => {
    expect(paramsAt(points, tensors)).toBeCloseTo(params, 12);
  });
});

it("the share of the tensors that reaches a share of the parameters is its inverse", () => {
  const points = [
    { tensors: 0, params: 0 },
    { tensors: 0.1, params: 0.6 },
    { tensors: 0.5, params: 1 },
    { tensors: 1, params: 1 },
  ];
  expect(tensorsFor(points, 0.3)).toBeCloseTo(0.05, 12);
  expect(tensorsFor(points, 0.8)).toBeCloseTo(0.3, 12);
  expect(tensorsFor(points, 1)).toBe(0.5);
  expect(tensorsFor(points, 0)).toBe(0);
});

describe("ranges of channels", () => {
  const picked = Array.from({ length: 1000 }, (_, channel) => channel * 2);
  const min = picked.map((channel) => -channel);
  const max = picked.map((channel) => (channel === 500 ? 1e6 : channel));

  it("that share a pixel are drawn from the smallest to the largest, and none is lost", () => {
    const ranges = rangesIn(picked, min, max, 100, () => true);
    expect(ranges).toHaveLength(100);
    expect(Math.min(...ranges.map(({ from }) => from))).toBe(-1998);
    expect(Math.max(...ranges.map(({ to }) => to))).toBe(1e6);
  });

  it("are drawn one by one where there is room, those wanted alone", () => {
    expect(rangesIn(picked, min, max, 2000, (channel) => channel === 500)).toEqual([
      { place: 250, from: -500, to: 1e6 },
    ]);
  });
});
