import { describe, expect, it } from "vitest";
import { type KeyPress, tableIntent } from "../../../webview/shared/table/keyboard";

const press = (key: string, more: Partial<KeyPress> = {}): KeyPress => ({
  key,
  ctrlKey: false,
  metaKey: false,
  shiftKey: false,
  altKey: false,
  ...more,
});
const place = { focus: 50, total: 200, page: 20 };
const node = { folds: false, expanded: false };

describe("keys in the table", () => {
  it.each([
    ["ArrowDown", 51],
    ["ArrowUp", 49],
    ["PageDown", 69],
    ["PageUp", 31],
    ["Home", 0],
    ["End", 199],
  ])("%s goes to row %d", (key, to) => {
    expect(tableIntent(press(key), place, node)).toEqual({ kind: "move", to, extend: false });
    expect(tableIntent(press(key, { shiftKey: true }), place, node)).toEqual({
      kind: "move",
      to,
      extend: true,
    });
  });

  it("stays within the rows", () => {
    expect(tableIntent(press("ArrowDown"), { ...place, focus: 199 }, node)).toMatchObject({ to: 199 });
    expect(tableIntent(press("PageUp"), { ...place, focus: 3 }, node)).toMatchObject({ to: 0 });
    expect(tableIntent(press("ArrowDown"), { ...place, focus: -1 }, undefined)).toMatchObject({ to: 0 });
    expect(tableIntent(press("ArrowUp"), { ...place, focus: -1 }, undefined)).toMatchObject({ to: 0 });
    expect(tableIntent(press("End"), { ...place, total: 0 }, undefined)).toBeUndefined();
  });

  it("folds, unfolds and walks the tree", () => {
    const open = { folds: true, expanded: true };
    const folded = { folds: true, expanded: false };
    expect(tableIntent(press("ArrowLeft"), place, open)).toEqual({ kind: "fold" });
    expect(tableIntent(press("ArrowLeft"), place, folded)).toEqual({ kind: "parent" });
    expect(tableIntent(press("ArrowLeft"), place, node)).toEqual({ kind: "parent" });
    expect(tableIntent(press("ArrowRight"), place, folded)).toEqual({ kind: "unfold" });
    expect(tableIntent(press("ArrowRight"), place, open)).toMatchObject({ kind: "move", to: 51 });
    expect(tableIntent(press("ArrowRight"), place, node)).toBeUndefined();
  });

  it("copies and selects all, on either command key, and leaves other shortcuts to VS Code", () => {
    expect(tableIntent(press("c", { ctrlKey: true }), place, node)).toEqual({ kind: "copy" });
    expect(tableIntent(press("A", { metaKey: true }), place, node)).toEqual({ kind: "selectAll" });
    expect(tableIntent(press("z", { ctrlKey: true }), place, node)).toBeUndefined();
    expect(tableIntent(press("ArrowDown", { altKey: true }), place, node)).toBeUndefined();
    expect(tableIntent(press("Enter"), place, node)).toEqual({ kind: "detail" });
    expect(tableIntent(press(" "), place, node)).toEqual({ kind: "toggle" });
  });
});
