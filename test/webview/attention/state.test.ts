import { describe, expect, it } from "vitest";
import type { WhatIf } from "../../../src/protocol/attention";
import { restoredViewState } from "../../../webview/views/attention/viewState";
import {
  isWhatIf,
  numbersOf,
  WHAT_IF_KINDS,
  WHAT_IFS,
  whatIfWith,
} from "../../../webview/views/attention/whatIf";

describe("the view's remembered state", () => {
  it("comes back as it was", () => {
    const state = {
      mode: "decode",
      axis: "past",
      isLog: false,
      sizes: { batch: 4 },
      whatIf: { kind: "window", width: 512 },
      sort: { column: "share", descending: true },
      widths: { name: 300 },
      split: 0.5,
      detailOpen: false,
    };
    expect(restoredViewState(JSON.parse(JSON.stringify(state)))).toEqual(state);
  });

  it.each([
    [undefined],
    [null],
    ["text"],
    [{ mode: "both", axis: 3, sizes: [1.5, "x"], whatIf: { kind: "window" } }],
  ])("is the initial one where it cannot be understood: %j", (kept) => {
    expect(restoredViewState(kept)).toEqual(restoredViewState(undefined));
  });
});

describe("what-ifs", () => {
  it.each(WHAT_IF_KINDS)("of kind %s are made of the numbers that they are shown with", (kind) => {
    const numbers = Object.fromEntries(WHAT_IFS[kind].fields.map(({ name }, place) => [name, place + 2]));
    const made = whatIfWith(kind, numbers);
    expect(made).toEqual({ kind, ...numbers });
    expect(numbersOf(made as WhatIf)).toEqual(numbers);
  });

  it.each([[0], [-1], [1.5], [Number.NaN], ["16"], [undefined]])("take no %j", (width) => {
    expect(whatIfWith("window", { width })).toBeUndefined();
    expect(isWhatIf({ kind: "window", width })).toBe(false);
  });

  it("are no other things", () => {
    expect(isWhatIf({ kind: "dense", width: 3 })).toBe(false);
    expect(isWhatIf(null)).toBe(false);
  });
});
