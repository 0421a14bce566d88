import { describe, expect, it } from "vitest";
import {
  doublings,
  lengthText,
  logDomain,
  nearestPlace,
  powers,
} from "../../../webview/shared/charts/logAxis";

describe("a logarithmic axis", () => {
  it("begins at a whole power below the least and ends above the most", () => {
    expect(logDomain([250, 90_000], 10)).toEqual([100, 90_000 * 1.15]);
    expect(logDomain([3000, 5 * 2 ** 20], 2)[0]).toBe(2048);
  });

  it("leaves out what is nothing, unknown, or too far below to be seen", () => {
    expect(logDomain([0, Number.NaN, 100], 10)[0]).toBe(100);
    expect(logDomain([1, 1e12], 10)[0]).toBe(1e5);
    expect(logDomain([], 10)).toEqual([1, 10]);
  });

  it("has no more ticks than there is room for, all within it", () => {
    expect(powers([10, 1e7], 10, 10)).toEqual([10, 100, 1e3, 1e4, 1e5, 1e6, 1e7]);
    expect(powers([10, 1e7], 3, 10)).toEqual([10, 1e4, 1e7]);
    const bytes = powers([1024, 2 ** 35], 6, 2);
    expect(bytes.length).toBeLessThanOrEqual(6);
    expect(bytes.every((tick) => tick >= 1024 && tick <= 2 ** 35)).toBe(true);
  });

  it("labels lengths by their doublings", () => {
    expect(doublings(16, 1024, 20)).toEqual([16, 32, 64, 128, 256, 512, 1024]);
    expect(doublings(16, 1024, 3)).toEqual([16, 128, 1024]);
    expect([16, 9999, 16384, 12_345].map(lengthText)).toEqual(["16", "9999", "16k", "12345"]);
  });

  it("finds the place that is nearest by ratio", () => {
    expect(nearestPlace([16, 64, 256], 100)).toBe(1);
    expect(nearestPlace([16, 64, 256], 130)).toBe(2);
    expect(nearestPlace([16, 64, 256], 0)).toBe(0);
  });
});
