import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { onnxModel } from "../../support/onnxBuilder";
import { fixturePath, type TestEngine, testEngine } from "./support";

let engine: TestEngine;
beforeEach(() => {
  engine = testEngine();
});
afterEach(() => engine.dispose());

async function openedWithOffer() {
  const opened = await engine.call("open", { path: fixturePath("encoder") });
  const { suggestions } = await engine.call("overview", {});
  return { opened, offer: suggestions.find(({ call }) => call.action === "quantizeWeights")! };
}

test("an applied fix changes the figures, and undo brings back every one", async () => {
  const { opened, offer } = await openedWithOffer();
  const text = await engine.call("text", {});
  const change = await engine.call("apply", { calls: [offer.call] });
  expect(change).toMatchObject({ dirty: true, canUndo: true, canRedo: false });
  const edited = await engine.call("summary", {});
  expect(opened.totals.weightBytes - edited.totals.weightBytes).toBe(
    offer.weightBytesBefore - offer.weightBytesAfter,
  );
  expect(edited.totals.macs.value).toBe(opened.totals.macs.value);
  const { rows } = await engine.call("rows", { group: false, start: 0, count: 10_000 });
  expect(rows.filter((row) => row.edited).map((row) => row.op)).toContain("DequantizeLinear");

  expect(await engine.call("undo", {})).toMatchObject({ dirty: false, canUndo: false, canRedo: true });
  const undone = await engine.call("summary", {});
  expect(undone.totals).toEqual(opened.totals);
  expect((await engine.call("text", {})).text).toBe(text.text);

  await engine.call("redo", {});
  expect((await engine.call("summary", {})).totals).toEqual(edited.totals);
});

test("an effect is what applying does, and leaves the model alone", async () => {
  const { opened, offer } = await openedWithOffer();
  const before = await engine.call("text", {});
  const effect = await engine.call("effect", { calls: [offer.call] });
  expect(await engine.call("text", {})).toEqual(before);
  expect((await engine.call("summary", {})).totals).toEqual(opened.totals);
  expect(effect.before).toMatchObject({
    nodes: opened.nodes,
    weightBytes: opened.totals.weightBytes,
    macs: opened.totals.macs.value,
  });

  await engine.call("apply", { calls: [offer.call] });
  const { totals, nodes } = await engine.call("summary", {});
  expect(effect.after).toEqual({
    nodes,
    params: totals.params,
    weightBytes: totals.weightBytes,
    macs: totals.macs.value,
    flops: totals.flops.value,
  });
  expect(effect.text).toBe((await engine.call("text", {})).text);
  expect(effect.newProblems).toEqual([]);
});

test("many calls are one step", async () => {
  await engine.call("open", { path: fixturePath("encoder") });
  const { rows } = await engine.call("rows", { group: false, start: 0, count: 10_000 });
  const offers = await Promise.all(
    rows
      .filter((row) => row.offers > 0)
      .map(async ({ key }) => (await engine.call("offers", { key })).offers),
  );
  const calls = offers
    .flat()
    .map(({ call }) => call)
    .filter(({ action }) => action === "quantizeWeights");
  expect(calls.length).toBeGreaterThan(10);
  const change = await engine.call("apply", { calls });
  expect(change.label).toContain(`${calls.length} layers`);
  expect(await engine.call("undo", {})).toMatchObject({ canUndo: false, dirty: false });
});

test("a call that fails leaves everything as it was", async () => {
  const { opened, offer } = await openedWithOffer();
  const bad = { ...offer.call, target: { output: "nobody makes this" } };
  await expect(engine.call("apply", { calls: [offer.call, bad] })).rejects.toMatchObject({
    code: "inconsistent",
  });
  const after = await engine.call("summary", {});
  expect(after.dirty).toBe(false);
  expect(after.totals).toEqual(opened.totals);
});

