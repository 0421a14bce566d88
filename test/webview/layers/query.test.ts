import { describe, expect, it } from "vitest";
import { filterOf, layerQuery, NO_FILTER } from "../../../webview/panels/model/layers/query";
import { initialViewState } from "../../../webview/panels/model/store/viewState";
import { nextSort } from "../../../webview/shared/table/sort";

const state = initialViewState(true);

describe("what is asked of the engine", () => {
  it("leaves out what says nothing", () => {
    expect(layerQuery(NO_FILTER, { ...state, group: false, toggled: ["ma"] })).toEqual({
      group: false,
      inner: "folded",
      toggled: ["ma"],
    });
    expect(layerQuery(NO_FILTER, { ...state, group: false })).toEqual({ group: false, inner: "folded" });
    expect(layerQuery({ ...NO_FILTER, text: "  " }, state)).toEqual({
      group: true,
      inner: "folded",
      foldAll: false,
    });
  });

  it("is the same for the same wish, in whatever order it was made", () => {
    const one = layerQuery(
      { text: " q ", ops: ["MatMul", "Add"], module: "" },
      { ...state, toggled: ["mb", "ma"] },
    );
    const other = layerQuery(
      { text: "q", ops: ["Add", "MatMul"], module: "" },
      { ...state, toggled: ["ma", "mb"] },
    );
    expect(JSON.stringify(one)).toBe(JSON.stringify(other));
    expect(one.filter).toEqual({ text: "q", ops: ["Add", "MatMul"] });
  });

  it("takes over the filter of a bar", () => {
    expect(filterOf({ ops: ["Conv"] })).toEqual({ text: "", ops: ["Conv"], module: "" });
  });

  it("sorts numbers from the largest, words from the first, then the other way, then not at all", () => {
    const first = nextSort(null, "flops", true);
    expect(first).toEqual({ column: "flops", descending: true });
    const second = nextSort(first, "flops", true);
    expect(second).toEqual({ column: "flops", descending: false });
    expect(nextSort(second, "flops", true)).toBeNull();
    expect(nextSort(first, "name", false)).toEqual({ column: "name", descending: false });
  });
});
