import { describe, expect, it } from "vitest";
import type { Bindings, DimControl } from "../../../src/protocol/engine";
import { DimStore } from "../../../webview/shared/sizes/dimStore";

const dim = (name: string, value: number): DimControl => ({
  name,
  value,
  defaultValue: 1,
  usedBy: [],
  meaning: "other",
});

const settled = () => new Promise<void>((resolve) => setTimeout(resolve));

describe("sizes under a slider", () => {
  it("shows the chosen value at once and sends the newest only", async () => {
    const sent: Bindings[] = [];
    const answers: (() => void)[] = [];
    const frames: (() => void)[] = [];
    const store = new DimStore({
      bind: (bindings) => {
        sent.push(bindings);
        return new Promise((resolve) => answers.push(resolve));
      },
      schedule: (callback) => frames.push(callback),
    });
    const shown = (name: string) => store.controls.value.find((control) => control.name === name)!.value;
    store.accept([dim("batch", 1), dim("sequence", 128)]);
    for (let value = 129; value <= 160; value++) {
      store.set("sequence", value);
    }
    expect(shown("sequence")).toBe(160);
    frames.shift()!();
    expect(sent).toEqual([{ sequence: 160 }]);

    store.set("sequence", 170);
    // The engine's answer to 160 must not throw the slider back.
    store.accept([dim("batch", 1), dim("sequence", 160)]);
    answers.shift()!();
    await settled();
    expect(shown("sequence")).toBe(170);
    frames.shift()!();
    expect(sent.at(-1)).toEqual({ sequence: 170 });
    store.accept([dim("batch", 1), dim("sequence", 170)]);
    answers.shift()!();
    await settled();

    // Nothing is held back any more: another panel's change shows.
    store.accept([dim("batch", 4), dim("sequence", 64)]);
    expect([shown("batch"), shown("sequence")]).toEqual([4, 64]);
  });

  it("falls back to the engine's value when the call fails", async () => {
    const store = new DimStore({
      bind: () => Promise.reject(new Error("refused")),
      schedule: (callback) => callback(),
    });
    store.accept([dim("batch", 1)]);
    store.set("batch", 9);
    await settled();
    expect(store.controls.value[0]!.value).toBe(1);
  });
});
