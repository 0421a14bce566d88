import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { TensorQuery, TensorRow } from "../../../src/protocol/parameters";
import { FIXTURES } from "../../support/fixtures";
import { onnxModel } from "../../support/onnxBuilder";
import { tempFolder } from "../../support/tempFolder";
import { fixturePath, type TestEngine, testEngine } from "./support";

let engine: TestEngine;
beforeEach(() => {
  engine = testEngine();
});
afterEach(() => engine.dispose());

async function rowsOf(query: Partial<TensorQuery> = {}): Promise<readonly TensorRow[]> {
  return (await engine.call("tensors", { start: 0, count: 10_000, ...query })).rows;
}

async function opened(name: string): Promise<readonly TensorRow[]> {
  await engine.call("open", { path: fixturePath(name) });
  return await rowsOf();
}

async function openedBytes(model: Uint8Array): Promise<readonly TensorRow[]> {
  const path = join(tempFolder(), "model.onnx");
  writeFileSync(path, model);
  await engine.call("open", { path });
  return await rowsOf();
}

const named = (rows: readonly TensorRow[], part: string) =>
  rows.filter(({ tensor }) => tensor.name.includes(part));

test.each(FIXTURES)("the tensors of $name are what the totals count", async ({ path }) => {
  const { totals } = await engine.call("open", { path });
  const report = await engine.call("parameters", {});
  const rows = await rowsOf();
  expect(report.tensors).toBe(rows.length);
  expect(report.params).toBe(totals.params);
  expect(report.bytes).toBe(totals.weightBytes);
  for (const tree of [report.byModule, report.byOp, report.byDtype]) {
    expect([tree.bytes, tree.params]).toEqual([report.bytes, report.params]);
  }
  expect(rows.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1, 9);
  const byRole = await Promise.all(
    [...new Set(rows.map(({ role }) => role))].map((role) => rowsOf({ filter: { role } })),
  );
  expect(byRole.flat().length).toBe(rows.length);
});

test.each(["bert-qdq", "gpt2-prefill"])("the groups of %s are what their names select", async (name) => {
  await opened(name);
  const { byOp, byDtype } = await engine.call("parameters", {});
  for (const { label, bytes } of byOp.children) {
    const rows = await rowsOf({ filter: { op: label } });
    expect(
      rows.reduce((sum, row) => sum + row.bytes, 0),
      label,
    ).toBe(bytes);
  }
  for (const { label, bytes } of byDtype.children) {
    const rows = await rowsOf({ filter: { dtype: label } });
    expect(
      rows.reduce((sum, row) => sum + row.bytes, 0),
      label,
    ).toBe(bytes);
  }
});

test("tensors that no node reads are a group by themselves, which can be selected", async () => {
  const read = { name: "read", type: "float32", dims: [2], raw: new Uint8Array(8) } as const;
  await openedBytes(
    onnxModel({
      graph: {
        nodes: [{ op: "Neg", inputs: ["read"], outputs: ["y"] }],
        initializers: [read, { ...read, name: "spare" }],
        outputs: [{ name: "y", type: "float32", dims: [2] }],
      },
    }),
  );
  const { byOp } = await engine.call("parameters", {});
  const [group] = byOp.children.filter(({ children }) => children.some(({ label }) => label === "spare"));
  expect((await rowsOf({ filter: { op: group!.label } })).map(({ tensor }) => tensor.name)).toEqual([
    "spare",
  ]);
});

describe("roles", () => {
  test.each([
    ["bert-torchscript", 97, 64],
    ["bert-dynamo", 97, 64],
    ["bert-fp16", 97, 64],
    ["bert-qdq", 97, 64],
    ["bert-dynamic", 97, 64],
    ["gpt2-prefill", 89, 48],
    ["gpt2-dynamo", 89, 48],
    ["gpt2-decode", 89, 48],
  ])("%s has a vocabulary of %i and %i positions", async (name, words, positions) => {
    const rows = await opened(name);
    const sizes = (role: string) => rows.filter((row) => row.role === role).map(({ dims }) => dims[0]);
    expect(sizes("vocabulary")).toEqual([words]);
    expect(sizes("positions")).toEqual([positions]);
  });

  test("distances between positions that T5 looks up are positions, and its norms have no shift", async () => {
    const rows = await opened("t5-encoder");
    expect(named(rows, "relative_attention_bias").map(({ role }) => role)).toEqual(["positions"]);
    expect(named(rows, "layer_norm").map(({ role }) => role)).toContain("norm");
    expect(rows.filter(({ role }) => role === "bias")).toEqual([]);
  });

  test("a position table that is added as a whole is found", async () => {
    const rows = await opened("vit");
    expect(rows.filter(({ role }) => role === "positions").length).toBe(1);
  });

  test("a convolutional network has none of the tables", async () => {
    const rows = await opened("resnet");
    expect(new Set(rows.map(({ role }) => role))).toEqual(new Set(["weight", "bias"]));
  });
});

