import { describe, expect, it } from "vitest";
import { initialViewState, restoredViewState } from "../../../webview/panels/model/store/viewState";

const base = initialViewState(true);

describe("a view's remembered state", () => {
  it("comes back as it was", () => {
    const state = {
      ...base,
      view: "layers",
      group: false,
      toggled: ["mencoder"],
      sort: { column: "flops", descending: true },
      hidden: ["dtype"],
      widths: { name: 300 },
      split: 0.5,
    };
    expect(restoredViewState(JSON.parse(JSON.stringify(state)), base)).toEqual(state);
  });

  it.each([
    [undefined],
    [null],
    ["text"],
    [
      {
        view: "gone",
        group: "yes",
        toggled: "all",
        sort: { column: "gone" },
        hidden: 3,
        widths: { name: "wide" },
        split: Number.NaN,
      },
    ],
  ])("is the initial one where it cannot be understood: %j", (kept) => {
    expect(restoredViewState(kept, base)).toEqual(base);
  });

  it("keeps what is understood beside what is not, within bounds", () => {
    const state = restoredViewState({ toggled: ["a", 1], hidden: ["gone", "macs"], split: 7 }, base);
    expect(state.toggled).toEqual(["a"]);
    expect(state.hidden).toEqual(["macs"]);
    expect(state.split).toBeLessThan(1);
  });
});
