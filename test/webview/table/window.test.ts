import { describe, expect, it } from "vitest";
import {
  contentPx,
  type Geometry,
  MAX_ELEMENT_PX,
  scrollTopCentred,
  scrollTopFor,
  windowAt,
} from "../../../webview/shared/table/window";

const small: Geometry = { total: 100, rowPx: 20, viewPx: 200 };
const huge: Geometry = { total: 5_000_000, rowPx: 22, viewPx: 660 };

describe("the window of rows", () => {
  it("covers what is in view and a few rows around it", () => {
    expect(windowAt(small, 0, 3)).toEqual({ first: 0, end: 13, topPx: 0 });
    expect(windowAt(small, 410, 3)).toEqual({ first: 17, end: 34, topPx: 340 });
    expect(windowAt(small, 1800, 3)).toEqual({ first: 87, end: 100, topPx: 1740 });
  });

  it("is empty for no rows, and survives a scroll position of an earlier, longer table", () => {
    expect(windowAt({ ...small, total: 0 }, 500, 3)).toEqual({ first: 0, end: 0, topPx: 0 });
    const { first, end } = windowAt({ ...small, total: 5 }, 5000, 3);
    expect([first, end]).toEqual([2, 5]);
  });

  it("reaches the first and the last row of more rows than an element can be tall for", () => {
    expect(contentPx(huge)).toBe(MAX_ELEMENT_PX);
    expect(windowAt(huge, 0, 0).first).toBe(0);
    const bottom = windowAt(huge, MAX_ELEMENT_PX - huge.viewPx, 0);
    expect(bottom.end).toBe(huge.total);
    const lastRowBottom = bottom.topPx + (bottom.end - bottom.first) * huge.rowPx;
    expect(lastRowBottom).toBeCloseTo(MAX_ELEMENT_PX, 0);
  });

  it.each([
    ["rows that fit an element", { ...small, total: 90_000 }],
    ["rows that do not", huge],
  ])("scrolls any row into full view, for %s", (_, geometry) => {
    let scrollTop = 0;
    for (const index of [0, 17, geometry.total - 1, Math.floor(geometry.total / 3), 1]) {
      scrollTop = scrollTopFor(geometry, scrollTop, index);
      const { first, end, topPx } = windowAt(geometry, scrollTop, 0);
      expect(first).toBeLessThanOrEqual(index);
      expect(end).toBeGreaterThan(index);
      const rowTop = topPx + (index - first) * geometry.rowPx - scrollTop;
      expect(rowTop).toBeGreaterThan(-1);
      expect(rowTop + geometry.rowPx).toBeLessThan(geometry.viewPx + 1);
    }
  });

  it("does not scroll for a row that is in view", () => {
    expect(scrollTopFor(small, 400, 25)).toBe(400);
  });

  it("shows a row that was asked for a third below the top", () => {
    expect(scrollTopCentred(small, 50)).toBeCloseTo(1000 - 200 / 3);
    expect(scrollTopCentred(small, 0)).toBe(0);
    expect(scrollTopCentred(small, 99)).toBe(1800);
  });
});
