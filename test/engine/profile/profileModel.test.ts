import { copyFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, vi } from "vitest";
import { rejected } from "../../support/caught";
import { floatTensor, int64Tensor, linearModel, onnxModel } from "../../support/onnxBuilder";
import { tempFolder } from "../../support/tempFolder";
import { fixturePath } from "../session/support";
import {
  announced,
  applyFirstOffer,
  buildProfiler,
  isAlive,
  opened,
  recordedDims,
  scratchFolders,
  writeSideFileModel,
} from "./support";

const profilerPath = buildProfiler();

/** Runs for minutes, without an event in between: a loop of matrix products. */
function endless(folder: string): string {
  const dims = [512, 512];
  const path = join(folder, "endless.onnx");
  const body = {
    name: "body",
    inputs: [
      { name: "i", type: "int64" as const, dims: [] },
      { name: "go", type: "bool" as const, dims: [] },
      { name: "v", dims },
    ],
    nodes: [
      { op: "Identity", inputs: ["go"], outputs: ["go_on"] },
      { op: "MatMul", inputs: ["v", "v"], outputs: ["w"] },
    ],
    outputs: [
      { name: "go_on", type: "bool" as const, dims: [] },
      { name: "w", dims },
    ],
  };
  const spec = {
    graph: {
      nodes: [{ op: "Loop", inputs: ["n", "", "x"], outputs: ["y"], attributes: { body: { graph: body } } }],
      inputs: [{ name: "x", dims }],
      outputs: [{ name: "y", dims }],
      initializers: [int64Tensor("n", [], [10_000_000])],
    },
  };
  writeFileSync(path, onnxModel(spec));
  return path;
}

describe("a profile", () => {
  it("says how long whole runs took, and at which dims", async () => {
    const dims = recordedDims("bert-torchscript");
    const model = opened(profilerPath, fixturePath("bert-torchscript"), dims);
    const result = await model.profile({ runs: 20, warmup: 2, seed: 3 });
    expect(result).toMatchObject({
      provider: "cpu",
      bindings: dims,
      revision: model.session.summary().revision,
    });
    expect(result.runs).toBeGreaterThanOrEqual(5);
    expect(result.runs).toBeLessThanOrEqual(20);
    expect(result.p50Ms).toBeGreaterThan(0);
    expect(result.p90Ms).toBeGreaterThanOrEqual(result.p50Ms);
    expect(result.p99Ms).toBeGreaterThanOrEqual(result.p90Ms);
    expect(result.device).toMatch(/logical cores$/);
    expect(result.placement).toHaveLength(1);
    expect(result.placement[0]).toMatchObject({ provider: "CPU" });
    expect(result.notes[0]).toMatch(/inputs were made up/);
    expect(new Set(model.progress.map(({ phase }) => phase))).toEqual(
      new Set(["load", "warmup", "run", "trace"]),
    );
  });

  it("stops measuring when the time is up", async () => {
    const model = opened(profilerPath, fixturePath("vit"), recordedDims("vit"));
    const result = await model.profile({ runs: 100_000, maxSeconds: 1e-9 });
    expect(result.runs).toBe(1);
    expect(result.stdDevMs).toBe(0);
    expect(result.notes).toContain("Only 1 run was measured.");
  });

  it("takes more time where the dims are larger", async () => {
    const small = opened(profilerPath, fixturePath("encoder"), { batch: 1, sequence: 4 });
    const large = opened(profilerPath, fixturePath("encoder"), { batch: 4, sequence: 64 });
    const options = { runs: 10, warmup: 3 };
    expect((await large.profile(options)).p50Ms).toBeGreaterThan(3 * (await small.profile(options)).p50Ms);
  });

  it("of a model in float16 feeds halves", async () => {
    const dims = [4, 4];
    const path = join(tempFolder(), "half.onnx");
    const half = (name: string) => ({ name, type: "float16" as const, dims });
    writeFileSync(
      path,
      onnxModel({
        graph: {
          nodes: [{ op: "MatMul", name: "product", inputs: ["a", "b"], outputs: ["y"] }],
          inputs: [half("a"), half("b")],
          outputs: [half("y")],
        },
      }),
    );
    const { nodes, unmapped } = await opened(profilerPath, path).profile();
    expect(nodes).toHaveLength(1);
    expect(nodes[0]!.ranAs).toContain("added by onnxruntime");
    expect(unmapped).toEqual([]);
  });

  it.each(["bool", "int8", "uint8", "int16", "uint32", "int64", "float64"] as const)(
    "feeds %s",
    async (type) => {
      const path = join(tempFolder(), "fed.onnx");
      writeFileSync(
        path,
        onnxModel({
          graph: {
            nodes: [{ op: "Cast", inputs: ["x"], outputs: ["y"], attributes: { to: { int: 1 } } }],
            inputs: [{ name: "x", type, dims: [3, 5] }],
            outputs: [{ name: "y", dims: [3, 5] }],
          },
        }),
      );
      expect((await opened(profilerPath, path).profile()).nodes).toHaveLength(1);
    },
  );
});

