import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { CostLens, Lens } from "../../../src/protocol/engine";
import { fixturePath, type TestEngine, testEngine } from "./support";

let engine: TestEngine;
beforeEach(() => {
  engine = testEngine();
});
afterEach(() => engine.dispose());

const ALL = { startLine: 0, endLine: 100_000 };

type OfKind<K extends Lens["kind"]> = Extract<Lens, { readonly kind: K }>;

function ofKind(lenses: readonly Lens[], kind: "cost" | "module"): readonly CostLens[];
function ofKind<K extends "attention" | "fix">(lenses: readonly Lens[], kind: K): readonly OfKind<K>[];
function ofKind(lenses: readonly Lens[], kind: Lens["kind"]): readonly Lens[] {
  return lenses.filter((lens) => lens.kind === kind);
}

async function rows() {
  return (await engine.call("rows", { group: true, start: 0, count: 100_000 })).rows;
}

describe.each(["encoder", "bart", "vit"])("%s", (name) => {
  beforeEach(async () => {
    await engine.call("open", { path: fixturePath(name) });
  });

  test("costs are those of the layer table, at the line of their row", async () => {
    const { lineKeys, text } = await engine.call("text", {});
    const lines = text.split("\n");
    const lenses = await engine.call("lenses", ALL);
    const byKey = new Map((await rows()).map((row) => [row.key, row]));
    const costs = [...ofKind(lenses, "cost"), ...ofKind(lenses, "module")];
    expect(new Set(costs.map(({ kind }) => kind))).toEqual(new Set(["cost", "module"]));
    for (const { kind, key, line, flops, share, weightBytes } of costs) {
      const row = byKey.get(key)!;
      expect({ flops, share, weightBytes }).toEqual({
        flops: row.flops,
        share: row.share,
        weightBytes: row.weightBytes,
      });
      expect(kind === "cost" ? lineKeys[line] : lines[line]!.trim()).toBe(
        kind === "cost" ? key : `// ${row.path}`,
      );
    }
  });

  test("what costs less than the threshold has none, and everything above it has one", async () => {
    const minShare = 0.02;
    const lenses = await engine.call("lenses", { ...ALL, minShare });
    const costly = (await rows()).filter(
      (row) => row.kind === "node" && row.runBy === null && row.share !== null && row.share >= minShare,
    );
    expect(
      ofKind(lenses, "cost")
        .map(({ key }) => key)
        .sort(),
    ).toEqual(costly.map(({ key }) => key).sort());
    expect(costly.length).toBeGreaterThan(0);
    for (const { share } of ofKind(lenses, "module")) {
      expect(share).toBeGreaterThanOrEqual(minShare);
    }
  });

  test("each attention block has one, at the first line of its nodes", async () => {
    const { blocks } = await engine.call("attention", {});
    const { lineKeys } = await engine.call("text", {});
    const lenses = ofKind(await engine.call("lenses", { ...ALL, minShare: 1 }), "attention");
    expect(lenses.map(({ key }) => key).sort()).toEqual(blocks.map(({ key }) => key).sort());
    for (const block of blocks) {
      const lens = lenses.find(({ key }) => key === block.key)!;
      expect(lens.line).toBe(Math.min(...block.nodes.map((key) => lineKeys.indexOf(key))));
      expect([lens.heads, lens.queries]).toEqual([block.heads.value, block.queryLength.value]);
    }
  });
});

test("fixes stand at costly nodes and where they save enough, those that save most first", async () => {
  await engine.call("open", { path: fixturePath("encoder") });
  const { lineKeys } = await engine.call("text", {});
  const all = ofKind(await engine.call("lenses", ALL), "fix");
  expect(all.length).toBeGreaterThan(10);
  const saved = ({ offer }: (typeof all)[number]) => offer.weightBytesBefore - offer.weightBytesAfter;
  const minSaving = Math.max(...all.map(saved));
  const few = await engine.call("lenses", { ...ALL, minShare: 0.05, minSaving });
  const costlyLines = new Set(ofKind(few, "cost").map(({ line }) => line));
  const fixes = ofKind(few, "fix");
  expect(fixes.length).toBeLessThan(all.length);
  for (const fix of fixes) {
    expect(costlyLines.has(fix.line) || saved(fix) >= minSaving).toBe(true);
    expect(lineKeys[fix.line]).not.toBe("");
  }
  expect(fixes).toEqual(all.filter((fix) => costlyLines.has(fix.line) || saved(fix) >= minSaving));
  expect(ofKind(await engine.call("lenses", { ...ALL, maxFixes: 0 }), "fix")).toEqual([]);
});
