import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { allGraphs } from "../../../src/core/edit/graphs";
import { bindingsOf, fixtures, inferFile } from "../../core/infer/fixtures";
import { fixturePath, type TestEngine, testEngine } from "./support";

let engine: TestEngine;
beforeEach(() => {
  engine = testEngine();
});
afterEach(() => engine.dispose());

describe.each(fixtures().map((fixture) => [fixture.name, fixture] as const))(
  "%s",
  (_name, { path, facts }) => {
    test.each(facts.bindings.map((binding) => [JSON.stringify(binding.dims), binding] as const))(
      "totals at %s are what was counted",
      async (_title, binding) => {
        const { model, inference } = inferFile(path);
        const bindings = Object.fromEntries(bindingsOf(model, inference, binding));
        await engine.call("open", { path });
        const summary = await engine.call("bind", { bindings });
        expect(summary.totals.macs.value! * 2).toBe(binding.flops.total);
        expect(summary.totals.coverage.unknown).toBe(0);
        expect(summary.problems).toEqual([]);
      },
    );

    test("rows add up to the totals, flat and grouped", async () => {
      const { model, inference } = inferFile(path);
      const owned = new Set(
        [...allGraphs(model)]
          .flatMap((graph) => graph.nodes)
          .filter(({ id }) => inference.cost(id).countedBy !== undefined)
          .map(({ id }) => `n${id}`),
      );
      const { totals, nodes } = await engine.call("open", { path });
      const flat = await engine.call("rows", { group: false, start: 0, count: 100_000 });
      const grouped = await engine.call("rows", { group: true, foldAll: true, start: 0, count: 100_000 });
      expect(flat.total).toBe(nodes);
      expect(flat.sum.flops).toBeCloseTo(totals.flops.value!, 0);
      expect(grouped.sum.flops).toBeCloseTo(totals.flops.value!, 0);
      // Nodes inside bodies, branches and functions have rows of their own; the node that runs them carries their cost.
      const counted = flat.rows.filter(({ key }) => !owned.has(key));
      for (const rows of owned.size === 0 ? [counted, grouped.rows] : [counted]) {
        expect(rows.reduce((total, row) => total + (row.flops ?? 0), 0)).toBeCloseTo(totals.flops.value!, 0);
      }
    });

    test("parameters count every stored tensor once", async () => {
      const { totals } = await engine.call("open", { path });
      const float = totals.weightBytesByDtype.filter(({ dtype }) => dtype.startsWith("float"));
      const params = float.reduce((sum, entry) => sum + entry.params, 0);
      const { onnxInitializerElements, onnxConstantElements } = facts.parameters;
      expect(params).toBeGreaterThanOrEqual(onnxInitializerElements);
      expect(params).toBeLessThanOrEqual(onnxInitializerElements + onnxConstantElements);
    });
  },
);

test("dims start where they make sense and keep to their tables", async () => {
  const encoder = await engine.call("open", { path: fixturePath("encoder") });
  expect(encoder.dims.map(({ name, meaning, value }) => ({ name, meaning, value }))).toEqual([
    { name: "batch", meaning: "batch", value: 1 },
    { name: "sequence", meaning: "sequence", value: 128 },
  ]);
  const decoder = await engine.call("open", { path: fixturePath("gpt2-decode") });
  const sizes = Object.fromEntries(decoder.dims.map(({ name, value }) => [name, value]));
  expect(sizes).toMatchObject({ batch: 1, sequence: 1, past_sequence: 128 });
  const dims = await engine.call("open", { path: fixturePath("bert-dynamo"), bindings: { sequence: 9 } });
  expect(dims.dims.find(({ name }) => name === "sequence")).toMatchObject({ value: 9, defaultValue: 64 });
});

test("a binding refreshes every figure and is remembered by later ones", async () => {
  const before = await engine.call("open", { path: fixturePath("encoder") });
  const after = await engine.call("bind", { bindings: { sequence: 256 } });
  expect(after.totals.flops.value).toBeGreaterThan(2 * before.totals.flops.value!);
  expect(after.totals.peakActivationBytes.value).toBeGreaterThan(before.totals.peakActivationBytes.value!);
  const batch = await engine.call("bind", { bindings: { batch: 2 } });
  expect(batch.dims.map(({ value }) => value)).toEqual([2, 256]);
  expect(batch.totals.macs.value).toBe(2 * after.totals.macs.value!);
});

test("sizes that are none are refused", async () => {
  await engine.call("open", { path: fixturePath("encoder") });
  await expect(engine.call("bind", { bindings: { sequence: -1 } })).rejects.toMatchObject({ code: "usage" });
  await expect(engine.call("bind", { bindings: { sequence: 1.5 } })).rejects.toMatchObject({ code: "usage" });
});

