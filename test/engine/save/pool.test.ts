import { createHash } from "node:crypto";
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { buildSync } from "esbuild";
import { afterAll, describe, expect, test } from "vitest";
import { applyPatch } from "../../../src/core/edit/apply";
import type { TensorRef } from "../../../src/core/model/types";
import { taskGroups } from "../../../src/engine/save/compute/groups";
import { saveModel } from "../../../src/engine/save/saveModel";
import { rejected } from "../../support/caught";
import { linearModel, onnxModel } from "../../support/onnxBuilder";
import { Random } from "../../support/random";
import { tempFolder } from "../../support/tempFolder";
import { contentOf, type Open, open } from "./support";

const ROOT = join(import.meta.dirname, "../../..");
const WEIGHTS = 6;
const ROWS = 1024;
const COLUMNS = 4096;

/** The threads' program, built from the sources as they are. */
const program = join(ROOT, "out", "test", `compute-${process.pid}.cjs`);
buildSync({
  absWorkingDir: ROOT,
  entryPoints: ["src/engine/save/compute/worker.ts"],
  outfile: program,
  bundle: true,
  platform: "node",
  format: "cjs",
  target: "node20",
  logLevel: "error",
});
afterAll(() => rmSync(program, { force: true }));

/** 96 MiB of float32 in as many matrices, next to the model or within. */
function bigModel(folder: string, external: boolean): string {
  const random = new Random(3);
  const raw = new Uint8Array(
    Float32Array.from({ length: ROWS * COLUMNS }, () => random.fraction() - 0.5).buffer,
  );
  const { graph } = linearModel();
  const bytes = raw.length;
  if (external) {
    writeFileSync(join(folder, "w.bin"), Buffer.concat(Array.from({ length: WEIGHTS }, () => raw)));
  }
  const initializers = Array.from({ length: WEIGHTS }, (_, index) => ({
    name: `big${index}`,
    type: "float32" as const,
    dims: [ROWS, COLUMNS],
    ...(external ? { external: { location: "w.bin", offset: index * bytes, length: bytes } } : { raw }),
  }));
  const path = join(folder, "big.onnx");
  writeFileSync(
    path,
    onnxModel({ graph: { ...graph, initializers: [...graph.initializers!, ...initializers] } }),
  );
  return path;
}

/** Every big matrix as int8 with its scales, the scales in front, behind, or at the very end. */
function quantizeAll({ model }: Open): void {
  const made = Array.from({ length: WEIGHTS }, (_, index) => {
    const source = model.graph.initializers.get(`big${index}`)!;
    return { codes: derived(source, "Weights"), scales: derived(source, "Scales") };
  });
  const tensors = [
    ...made.slice(0, 2).flatMap(({ codes, scales }) => [scales, codes]),
    ...made.slice(2, 4).flatMap(({ codes, scales }) => [codes, scales]),
    ...made.slice(4).map(({ codes }) => codes),
    ...made.slice(4).map(({ scales }) => scales),
  ];
  applyPatch(model, {
    label: "test",
    edits: tensors.map((tensor) => ({ kind: "putTensor", graph: "", tensor })),
  });
}

function derived(source: TensorRef, kind: "Weights" | "Scales"): TensorRef {
  return {
    name: `${source.name}.${kind}`,
    dtype: kind === "Weights" ? "int8" : "float32",
    dims: kind === "Weights" ? source.dims : [COLUMNS],
    data: { kind: "derived", from: [source], kernel: `int8PerChannel${kind}`, params: { axis: 1 } },
  };
}

function save(
  opened: Open,
  path: string,
  { signal = new AbortController().signal, computePath = program } = {},
) {
  const { model, files, reader, progress } = opened;
  return saveModel({
    ...{ model, files, reader, path, signal, computePath },
    onProgress: (step) => progress.push(step),
  });
}

const bytesOf = (paths: readonly string[]) => paths.map((path) => hashOf(readFileSync(path)));

