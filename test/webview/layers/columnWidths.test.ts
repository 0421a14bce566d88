import { describe, expect, it } from "vitest";
import type { ColumnId } from "../../../src/protocol/rows";
import { ALL_COLUMNS, columnOf } from "../../../webview/panels/model/layers/columns";
import { columnPixels } from "../../../webview/panels/model/layers/columnWidths";

const usual = ALL_COLUMNS.filter(({ id, measured }) => !measured && id !== "path");
const rightEdge = (pixels: readonly number[], columns: typeof usual, id: ColumnId) =>
  pixels.slice(0, columns.findIndex((column) => column.id === id) + 1).reduce((sum, px) => sum + px, 0);

describe("widths of columns", () => {
  it("what a layer costs is in view beside the details in a window of 1,280 pixels", () => {
    // Less the activity bar (48), with and without the side bar (300); the details have 36 %.
    for (const view of [(1280 - 48) * 0.64, (1280 - 48 - 300) * 0.64]) {
      expect(rightEdge(columnPixels(usual, {}, view), usual, "share")).toBeLessThanOrEqual(view);
    }
    const timed = ALL_COLUMNS.filter(({ id }) => id !== "path");
    const view = (1280 - 48) * 0.64;
    expect(rightEdge(columnPixels(timed, {}, view), timed, "timeShare")).toBeLessThanOrEqual(view);
  });

  it("the name takes what is left of a wide view and nothing is cut there", () => {
    const total = usual.reduce((sum, { width }) => sum + width, 0);
    const wide = columnPixels(usual, {}, total + 100);
    expect(wide.reduce((sum, px) => sum + px, 0)).toBe(total + 100);
    expect(wide[0]).toBe(columnOf("name").width + 100);
  });

  it("a width that somebody chose stays", () => {
    const chosen = { op: 300, name: 200 };
    const pixels = columnPixels(usual, chosen, 600);
    expect([pixels[0], pixels[1]]).toEqual([200, 300]);
    expect(columnPixels(usual, { name: 500 }, 600)[0]).toBe(330);
  });
});