test("a backup of a few kilobytes brings the edits back", async () => {
  const { offer } = await openedWithOffer();
  await engine.call("bind", { bindings: { sequence: 77 } });
  await engine.call("apply", { calls: [offer.call] });
  const edited = await engine.call("summary", {});
  const backup = await engine.call("backup", {});
  expect(JSON.stringify(backup).length).toBeLessThan(4000);
  const { fingerprint, actions, bindings } = backup;
  const restored = await engine.call("open", {
    path: fixturePath("encoder"),
    fingerprint,
    actions,
    bindings,
  });
  expect(restored.totals).toEqual(edited.totals);
  expect(restored.dirty).toBe(true);
  const other = { ...fingerprint, size: fingerprint.size + 1 };
  await expect(
    engine.call("open", { path: fixturePath("encoder"), fingerprint: other, actions }),
  ).rejects.toMatchObject({ code: "stale" });
  expect((await engine.call("summary", {})).dirty).toBe(true);
});

test("the text view has a line for every node, and findings stand at their lines", async () => {
  const { nodes } = await engine.call("open", { path: fixturePath("encoder") });
  const { text, lineKeys } = await engine.call("text", {});
  const lines = text.split("\n");
  expect(lineKeys.length).toBe(lines.length);
  expect(lineKeys.filter((key) => key !== "").length).toBe(nodes);
  const findings = await engine.call("findings", {});
  expect(new Set(findings.map(({ code }) => code))).toEqual(
    new Set(["large-float-weights", "unfused-attention"]),
  );
  for (const { line, key } of findings) {
    expect(lineKeys[line]).toBe(key);
  }
});

test("a preview says what the fix does to the weights", async () => {
  const { offer } = await openedWithOffer();
  const preview = await engine.call("preview", { call: offer.call });
  expect(preview.weightBytesBefore).toBe(offer.weightBytesBefore);
  expect(preview.weightBytesAfter).toBe(offer.weightBytesAfter);
  expect(preview.weightSqnrDb).toBeGreaterThan(30);
  expect(preview.weightSqnrDb).toBeLessThan(60);
  expect(preview.maxAbsError).toBeGreaterThan(0);
});

test("reverting reads the file anew", async () => {
  const { opened, offer } = await openedWithOffer();
  await engine.call("apply", { calls: [offer.call] });
  const reverted = await engine.call("revert", {});
  expect(reverted.dirty).toBe(false);
  expect(reverted.totals).toEqual(opened.totals);
});

test("opening the file changes nothing of it", async () => {
  const path = fixturePath("bert-external");
  const before = readFileSync(path);
  await engine.call("open", { path });
  await engine.call("text", {});
  expect(readFileSync(path).equals(before)).toBe(true);
});

test("a step takes all fixes, also where one leaves nothing to do for the next", async () => {
  const folder = mkdtempSync(join(tmpdir(), "onnxray-"));
  const path = join(folder, "chain.onnx");
  const transpose = (name: string, input: string, output: string) => ({
    ...{ op: "Transpose", name, inputs: [input], outputs: [output] },
  });
  writeFileSync(
    path,
    onnxModel({
      graph: {
        inputs: [{ name: "x", dims: [2, 3] }],
        outputs: [{ name: "y" }],
        nodes: [
          transpose("t1", "x", "a"),
          transpose("t2", "a", "b"),
          transpose("t3", "b", "c"),
          { op: "Neg", name: "n", inputs: ["c"], outputs: ["y"] },
        ],
      },
    }),
  );
  await engine.call("open", { path });
  const { offers } = await engine.call("offers", { key: "m" });
  expect(offers.map(({ call }) => call.target.output)).toEqual(["b", "c"]);
  await engine.call("apply", { calls: offers.map(({ call }) => call) });
  const { rows } = await engine.call("rows", { group: false, start: 0, count: 10 });
  expect(rows.map((row) => row.name)).toEqual(["t3", "n"]);
  await engine.call("undo", {});
  expect((await engine.call("rows", { group: false, start: 0, count: 10 })).total).toBe(4);
  rmSync(folder, { recursive: true });
});

test("a fix of the whole model leaves out what it made impossible elsewhere", async () => {
  await engine.call("open", { path: fixturePath("encoder") });
  const { offers } = await engine.call("offers", { key: "m" });
  const [half] = offers.filter(({ call }) => call.action === "convertFloat16");
  const [layer] = offers.filter(({ call }) => call.action === "quantizeWeights");
  await engine.call("apply", { calls: [half!.call, layer!.call] });
  const { rows } = await engine.call("rows", { group: false, start: 0, count: 10_000 });
  expect(rows.map((row) => row.op)).not.toContain("DequantizeLinear");
});
