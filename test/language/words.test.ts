import { expect, test } from "vitest";
import { effectWords, sizeWords } from "../../src/host/text/effectWords";
import { attentionWords, costWords, fixWords } from "../../src/host/text/lensWords";
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

test("lenses name shares, amounts and sizes, and leave out what is not known", () => {
  const cost = { line: 1, key: "n1", share: 0.314, flops: 2.4e9, weightBytes: 9_856_614, tooltip: "" };
  expect(costWords({ ...cost, kind: "cost", timeMs: null })).toBe("31 % · 2.4 GFLOPs · 9.4 MiB");
  expect(costWords({ ...cost, kind: "module", weightBytes: 0, timeMs: 1.5 })).toBe(
    "module: 31 % · 2.4 GFLOPs · 1.5 ms",
  );
  const attention = {
    kind: "attention",
    line: 1,
    key: "n1",
    label: "layer.0",
    heads: 12,
    headDim: 64,
  } as const;
  expect(attentionWords({ ...attention, queries: 128, keys: 256, flops: 1.2e9, share: 0.081 })).toBe(
    "attention: 12 × 64, 128 queries, 256 keys · 8.1 % · 1.2 GFLOPs",
  );
  expect(
    attentionWords({ ...attention, heads: null, queries: null, keys: null, flops: null, share: null }),
  ).toBe("attention");
  const call = { action: "a", target: { output: "b" }, params: {} };
  const offer = {
    call,
    title: "Quantise",
    detail: "",
    weightBytesBefore: 4 * 2 ** 20,
    weightBytesAfter: 2 ** 20,
  };
  expect(fixWords(offer)).toBe("Quantise (−3 MiB)");
  expect(fixWords({ ...offer, weightBytesAfter: 4 * 2 ** 20 })).toBe("Quantise");
});