test("growth splits into parts that add up, and attention overtakes in the end", async () => {
  const { totals } = await engine.call("open", { path: fixturePath("encoder") });
  const series = (await engine.call("series", { dim: "sequence" }))!;
  const bound = await engine.call("bind", { bindings: { sequence: series.x[8]! } });
  expect(series.constant[8]! + series.linear[8]! + series.quadratic[8]!).toBeCloseTo(
    bound.totals.flops.value!,
    0,
  );
  expect(series.crossover).toBeGreaterThan(series.current);
  expect(totals.flops.formula).toContain("sequence^2".replace("^2", ""));
  expect(await engine.call("series", { dim: "nothing" })).toBeNull();
});

test("the overview says what is held at the peak, and which layer made it", async () => {
  const { totals } = await engine.call("open", { path: fixturePath("encoder") });
  const { peak } = await engine.call("overview", {});
  expect(peak.bytes).toBe(totals.peakActivationBytes.value);
  expect(peak.held.reduce((sum, { bytes }) => sum + bytes, 0)).toBe(peak.bytes);
  expect(peak.held.map(({ bytes }) => bytes)).toEqual(
    peak.held.map(({ bytes }) => bytes).sort((a, b) => b - a),
  );
  for (const { kind, name, layer } of peak.held) {
    if (layer === null) {
      expect(kind).toBe("input");
    } else {
      const made = await engine.call("detail", { key: layer.key });
      const outputs = made.kind === "node" ? made.node.outputs : [];
      expect(outputs.map((output) => output.name)).toContain(name);
    }
  }
  expect(await engine.call("detail", { key: peak.at!.key })).toMatchObject({ kind: "node" });
});

test("the overview names what dominates", async () => {
  const { totals } = await engine.call("open", { path: fixturePath("encoder") });
  const overview = await engine.call("overview", {});
  expect(overview.byOp[0]).toMatchObject({ label: "MatMul", filter: { ops: ["MatMul"] } });
  expect(overview.byModule.length).toBeGreaterThan(3);
  expect(overview.topLayers[0]!.flops).toBe(Math.max(...overview.topLayers.map(({ flops }) => flops ?? 0)));
  expect(overview.parameters.bytes).toBeLessThanOrEqual(totals.weightBytes);
  expect(overview.parameters.bytes).toBeGreaterThan(0.99 * totals.weightBytes);
  expect(overview.suggestions[0]!.weightBytesBefore).toBeGreaterThan(
    overview.suggestions[0]!.weightBytesAfter,
  );
});

test("a page of rows is a window of the sorted rows", async () => {
  await engine.call("open", { path: fixturePath("encoder") });
  const query = { group: false, sort: { column: "flops", descending: true } } as const;
  const all = await engine.call("rows", { ...query, start: 0, count: 1000 });
  const window = await engine.call("rows", { ...query, start: 5, count: 3 });
  expect(window.rows).toEqual(all.rows.slice(5, 8));
  const flops = all.rows.map((row) => row.flops ?? -1);
  expect(flops).toEqual([...flops].sort((a, b) => b - a));
});

test("a row is found again under folds and filters", async () => {
  await engine.call("open", { path: fixturePath("encoder") });
  const { rows } = await engine.call("rows", { group: false, start: 40, count: 1 });
  const { key, op } = rows[0]!;
  const query = { group: true, foldAll: true, toggled: [], start: 0, count: 1 };
  const { index, toggled } = await engine.call("locate", { key, query });
  expect(index).toBeGreaterThanOrEqual(0);
  const page = await engine.call("rows", { ...query, toggled, start: index, count: 1 });
  expect(page.rows[0]!.key).toBe(key);
  const other = await engine.call("locate", { key, query: { ...query, filter: { ops: [`not ${op}`] } } });
  expect(other.index).toBe(-1);
});

test("a layer's detail leads to its neighbours", async () => {
  await engine.call("open", { path: fixturePath("encoder") });
  const { rows } = await engine.call("rows", {
    group: false,
    filter: { ops: ["MatMul"] },
    start: 0,
    count: 1,
  });
  const detail = await engine.call("detail", { key: rows[0]!.key });
  if (detail.kind !== "node") {
    throw new Error("a node was asked for");
  }
  const [activation, weight] = detail.node.inputs;
  expect(activation!.links.length).toBe(1);
  expect(weight).toMatchObject({ kind: "initializer", dtype: "float32" });
  expect(detail.node.cost.macs.formula).toContain("sequence");
  expect(detail.node.cost.rule).not.toBe("");
  const maker = await engine.call("detail", { key: activation!.links[0]!.key });
  expect(maker.kind === "node" && maker.node.outputs.some(({ name }) => name === activation!.name)).toBe(
    true,
  );
});

test.each([
  ["roberta-dynamo", "sequence", 38],
  ["bert-fused", "sequence", 64],
  ["marian", "decoder_sequence", 38],
  ["contrib-gqa", "past", 23],
  ["contrib-gqa", "total", 24],
  ["unet", "height", 64],
])("%s starts with %s at %d, which it can run", async (name, dim, size) => {
  const { dims } = await engine.call("open", { path: fixturePath(name) });
  expect(dims.find((one) => one.name === dim)?.value).toBe(size);
});
