import { existsSync, linkSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { copyFile } from "node:fs/promises";
import { join } from "node:path";
import { Tensor } from "onnxruntime-node";
import { describe, expect, test } from "vitest";
import type { InspectReport, OptimizeReport } from "../../src/protocol/report";
import { linearModel, onnxModel } from "../support/onnxBuilder";
import { runInRuntime, sqnrDb } from "../support/runtime";
import { tempFolder } from "../support/tempFolder";
import { ERROR_FORM, jsonOf, MODELS, onnxray, SAMPLE } from "./support/cli";

/** int8 with a scale for each channel loses about 40 dB in the weights; what adds up over six layers is allowed for. */
const LEAST_SQNR_DB = 25;

function sampleFeeds(): { readonly [name: string]: Tensor } {
  const ids = BigInt64Array.from({ length: 32 }, (_, index) => BigInt((7 * index) % 97));
  return {
    input_ids: new Tensor("int64", ids, [2, 16]),
    token_type_ids: new Tensor("int64", new BigInt64Array(32), [2, 16]),
    attention_mask: new Tensor("int64", new BigInt64Array(32).fill(1n), [2, 16]),
  };
}

/** A model whose only weight is in a file beside it. */
function externalModel(folder: string): string {
  const path = join(folder, "model.onnx");
  const { graph } = linearModel(80, 64);
  const [weight, bias] = graph.initializers!;
  writeFileSync(join(folder, "weights.bin"), weight!.raw!);
  const { raw, ...rest } = weight!;
  const external = { location: "weights.bin", offset: 0, length: raw!.length };
  writeFileSync(path, onnxModel({ graph: { ...graph, initializers: [{ ...rest, external }, bias!] } }));
  return path;
}

describe("the result", () => {
  test("is smaller, loads in onnxruntime, and its outputs stay close", async () => {
    const output = join(tempFolder(), "smaller.onnx");
    const report = await jsonOf<OptimizeReport>("optimize", SAMPLE, "-o", output);
    expect(report).toMatchObject({ schema: "onnxray.optimize/1", input: SAMPLE, output, sideFiles: [] });
    expect(report.fileBytes.before).toBe(readFileSync(SAMPLE).length);
    expect(report.fileBytes.after).toBe(readFileSync(output).length);
    expect(report.fileBytes.after).toBeLessThan(0.6 * report.fileBytes.before);
    expect(report.changes.length).toBe(36);

    const before = await runInRuntime(SAMPLE, sampleFeeds());
    const after = await runInRuntime(output, sampleFeeds());
    expect(Object.keys(after)).toEqual(Object.keys(before));
    for (const [name, values] of Object.entries(before)) {
      expect(sqnrDb(values, after[name]!), name).toBeGreaterThan(LEAST_SQNR_DB);
      expect(values).not.toEqual(after[name]);
    }

    const { totals } = await jsonOf<InspectReport>("inspect", output);
    expect(totals.weightBytes).toBe(report.weightBytes.after);
    const original = await jsonOf<InspectReport>("inspect", SAMPLE);
    expect(original.totals.weightBytes).toBe(report.weightBytes.before);
    expect(totals.macs).toEqual(original.totals.macs);
  });

  test("is told in a few lines", async () => {
    const output = join(tempFolder(), "smaller.onnx");
    const { code, stdout, stderr } = await onnxray("optimize", SAMPLE, "-o", output);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toMatch(/^Quantise weights to int8 per channel at 36 layers:\n {2}node_MatMul_\d+\n/);
    expect(stdout).toMatch(/weights [\d.]+ MiB → [\d.]+ MiB, file [\d.]+ MiB → [\d.]+ MiB\n/);
    expect(stdout.trimEnd().split("\n").at(-1)).toBe(`written to ${output}`);
  });

  test("leaves external data as it is and writes new tensors beside the output", async () => {
    const folder = tempFolder();
    const input = externalModel(folder);
    const output = join(folder, "smaller.onnx");
    const { sideFiles } = await jsonOf<OptimizeReport>("optimize", input, "-o", output);
    expect(sideFiles.every((path) => existsSync(path))).toBe(true);
    expect((await jsonOf<InspectReport>("inspect", output)).problems).toEqual([]);
    const feeds = {
      x: new Tensor(
        "float32",
        Float32Array.from({ length: 80 }, (_, i) => Math.cos(i)),
        [1, 80],
      ),
    };
    const [before, after] = await Promise.all([input, output].map((path) => runInRuntime(path, feeds)));
    expect(sqnrDb(before!["y"]!, after!["y"]!)).toBeGreaterThan(LEAST_SQNR_DB);
  });
});

describe("--layer", () => {
  test("takes names and modules, and changes nothing else", async () => {
    const { layers } = await jsonOf<InspectReport>("inspect", SAMPLE);
    const [first, second] = layers.filter(({ op, params }) => op === "MatMul" && params > 4096);
    const module = second!.path;
    const named = ["--layer", first!.name, "-l", module];
    const { changes } = await jsonOf<OptimizeReport>(
      "optimize",
      SAMPLE,
      ...named,
      "-o",
      join(tempFolder(), "o.onnx"),
    );
    const expected = layers.filter(
      (layer) =>
        layer.op === "MatMul" &&
        layer.params > 4096 &&
        (layer.name === first!.name || layer.path === module || layer.path.startsWith(`${module}.`)),
    );
    expect(expected.length).toBeGreaterThan(1);
    expect(expected.length).toBeLessThan(36);
    expect(changes.map(({ layer }) => layer).sort()).toEqual(expected.map(({ name }) => name).sort());
  });

  test("suggests a name for one that does not exist", async () => {
    const bert = join(MODELS, "bert-torchscript.onnx");
    const output = join(tempFolder(), "o.onnx");
    const { code, stderr } = await onnxray("optimize", bert, "-l", "query/MatMul", "-o", output);
    expect(code).toBe(2);
    expect(stderr).toMatch(ERROR_FORM);
    expect(stderr).toContain("Did you mean /bert/encoder/layer.0/attention/self/query/MatMul?");
    expect(existsSync(output)).toBe(false);
  });

  test("says why an action is not possible there", async () => {
    const folder = tempFolder();
    const input = join(folder, "old.onnx");
    writeFileSync(input, onnxModel(linearModel(80, 64, { opsets: { "": 12 }, ir: 7 })));
    const output = join(folder, "o.onnx");
    const { code, stdout, stderr } = await onnxray("optimize", input, "-l", "/fc/MatMul", "-o", output);
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toMatch(ERROR_FORM);
    expect(stderr).toContain("this model imports 12");
    expect(existsSync(output)).toBe(false);
  });
});

describe("a recipe", () => {
  test("of --json does the same again", async () => {
    const folder = tempFolder();
    const [first, recipe, again] = ["a.onnx", "recipe.json", "b.onnx"].map((name) => join(folder, name));
    const { stdout } = await onnxray("optimize", SAMPLE, "-o", first!, "--json");
    const report = JSON.parse(stdout) as OptimizeReport;
    for (const content of [stdout, JSON.stringify(report.recipe)]) {
      writeFileSync(recipe!, content);
      const repeated = await jsonOf<OptimizeReport>("optimize", SAMPLE, "--recipe", recipe!, "-o", again!);
      expect(repeated.changes).toEqual(report.changes);
      expect(repeated.recipe).toEqual(report.recipe);
      expect(readFileSync(again!).equals(readFileSync(first!))).toBe(true);
    }
  });

  test.each([
    ["that is not there", undefined, 2, "cannot be read"],
    ["that is no JSON", "{", 2, "cannot be read"],
    ["of another kind", '{"name": "x"}', 2, "is not a recipe"],
    ["of a later version", '{"version": 2, "actions": []}', 2, "is not a recipe"],
    ["with a call that is none", '{"version": 1, "actions": [{"action": "x"}]}', 2, "is not a recipe"],
    ["that does nothing", '{"version": 1, "actions": []}', 2, "nothing to apply"],
    ["with an unknown action", call("shrink", "val_54"), 2, "no action named shrink"],
    ["for another model", call("quantizeWeights", "elsewhere"), 1, "elsewhere"],
  ])("%s is refused", async (_, content, exit, message) => {
    const folder = tempFolder();
    const recipe = join(folder, "recipe.json");
    const output = join(folder, "o.onnx");
    if (content !== undefined) {
      writeFileSync(recipe, content);
    }
    const { code, stdout, stderr } = await onnxray("optimize", SAMPLE, "--recipe", recipe, "-o", output);
    expect(stderr).toMatch(ERROR_FORM);
    expect(stderr).toContain(message);
    expect({ code, stdout }).toEqual({ code: exit, stdout: "" });
    expect(existsSync(output)).toBe(false);
  });

  test("excludes choosing layers", async () => {
    const { code, stderr } = await onnxray("optimize", SAMPLE, "--recipe", "r", "-l", "x", "-o", "o.onnx");
    expect(code).toBe(2);
    expect(stderr).toMatch(ERROR_FORM);
  });
});

describe("the output", () => {
  test("replaces a file that is there", async () => {
    const output = join(tempFolder(), "o.onnx");
    writeFileSync(output, "old");
    expect(await onnxray("optimize", SAMPLE, "-o", output)).toMatchObject({ code: 0 });
    expect((await jsonOf<InspectReport>("inspect", output)).problems).toEqual([]);
  });

  test("is the input only with --force, by whatever path it comes", async () => {
    const folder = tempFolder();
    const input = join(folder, "model.onnx");
    await copyFile(SAMPLE, input);
    symlinkSync("model.onnx", join(folder, "link.onnx"));
    linkSync(input, join(folder, "second-name.onnx"));
    for (const name of ["model.onnx", "link.onnx", "second-name.onnx", "./model.onnx"]) {
      const { code, stderr } = await onnxray("optimize", input, "-o", join(folder, name));
      expect(code).toBe(2);
      expect(stderr).toMatch(ERROR_FORM);
      expect(stderr).toContain("--force");
    }
    expect(readFileSync(input).equals(readFileSync(SAMPLE))).toBe(true);

    const link = join(folder, "link.onnx");
    expect(await onnxray("optimize", input, "-o", link, "--force")).toMatchObject({ code: 0, stderr: "" });
    expect(readFileSync(input).length).toBeLessThan(0.6 * readFileSync(SAMPLE).length);
    expect(readdirSync(folder).sort()).toEqual(["link.onnx", "model.onnx", "second-name.onnx"]);
  });

  test("is never a data file of the input", async () => {
    const folder = tempFolder();
    const input = externalModel(folder);
    const weights = readFileSync(join(folder, "weights.bin"));
    const { code, stderr } = await onnxray("optimize", input, "-o", join(folder, "weights.bin"), "--force");
    expect(code).toBe(1);
    expect(stderr).toMatch(ERROR_FORM);
    expect(readFileSync(join(folder, "weights.bin")).equals(weights)).toBe(true);
  });

  test("is no folder, and goes into none that is missing", async () => {
    const folder = tempFolder();
    for (const [output, message] of [
      [folder, "is a folder"],
      [join(folder, "missing", "o.onnx"), "There is no folder"],
    ] as const) {
      const { code, stderr } = await onnxray("optimize", SAMPLE, "-o", output);
      expect(code).toBe(2);
      expect(stderr).toMatch(ERROR_FORM);
      expect(stderr).toContain(message);
    }
    expect(readdirSync(folder)).toEqual([]);
  });
});

function call(action: string, output: string): string {
  return JSON.stringify({ version: 1, actions: [{ action, target: { output }, params: {} }] });
}

describe("parameters of an action", () => {
  test("are set, and are in the recipe", async () => {
    const output = join(tempFolder(), "fixed.onnx");
    const set = ["--set", "dim=batch", "--set", "to=2"];
    const report = await jsonOf<OptimizeReport>("optimize", SAMPLE, "-o", output, "-a", "setDim", ...set);
    expect(report.recipe.actions).toEqual([
      { action: "setDim", target: { output: "" }, params: { dim: "batch", to: "2" } },
    ]);
    const { dims } = await jsonOf<InspectReport>("inspect", output);
    expect(Object.keys(dims)).not.toContain("batch");
    expect(Object.keys(await runInRuntime(output, sampleFeeds()))).not.toEqual([]);
  });

  test.each([
    [[], 2, /say what, with --set/, /dim .*, to /],
    [["--set", "nothing=1"], 2, /no parameter nothing/, /dim .*, to /],
    [["--set", "dim=nothing", "--set", "to=1"], 1, /No input of the model has a dim named nothing/, /batch/],
  ])("that are wrong (%j): what there is", async (set, exit, message, hint) => {
    const output = join(tempFolder(), "fixed.onnx");
    const { code, stderr } = await onnxray("optimize", SAMPLE, "-o", output, "-a", "setDim", ...set);
    expect([code, existsSync(output)]).toEqual([exit, false]);
    expect(stderr).toMatch(message);
    expect(stderr).toMatch(hint);
  });
});
