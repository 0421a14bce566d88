import { execFileSync } from "node:child_process";
import { copyFileSync, mkdirSync, readFileSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { linearModel, onnxModel } from "../support/onnxBuilder";
import { Random } from "../support/random";
import { tempFolder } from "../support/tempFolder";
import { type Ended, ERROR_FORM, MODELS, onnxray } from "./support/cli";

const BERT = join(MODELS, "bert-torchscript.onnx");
const COMMANDS: readonly (readonly [string, ...string[]])[] = [
  ["inspect"],
  ["inspect", "--json"],
  ["profile"],
  ["optimize", "-o", join(import.meta.dirname, "must-not-be-written.onnx")],
];

/** Every command says what is wrong in two lines, prints nothing else and ends with 1. */
async function refused(
  path: string,
  commands: readonly (readonly [string, ...string[]])[] = COMMANDS,
): Promise<Ended> {
  const ends = await Promise.all(commands.map(([command, ...options]) => onnxray(command, path, ...options)));
  for (const { code, stdout, stderr, signal } of ends) {
    expect(stderr).toMatch(ERROR_FORM);
    expect(stderr).not.toMatch(/ at .*:\d+:\d+|defect|undefined|\[object/);
    expect({ code, signal, stdout }).toEqual({ code: 1, signal: null, stdout: "" });
  }
  expect(new Set(ends.map(({ stderr }) => stderr)).size).toBe(1);
  return ends[0]!;
}

/** A file of that content. */
function file(content: Uint8Array | string): string {
  const path = join(tempFolder(), "model.onnx");
  writeFileSync(path, content);
  return path;
}

describe("what is no model", () => {
  test("an empty file", async () => {
    expect((await refused(file(""))).stderr).toContain("is empty");
  });

  test("a folder", async () => {
    expect((await refused(tempFolder())).stderr).toContain("is a folder");
  });

  test("a file that is not there", async () => {
    expect((await refused(join(tempFolder(), "model.onnx"))).stderr).toContain("does not exist");
  });

  test("a link that leads nowhere", async () => {
    const path = join(tempFolder(), "model.onnx");
    symlinkSync("nowhere", path);
    expect((await refused(path)).stderr).toContain("does not exist");
  });

  test.skipIf(process.platform === "win32")("a pipe, without waiting for a writer", async () => {
    const path = join(tempFolder(), "model.onnx");
    execFileSync("mkfifo", [path]);
    expect((await refused(path)).stderr).toContain("is a pipe");
  });

  test("a page of text", async () => {
    await refused(file("<!DOCTYPE html><html><body>404: not found</body></html>"));
  });

  test("a compressed model", async () => {
    expect((await refused(file(gzipSync(readFileSync(BERT))))).stderr).toContain("gunzip");
  });

  test("random bytes", async () => {
    const random = new Random(7);
    await refused(file(Uint8Array.from({ length: 5000 }, () => random.below(256))));
  });

  test("five gigabytes of nothing", async () => {
    const path = file("");
    truncateSync(path, 5 * 1024 ** 3);
    await refused(path);
  });
});

test.each([1, 10, 100, 1000, 100_000, 200_000])("a model cut after %i bytes", async (length) => {
  await refused(file(readFileSync(BERT).subarray(0, length)), [["inspect"]]);
});

describe("a model that is not whole", () => {
  /** The structure is shown, what is missing is told, and a script that goes on would go wrong: it ends with 1. */
  async function broken(path: string, message: RegExp) {
    const inspected = await onnxray("inspect", path, "--json");
    expect(inspected.stderr).toMatch(/^onnxray: error: [^\n]+\n {2}hint: [^\n]+\n$/);
    expect(inspected.stderr).toMatch(message);
    expect(inspected.code).toBe(1);
    const report = JSON.parse(inspected.stdout) as { problems: unknown[]; layers: unknown[] };
    expect(report.problems).toHaveLength(1);
    expect(report.layers.length).toBeGreaterThan(0);

    const profiled = await onnxray("profile", path, "--json");
    expect(profiled.stderr).toMatch(ERROR_FORM);
    expect(profiled).toMatchObject({ code: 1, stdout: "" });
  }

  function external(location: string, content?: Uint8Array): string {
    const folder = join(tempFolder(), "inner");
    mkdirSync(folder);
    const path = join(folder, "model.onnx");
    const { graph } = linearModel(4, 3);
    const [, b] = graph.initializers!;
    const W = {
      name: "W",
      type: "float32",
      dims: [4, 3],
      external: { location, offset: 0, length: 48 },
    } as const;
    writeFileSync(path, onnxModel({ graph: { ...graph, initializers: [W, b!] } }));
    if (content !== undefined) {
      writeFileSync(join(folder, location), content);
    }
    return path;
  }

  test("external data that is not there", () => broken(external("weights.bin"), /weights\.bin/));

  test("external data that is too short", () =>
    broken(external("weights.bin", new Uint8Array(47)), /47 bytes/));

  test("external data above the model's folder", () =>
    broken(external("../weights.bin", new Uint8Array(48)), /outside|leaves|folder/));

  test("external data at an absolute path", () => broken(external("/etc/hostname"), /\/etc\/hostname/));

  test.skipIf(process.platform === "win32")("external data behind a link that leads out", () => {
    const path = external("weights.bin");
    const outside = join(path, "../../outside.bin");
    writeFileSync(outside, new Uint8Array(48));
    symlinkSync(outside, join(path, "../weights.bin"));
    return broken(path, /weights\.bin/);
  });

  test("a fixture whose data file was left behind", () => {
    const path = join(tempFolder(), "bert-external.onnx");
    copyFileSync(join(MODELS, "bert-external.onnx"), path);
    return broken(path, /bert-external\.onnx\.data/);
  });

  test("nodes that wait for each other", async () => {
    const { graph } = linearModel();
    const nodes = [
      { op: "Add", name: "a", inputs: ["x", "q"], outputs: ["p"] },
      { op: "Relu", name: "b", inputs: ["p"], outputs: ["q"] },
      ...graph.nodes!,
    ];
    const { code, stdout, stderr } = await onnxray(
      "inspect",
      file(onnxModel({ graph: { ...graph, nodes } })),
    );
    expect(stdout).toContain("2 of 4 nodes counted");
    expect(stderr).toContain("onnxray: error: The graph runs in a circle through a, b (");
    expect(stderr.match(/error: /g)).toHaveLength(1);
    expect(code).toBe(1);
  });
});