describe("an edited model", () => {
  it("is measured as it is now, without being saved", async () => {
    const folder = tempFolder();
    const path = join(folder, "linear.onnx");
    writeFileSync(path, onnxModel(linearModel(128, 256)));
    const model = opened(profilerPath, path, { batch: 4 });
    const before = await model.profile();
    applyFirstOffer(model);
    const after = await model.profile();
    expect(model.progress.map(({ phase }) => phase)).toContain("write");
    expect(after.revision).toBeGreaterThan(before.revision);
    expect(JSON.stringify(after.nodes)).toContain("MatMulNBits");
    expect(readdirSync(folder)).toEqual(["linear.onnx"]);
    expect(scratchFolders()).toEqual([]);
  });

  it("is measured as it is now when what was saved has been undone", async () => {
    const path = join(tempFolder(), "model.onnx");
    copyFileSync(fixturePath("encoder"), path);
    const model = opened(profilerPath, path);
    const kernels = async () => {
      const { placement } = await model.profile({ unfused: true });
      return placement.reduce((sum, { nodes }) => sum + nodes, 0);
    };
    const before = await kernels();
    applyFirstOffer(model);
    await model.session.save({}, new AbortController().signal);
    expect(await kernels()).toBe(before + 1);
    model.session.undo();
    expect(await kernels()).toBe(before);
  });

  it("finds its side files where they are", async () => {
    const model = opened(profilerPath, writeSideFileModel(tempFolder()), { batch: 4 });
    expect((await model.profile()).unmapped).toEqual([]);
    applyFirstOffer(model);
    expect((await model.profile()).unmapped).toEqual([]);
    expect(scratchFolders()).toEqual([]);
  });

  it("of a fixture with external data", async () => {
    const folder = tempFolder();
    for (const name of ["bert-external.onnx", "bert-external.onnx.data"]) {
      copyFileSync(join(fixturePath("vit"), "..", name), join(folder, name));
    }
    const model = opened(profilerPath, join(folder, "bert-external.onnx"), { batch: 2, sequence: 7 });
    const { unmapped, nodes } = await model.profile();
    expect(unmapped).toEqual([]);
    expect(nodes.length).toBeGreaterThan(50);
  });
});

describe("a failure", () => {
  it("of onnxruntime names the model and says what to do", async () => {
    const path = join(tempFolder(), "wrong.onnx");
    writeFileSync(
      path,
      onnxModel({
        graph: {
          nodes: [{ op: "Gather", name: "look", inputs: ["table", "index"], outputs: ["y"] }],
          inputs: [{ name: "x", dims: [1] }],
          outputs: [{ name: "y" }],
          initializers: [floatTensor("table", [2], [1, 2]), int64Tensor("index", [1], [5])],
        },
      }),
    );
    const error = await rejected(opened(profilerPath, path).profile({ unfused: true }));
    expect(error).toMatchObject({ code: "provider", where: { file: path } });
    expect(error.message).toMatch(/look/);
    expect(error.hint).toMatch(/smaller dims/);
    expect(scratchFolders()).toEqual([]);
  });

  it("of a provider that does not exist here is its own error", async () => {
    const path = fixturePath("vit");
    const error = await rejected(
      opened(profilerPath, path, recordedDims("vit")).profile({
        provider: process.platform === "darwin" ? "dml" : "coreml",
      }),
    );
    expect(error).toMatchObject({ code: "provider" });
    expect(error.hint).toMatch(/CPU provider/);
  });

  it("of the program file to be there is said", async () => {
    const error = await rejected(opened(join(tempFolder(), "none.cjs"), fixturePath("vit")).profile());
    expect(error).toMatchObject({ code: "missing" });
  });

  it("of the process in the middle of a run leaves nothing behind", async () => {
    const folder = tempFolder();
    const program = announced(profilerPath, folder);
    const model = opened(program.path, endless(folder));
    const failing = rejected(model.profile());
    const pid = await program.pid();
    await vi.waitFor(() => expect(model.progress.length).toBeGreaterThan(0));
    process.kill(pid, "SIGKILL");
    const error = await failing;
    expect(error.code).toBe("provider");
    expect(error.message).toMatch(
      /process that runs onnxruntime (was ended by SIGKILL|ended with exit code)/,
    );
    expect(error.hint).toBeDefined();
    expect(scratchFolders()).toEqual([]);
    expect(model.session.summary().nodes).toBeGreaterThan(0);
  });

  it("of the process at its start repeats what it said last", async () => {
    const path = join(tempFolder(), "broken.cjs");
    writeFileSync(path, 'console.error("one"); console.error("the driver is broken"); process.exit(7);');
    const error = await rejected(opened(path, fixturePath("vit")).profile());
    expect(error.message).toMatch(/exit code 7.*the driver is broken/);
  });
});

describe("a cancelled profile", () => {
  it("ends its process in the middle of a run and removes its files", async () => {
    const folder = tempFolder();
    const program = announced(profilerPath, folder);
    const abort = new AbortController();
    const model = opened(program.path, endless(folder));
    const failing = rejected(model.profile({}, abort.signal));
    const pid = await program.pid();
    await vi.waitFor(() => expect(model.progress.length).toBeGreaterThan(0));
    expect(isAlive(pid)).toBe(true);
    expect(scratchFolders()).toHaveLength(1);
    const start = performance.now();
    abort.abort();
    expect(await failing).toMatchObject({ code: "cancelled" });
    expect(performance.now() - start).toBeLessThan(2000);
    expect(isAlive(pid)).toBe(false);
    expect(scratchFolders()).toEqual([]);
  });

  it("does not start when it is cancelled before", async () => {
    const model = opened(profilerPath, fixturePath("vit"), recordedDims("vit"));
    expect(await rejected(model.profile({}, AbortSignal.abort()))).toMatchObject({ code: "cancelled" });
    expect(model.progress).toEqual([]);
  });
});
