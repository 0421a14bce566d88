import { describe, expect, it } from "vitest";
import { dimScale, movedTo, parsedSize, stepOf, valueAt } from "../../../webview/shared/sizes/dimScale";

describe("the scale of a size's slider", () => {
  it("meets every power of two exactly", () => {
    for (let size = 1; size <= 65_536; size *= 2) {
      expect(valueAt(stepOf(size))).toBe(size);
    }
  });

  it("reaches beyond the usual for what is already larger", () => {
    expect(dimScale({ meaning: "batch", value: 1, defaultValue: 1 }).max).toBe(256);
    const wide = dimScale({ meaning: "batch", value: 5000, defaultValue: 1 });
    expect(wide.max).toBe(8192);
    expect(valueAt(wide.steps)).toBe(8192);
  });

  it("moves by every key press, and reaches one from above and each small size on the way", () => {
    const seen = [17];
    for (let value = 17; value > 1; ) {
      value = movedTo(value, stepOf(value) - 1);
      expect(value).toBeLessThan(seen.at(-1)!);
      seen.push(value);
    }
    expect(seen.at(-1)).toBe(1);
    expect(movedTo(1, 1)).toBe(2);
    expect(movedTo(128, stepOf(128))).toBe(128);
  });

  it("takes positive whole numbers as they are typed", () => {
    expect([" 77 ", "1e3"].map(parsedSize)).toEqual([77, 1000]);
    expect(["", "0", "-3", "2.5", "x", "1e99"].map(parsedSize)).toEqual(Array(6).fill(undefined));
  });
});
