import { expect, test } from "vitest";
import { effectWords, sizeWords } from "../../src/host/text/effectWords";
import { bytes, count, duration, percent } from "../../src/host/units";
import type { Effect } from "../../src/protocol/actions";

const FIGURES = { nodes: 120, params: 4_900_000, weightBytes: 9_856_614, macs: 2.4e9, flops: 4.9e9 };

function effect(parts: Partial<Effect>): Effect {
  return { label: "Quantise", before: FIGURES, after: FIGURES, text: "", newProblems: [], ...parts };
}

test("amounts have three digits and the unit that fits", () => {
  expect([0, 12, 999_999, 1_234_567, 2.4e9].map((value) => count(value, "FLOPs"))).toEqual([
    "0 FLOPs",
    "12 FLOPs",
    "1 MFLOPs",
    "1.23 MFLOPs",
    "2.4 GFLOPs",
  ]);
  expect([count(1234), count(null), count(null, "FLOPs")]).toEqual(["1.23 k", "?", "? FLOPs"]);
  expect([0, 1023, 1536, 9_856_614].map(bytes)).toEqual(["0 B", "1023 B", "1.5 KiB", "9.4 MiB"]);
  expect([0, 0.0001, 0.0123, 0.0996, 0.314, 1].map(percent)).toEqual([
    "0 %",
    "<0.1 %",
    "1.2 %",
    "10 %",
    "31 %",
    "100 %",
  ]);
  expect([0, 0.0123, 1.5, 1234].map(duration)).toEqual(["0 ms", "12.3 µs", "1.5 ms", "1.23 s"]);
});

test("an effect says what changes, what does not, and what is not known", () => {
  const after = { ...FIGURES, weightBytes: 2_464_153, nodes: 132, macs: null };
  expect(effectWords(effect({ after }))).toBe(
    "Quantise: weights 9.4 MiB → 2.35 MiB (−75 %), parameters 4.9 M as before, MACs 2.4 G → unknown, nodes 120 → 132 (+10 %).",
  );
  expect(sizeWords(effect({ after }))).toBe("9.4 MiB → 2.35 MiB (−75 %)");
});

test("new problems are named, and counted when there are many", () => {
  expect(effectWords(effect({ newProblems: ["A is wrong.", "B too.", "C.", "D."] }))).toMatch(
    /\. New problems: A is wrong\. B too\. And 2 more\.$/,
  );
  expect(effectWords(effect({}))).not.toContain("problems");
});
