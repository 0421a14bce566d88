import { describe, expect, it } from "vitest";
import { amountHover, trusted } from "../../../webview/shared/format/amount";
import { bytes, count, duration, exact, percent, ratio } from "../../../webview/shared/format/units";

describe("engineering units", () => {
  it.each([
    [0, "0"],
    [7, "7"],
    [999, "999"],
    [1000, "1.00 k"],
    [1234, "1.23 k"],
    [12_345, "12.3 k"],
    [123_456, "123 k"],
    [999_499, "999 k"],
    [999_999, "1.00 M"],
    [1.5e12, "1.50 T"],
    [-1234, "-1.23 k"],
  ])("counts %d as %s", (value, text) => {
    expect(count(value)).toBe(text);
  });

  it.each([
    [0, "0 B"],
    [1023, "1023 B"],
    [1024, "1.00 KiB"],
    [1536, "1.50 KiB"],
    [1_048_575, "1.00 MiB"],
    [1010 * 1024, "1010 KiB"],
    [3_628_000, "3.46 MiB"],
  ])("sizes %d bytes as %s", (value, text) => {
    expect(bytes(value)).toBe(text);
  });

  it.each([
    [0, "0 ms"],
    [0.0123, "12.3 µs"],
    [0.9999, "1.00 ms"],
    [12.34, "12.3 ms"],
    [999.7, "1.00 s"],
    [61_000, "61.0 s"],
  ])("times %d ms as %s", (value, text) => {
    expect(duration(value)).toBe(text);
  });

  it("never rounds a part down to nothing", () => {
    expect(percent(0)).toBe("0.0 %");
    expect(percent(0.0001)).toBe("<0.1 %");
    expect(percent(0.0005)).toBe("0.1 %");
    expect(percent(1)).toBe("100.0 %");
  });

  it("gives ratios three digits", () => {
    expect([0.123, 2.2023, 14.83, 1234].map(ratio)).toEqual(["0.12", "2.20", "14.8", "1.23 k"]);
  });

  it("never shows an unknown amount as zero", () => {
    for (const format of [count, bytes, duration, percent, ratio]) {
      expect(format(null)).toBe("?");
    }
    expect(exact(null)).toBe("unknown");
  });
});

describe("trust", () => {
  it("marks estimates, and sums with parts unknown as lower bounds", () => {
    expect(trusted(1000, "exact", count)).toBe("1.00 k");
    expect(trusted(1000, "estimate", count)).toBe("~1.00 k");
    expect(trusted(1000, "unknown", count)).toBe("≥1.00 k");
    expect(trusted(null, "unknown", count)).toBe("?");
    expect(trusted(0.0001, "estimate", percent)).toBe("<0.1 %");
  });

  it("tells the exact value and the formula on hover", () => {
    const hover = amountHover("MACs", "MACs", { value: 12_345, formula: "5·batch", trust: "exact" });
    expect(hover).toContain("12,345 MACs");
    expect(hover).toContain("= 5·batch");
    expect(amountHover("MACs", "MACs", { value: null, formula: "unknown", trust: "unknown" })).not.toContain(
      "=",
    );
  });
});
