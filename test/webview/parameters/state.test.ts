import { describe, expect, it } from "vitest";
import type { TreemapNode } from "../../../src/protocol/engine";
import { NO_FILTER, tensorQuery } from "../../../webview/views/parameters/query";
import { labelsTo, trailOf } from "../../../webview/views/parameters/trail";
import { INITIAL, restoredViewState } from "../../../webview/views/parameters/viewState";

describe("what is remembered", () => {
  it("comes back as it was", () => {
    const kept = {
      ...INITIAL,
      grouping: "dtype",
      measure: "params",
      sort: null,
      widths: { name: 300 },
      split: 0.5,
      detailOpen: false,
      chartsOpen: false,
      logCounts: true,
    };
    expect(restoredViewState(JSON.parse(JSON.stringify(kept)))).toEqual(kept);
  });

  it.each([
    undefined,
    null,
    7,
    "text",
    { grouping: "colour", sort: { column: "weight" }, widths: [1], split: "wide", detailOpen: 1 },
  ])("%j is taken for what cannot be understood", (kept) => {
    expect(restoredViewState(kept)).toEqual(INITIAL);
  });
});

describe("the query", () => {
  it("leaves out what says nothing", () => {
    expect(tensorQuery(NO_FILTER, null)).toEqual({});
    expect(tensorQuery({ ...NO_FILTER, text: "  " }, null)).toEqual({});
    expect(
      tensorQuery({ ...NO_FILTER, text: " w ", role: "bias" }, { column: "bytes", descending: true }),
    ).toEqual({ sort: { column: "bytes", descending: true }, filter: { text: "w", role: "bias" } });
  });
});

describe("the way to a tile", () => {
  const node = (label: string, children: readonly TreemapNode[] = []): TreemapNode => ({
    label,
    path: label,
    bytes: 1,
    params: 1,
    children,
  });
  const c = node("c");
  const root = node("model", [node("a", [node("b", [c])]), node("d")]);

  it("is found from any node above it", () => {
    expect(labelsTo(root, c)).toEqual(["a", "b", "c"]);
    expect(labelsTo(root.children[0]!, c)).toEqual(["b", "c"]);
    expect(labelsTo(root.children[1]!, c)).toBeUndefined();
  });

  it("is gone as far as it still exists", () => {
    expect(trailOf(root, ["a", "b"]).map(({ label }) => label)).toEqual(["model", "a", "b"]);
    expect(trailOf(root, ["a", "gone", "c"]).map(({ label }) => label)).toEqual(["model", "a"]);
  });
});