function hashOf(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

describe.each([
  ["in the model file", false],
  ["in side files", true],
])("weights %s", (_, external) => {
  test("what threads compute is what one thread computes, byte for byte", async () => {
    const folder = tempFolder();
    const opened = open(bigModel(folder, external));
    quantizeAll(opened);
    const alone = await opened.save(join(folder, "alone.onnx"));
    const together = await save(opened, join(folder, "together.onnx"));
    expect(contentOf(together.path)).toEqual(opened.content());
    expect(together.sideFiles).toHaveLength(external ? 1 : 0);
    if (!external) {
      expect(readFileSync(together.path).equals(readFileSync(alone.path))).toBe(true);
    }
    expect(bytesOf(together.sideFiles)).toEqual(bytesOf(alone.sideFiles));
    expect(opened.progress.at(-1)).toEqual({ bytesDone: together.bytes, bytesTotal: together.bytes });
    opened.close();
  });

  test("cancelled at any moment, it leaves what was there", async () => {
    const folder = tempFolder();
    const path = bigModel(folder, external);
    const before = readFileSync(path);
    const files = readdirSync(folder);
    for (const wait of [0, 5, 20, 60, 100]) {
      const opened = open(path);
      quantizeAll(opened);
      const controller = new AbortController();
      const saving = save(opened, path, { signal: controller.signal });
      setTimeout(() => controller.abort(), wait);
      expect((await rejected(saving)).code).toBe("cancelled");
      opened.close();
      expect(readdirSync(folder)).toEqual(files);
    }
    expect(readFileSync(path).equals(before)).toBe(true);
  });
});

test("what a thread cannot compute fails the save as it would in this one", async () => {
  const folder = tempFolder();
  const path = bigModel(folder, false);
  const opened = open(path);
  const { graph } = opened.model;
  const source = graph.initializers.get("big0")!;
  const wrong = { ...derived(source, "Weights"), name: "wrong" };
  const data = { ...wrong.data, params: { axis: 5 } } as TensorRef["data"];
  applyPatch(opened.model, {
    label: "test",
    edits: [
      { kind: "putTensor", graph: "", tensor: derived(graph.initializers.get("big1")!, "Weights") },
      { kind: "putTensor", graph: "", tensor: derived(graph.initializers.get("big2")!, "Weights") },
      { kind: "putTensor", graph: "", tensor: derived(graph.initializers.get("big3")!, "Weights") },
      { kind: "putTensor", graph: "", tensor: { ...wrong, data } },
      { kind: "putTensor", graph: "", tensor: derived(graph.initializers.get("big4")!, "Weights") },
    ],
  });
  expect(await rejected(save(opened, path))).toMatchObject({
    code: "inconsistent",
    where: { tensor: "big0" },
  });
  opened.close();
  expect(readdirSync(folder)).toEqual(["big.onnx"]);
});

test("a thread that ends by itself fails the save and nothing waits for ever", async () => {
  const folder = tempFolder();
  const path = bigModel(folder, false);
  const opened = open(path);
  quantizeAll(opened);
  const computePath = join(folder, "broken.cjs");
  writeFileSync(computePath, "throw new Error('no memory');");
  const error = await rejected(save(opened, path, { computePath }));
  opened.close();
  expect(error).toMatchObject({ code: "internal", message: expect.stringContaining("no memory") });
  expect(readdirSync(folder).sort()).toEqual(["big.onnx", "broken.cjs"]);
});

test("tasks: one source together where that can keep nobody waiting", () => {
  const source = (name: string): TensorRef => ({
    ...{ name, dtype: "float32", dims: [64, 4096] },
    data: { kind: "memory", bytes: new Uint8Array() },
  });
  const [a, b] = [source("a"), source("b")];
  const of = (from: TensorRef, kind: "Weights" | "Scales") => derived(from, kind);
  const names = (tensors: readonly TensorRef[]) =>
    taskGroups(tensors).map((group) => group.map(({ name }) => name));
  expect(names([of(a, "Scales"), of(a, "Weights"), of(b, "Weights"), of(b, "Scales")])).toEqual([
    ["a.Scales", "a.Weights"],
    ["b.Weights", "b.Scales"],
  ]);
  // All that is small may come early; what is large may not.
  expect(names([of(a, "Weights"), of(b, "Weights"), of(a, "Scales"), of(a, "Weights")])).toEqual([
    ["a.Weights", "a.Scales"],
    ["b.Weights"],
    ["a.Weights"],
  ]);
  expect(names([of(a, "Scales"), of(b, "Weights"), of(a, "Weights")])).toEqual([
    ["a.Scales"],
    ["b.Weights"],
    ["a.Weights"],
  ]);
});
