import { describe, expect, it } from "vitest";
import {
  everything,
  extended,
  isSelected,
  NOTHING,
  only,
  type Selection,
  selectedCount,
  toggled,
} from "../../../webview/shared/table/selection";
import { Random } from "../../support/random";

describe("selecting rows", () => {
  it("extends from where the range began", () => {
    const selection = extended(extended(only(5), 9), 3);
    expect(selection.spans).toEqual([{ from: 3, to: 5 }]);
    expect(selection.focus).toBe(3);
    expect(extended(NOTHING, 4).spans).toEqual([{ from: 4, to: 4 }]);
  });

  it("selects everything without naming each row", () => {
    expect(selectedCount(everything(only(3), 100_000))).toBe(100_000);
    expect(everything(only(3), 0)).toEqual(NOTHING);
  });

  it("agrees with a plain set over many toggles, in order and without touching spans", () => {
    const random = new Random(7);
    const expected = new Set<number>();
    let selection: Selection = NOTHING;
    for (let step = 0; step < 500; step++) {
      const index = random.below(40);
      selection = toggled(selection, index);
      if (!expected.delete(index)) {
        expected.add(index);
      }
      const chosen = Array.from({ length: 40 }, (_, at) => at).filter((at) => isSelected(selection, at));
      expect(chosen).toEqual([...expected].sort((a, b) => a - b));
      for (let at = 1; at < selection.spans.length; at++) {
        expect(selection.spans[at]!.from).toBeGreaterThan(selection.spans[at - 1]!.to + 1);
      }
    }
  });
});
