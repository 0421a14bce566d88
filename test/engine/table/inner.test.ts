import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { LayerRow, RowPage, RowQuery } from "../../../src/protocol/rows";
import { manyLoops, nestedModel } from "../../support/nestedModel";
import { type ModelSpec, onnxModel } from "../../support/onnxBuilder";
import { tempFolder } from "../../support/tempFolder";
import { type TestEngine, testEngine } from "../session/support";

let engine: TestEngine;
beforeEach(() => {
  engine = testEngine();
});
afterEach(() => engine.dispose());

async function open(model: ModelSpec) {
  const path = join(tempFolder(), "model.onnx");
  writeFileSync(path, onnxModel(model));
  return await engine.call("open", { path });
}

const rows = (query: Partial<RowQuery>): Promise<RowPage> =>
  engine.call("rows", { group: false, inner: "folded", start: 0, count: 100_000, ...query });

/** Names, indented by depth. */
const drawn = (page: { readonly rows: readonly LayerRow[] }): string[] =>
  page.rows.map(({ depth, name }) => `${"  ".repeat(depth)}${name}`);

const keyOf = async (name: string): Promise<string> =>
  (await rows({ inner: "beside" })).rows.find((row) => row.name === name)!.key;

describe("rows of inner nodes", () => {
  beforeEach(() => open(nestedModel()));

  test("are folded at first, each under the node that runs it", async () => {
    const page = await rows({});
    expect(drawn(page)).toEqual(["first", "loop", "call", "again"]);
    expect(page.rows.map(({ inner, expanded }) => [inner, expanded])).toEqual([
      [0, false],
      [3, false],
      [1, false],
      [0, false],
    ]);
    expect([page.total, page.allNodes, page.innerNodes]).toEqual([4, 11, 7]);
  });

  test("unfold one by one, or all at once", async () => {
    const [loop, choice] = [await keyOf("loop"), await keyOf("choice")];
    expect(drawn(await rows({ toggled: [loop] }))).toEqual([
      "first",
      "loop",
      "  goes on",
      "  step",
      "  choice",
      "call",
      "again",
    ]);
    const all = await rows({ inner: "open" });
    expect(drawn(all)).toEqual([
      "first",
      "loop",
      "  goes on",
      "  step",
      "  choice",
      "    cheap",
      "    dear",
      "    dearer",
      "call",
      "  square",
      "again",
    ]);
    expect(all.rows.find(({ name }) => name === "dear")!.runBy).toBe(choice);
    expect(drawn(await rows({ inner: "open", toggled: [loop] }))).toEqual([
      "first",
      "loop",
      "call",
      "  square",
      "again",
    ]);
  });

  test("add up to the totals, whatever is folded, and no sum counts them twice", async () => {
    const { totals } = await engine.call("summary", {});
    expect(totals.macs.value).toBe(144);
    const queries: Partial<RowQuery>[] = [
      {},
      { inner: "open" },
      { inner: "beside" },
      { group: true },
      { group: true, inner: "open" },
      { group: true, foldAll: true },
    ];
    for (const query of queries) {
      const { sum, rows: shown } = await rows(query);
      expect([sum.macs, sum.flops]).toEqual([144, totals.flops.value]);
      if (query.inner !== "beside") {
        const top = shown.filter(({ depth }) => depth === 0);
        expect(top.reduce((total, { macs }) => total + macs!, 0)).toBe(144);
      }
    }
  });

  test("are found by a filter, with the nodes around them, and summed by what one run does", async () => {
    const steps = await rows({ filter: { text: "step" } });
    expect(drawn(steps)).toEqual(["loop", "  step"]);
    expect([steps.matchingNodes, steps.sum.macs]).toEqual([1, 5 * 8]);
    const products = await rows({ filter: { ops: ["MatMul"] } });
    expect(drawn(products)).toEqual([
      "first",
      "loop",
      "  step",
      "  choice",
      "    cheap",
      "    dear",
      "    dearer",
      "call",
      "  square",
    ]);
    // Of the branches the dearer one counts; the second call is no MatMul, and its body shows the first one's.
    expect(products.sum.macs).toBe(8 + 5 * (8 + 16) + 8);
    const both = await rows({ filter: { text: "loop" } });
    expect(both.sum.macs).toBe(5 * (8 + 16));
  });

  test("are sorted among their own kind", async () => {
    const page = await rows({ inner: "open", sort: { column: "macs", descending: true } });
    expect(drawn(page)).toEqual([
      "loop",
      "  choice",
      "    cheap",
      "    dear",
      "    dearer",
      "  step",
      "  goes on",
      "first",
      "call",
      "  square",
      "again",
    ]);
  });

  test("are found by key, opening what is around them", async () => {
    for (const query of [{}, { group: true }, { group: true, foldAll: true }, { inner: "open" as const }]) {
      const wanted: RowQuery = { group: false, inner: "folded", start: 0, count: 0, ...query };
      const key = await keyOf("dearer");
      const { index, toggled } = await engine.call("locate", { key, query: wanted });
      const page = await rows({ ...query, toggled });
      expect(page.rows[index]!.key).toBe(key);
    }
  });

  test("take no part in a module's operators beside the node that runs them", async () => {
    const detail = await engine.call("detail", { key: "m" });
    const ops = detail.kind === "module" ? detail.module.ops : [];
    const { totals } = await engine.call("summary", {});
    expect(ops.reduce((sum, { flops }) => sum + (flops ?? 0), 0)).toBe(totals.flops.value);
  });
});

test("100,000 rows, most of them inside others, fold and unfold", async () => {
  await open(manyLoops(12_500));
  const page = (query: Partial<RowQuery>) => rows({ count: 60, ...query });
  const folded = await page({});
  expect([folded.total, folded.allNodes]).toEqual([25_000, 100_000]);
  const unfolded = await page({ inner: "open", start: 90_000 });
  expect(unfolded.total).toBe(100_000);
  expect(unfolded.rows).toHaveLength(60);
  expect((await page({ filter: { text: "dearer" } })).total).toBe(12_500 * 3);
  expect((await page({ toggled: [folded.rows[1]!.key] })).total).toBe(25_003);
}, 60_000);