describe("bits per weight", () => {
  test("blocks of 32 weights of 4 bits with a float16 scale take 4.5", async () => {
    const nodes = [
      {
        ...{ op: "MatMulNBits", domain: "com.microsoft", inputs: ["x", "B", "scales"], outputs: ["y"] },
        attributes: { K: { int: 64 }, N: { int: 8 }, bits: { int: 4 }, block_size: { int: 32 } },
      },
    ];
    const model = onnxModel({
      opsets: { "": 21, "com.microsoft": 1 },
      graph: {
        nodes,
        inputs: [{ name: "x", type: "float16", dims: ["n", 64] }],
        outputs: [{ name: "y", type: "float16", dims: ["n", 8] }],
        initializers: [
          { name: "B", type: "uint8", dims: [8, 2, 16], raw: new Uint8Array(256) },
          { name: "scales", type: "float16", dims: [16], raw: new Uint8Array(32) },
        ],
      },
    });
    const rows = await openedBytes(model);
    expect(rows.map(({ role, params, bitsPerWeight }) => [role, params, bitsPerWeight])).toEqual([
      ["weight", 512, 4.5],
      ["scale", 16, null],
    ]);
    expect((await engine.call("parameters", {})).bitsPerWeight).toBe(4.5);
  });

  test("a last block that is not full costs what it takes", async () => {
    const rows = await opened("llama-4bit");
    const down = rows.find(({ path, role }) => path.endsWith("mlp.down_proj") && role === "weight");
    // 64 rows of 88 weights in 3 blocks of 32: 16 bytes, a float32 scale, and half a byte of zero point, rounded up by row.
    const bytes = 64 * (3 * 16 + 3 * 4 + 2);
    expect(down?.bitsPerWeight).toBeCloseTo((8 * bytes) / (64 * 88), 9);
  });

  test.each([
    ["bert-fp16", 16],
    ["gpt2-prefill", 32],
  ])("%s has %i throughout", async (name, bits) => {
    await opened(name);
    expect((await engine.call("parameters", {})).bitsPerWeight).toBe(bits);
  });
});

test("names sort by the numbers in them, and windows fit together", async () => {
  const all = await opened("t5-decoder");
  const sort = { column: "name", descending: false } as const;
  const names = (await rowsOf({ sort })).map(({ tensor }) => tensor.name);
  const collator = new Intl.Collator("en", { numeric: true });
  expect(names).toEqual(all.map(({ tensor }) => tensor.name).sort(collator.compare));
  const halves = [await rowsOf({ sort, start: 0, count: 50 }), await rowsOf({ sort, start: 50 })];
  expect(halves.flat().map(({ tensor }) => tensor.name)).toEqual(names);
});

test("what has no bits per weight stays at the end in both directions", async () => {
  await opened("llama-4bit");
  for (const descending of [false, true]) {
    const bits = (await rowsOf({ sort: { column: "bitsPerWeight", descending } })).map(
      (row) => row.bitsPerWeight,
    );
    const known = bits.filter((value) => value !== null);
    expect(bits.slice(0, known.length)).toEqual(known);
    expect(known).toEqual([...known].sort((a, b) => (descending ? b - a : a - b)));
  }
});

test("a filter takes modules whole, and sums what it shows", async () => {
  const all = await opened("bert-torchscript");
  const query = { filter: { module: "bert.encoder.layer.1" }, start: 0, count: 3 } as const;
  const page = await engine.call("tensors", query);
  const inside = all.filter(({ path }) => `${path}.`.startsWith("bert.encoder.layer.1."));
  expect(page.total).toBe(inside.length);
  expect(page.rows.length).toBe(3);
  expect(page.sum.bytes).toBe(inside.reduce((sum, { bytes }) => sum + bytes, 0));
});
