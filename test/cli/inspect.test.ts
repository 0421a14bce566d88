import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { InspectReport } from "../../src/protocol/report";
import { nestedModel } from "../support/nestedModel";
import { linearModel, onnxModel } from "../support/onnxBuilder";
import { tempFolder } from "../support/tempFolder";
import { ended, jsonOf, MODELS, onnxray, SAMPLE, start } from "./support/cli";
import { parseCsv } from "./support/csv";

const bert = join(MODELS, "bert-torchscript.onnx");
const resnet = join(MODELS, "resnet.onnx");

describe("the table", () => {
  test("tells the model, its dims, its totals and how much of it is counted", async () => {
    const { code, stdout, stderr } = await onnxray("inspect", bert, "--dim", "batch=2", "-d", "sequence=7");
    expect(code).toBe(0);
    expect(stderr).toBe("");
    expect(stdout).toMatch(/^bert-torchscript\.onnx {2}203 KiB {2}IR 8 {2}ai\.onnx 17 {2}pytorch/);
    expect(stdout).toContain("batch=2 sequence=7");
    // PyTorch counts 983 808 FLOPs in the products at these dims.
    expect(stdout).toContain("2 × 492 kMACs");
    expect(stdout).toContain("251 of 251 nodes counted");
    expect(stdout.match(/\n\S+\/MatMul/g)).toHaveLength(16);
    expect(stdout.trimEnd().split("\n").at(-1)).toMatch(/^all +251 nodes +41\.8 k +164 KiB +492 k/);
  });

  test.each([40, 60, 80, 100, 120])("fits %i columns", async (columns) => {
    for (const model of [bert, resnet]) {
      const { stdout } = await ended(
        start(["inspect", model, "--top", "40", "--group"], { env: { COLUMNS: String(columns) } }),
      );
      const [, table = ""] = stdout.split("\n\n");
      const lines = table.trimEnd().split("\n");
      expect(lines.length).toBeGreaterThan(40);
      if (columns >= 60) {
        expect(lines.filter((line) => [...line].length > columns)).toEqual([]);
      }
      expect(lines[0]).toMatch(/^layer .* FLOPs +share$/);
    }
  });

  test("shows whole names with --wide", async () => {
    const env = { COLUMNS: "60" };
    const name = "/model/resnet/encoder/stages.0/layers.0/shortcut/convolution/Conv";
    expect((await ended(start(["inspect", resnet], { env }))).stdout).not.toContain(name);
    expect((await ended(start(["inspect", resnet, "--wide"], { env }))).stdout).toContain(name);
  });

  test("names the module of a layer whose own name does not", async () => {
    const { stdout } = await onnxray("inspect", SAMPLE, "--top", "1", "--wide");
    expect(stdout).toMatch(/\n[\w.]*encoder\.layer\.\d+\.[\w.]+: node_MatMul_\d+ +MatMul /);
  });

  test("what a node runs stands under it, and --top keeps the nodes around", async () => {
    const model = join(tempFolder(), "nested.onnx");
    writeFileSync(model, onnxModel(nestedModel()));
    const indents = (stdout: string) =>
      stdout
        .split("\n\n")[1]!
        .split("\n")
        .slice(2, -3)
        .map((line) => line.search(/\S/));
    const all = await onnxray("inspect", model);
    expect(indents(all.stdout)).toEqual([0, 0, 2, 2, 2, 4, 4, 4, 0, 2, 0]);
    const top = await onnxray("inspect", model, "--top", "4", "--wide");
    expect(indents(top.stdout)).toEqual([0, 2, 4, 2]);
    expect(top.stdout).toMatch(/\nall, 7 not shown +11 nodes .* 144 /);
  });

  test("--top lists the costliest layers, --group under their modules", async () => {
    const flat = await onnxray("inspect", resnet, "--top", "3", "--wide");
    const names = flat.stdout.match(/^\/model\S+/gm)!;
    expect(names).toHaveLength(3);
    expect(names[0]).toBe("/model/resnet/embedder/embedder/convolution/Conv");

    const { stdout } = await onnxray("inspect", resnet, "--top", "3", "--group");
    expect(stdout.match(/ Conv +Conv /g)).toHaveLength(3);
    const depths = stdout
      .match(/^ *(model|resnet|embedder|convolution|Conv) /gm)!
      .map((line) => line.search(/\S/));
    expect(depths.slice(0, 4)).toEqual([0, 2, 4, 6]);
  });
});

describe("--csv", () => {
  test("has a row for each layer with the figures of --json", async () => {
    const { stdout } = await onnxray("inspect", bert, "--csv");
    const rows = parseCsv(stdout);
    const { layers } = await jsonOf<InspectReport>("inspect", bert);
    expect(rows.map((row) => [row["name"], row["op"], row["path"]])).toEqual(
      layers.map((layer) => [layer.name, layer.op, layer.path]),
    );
    expect(rows.map((row) => Number(row["flops"]))).toEqual(layers.map((layer) => layer.flops.value));
    expect(rows.map((row) => Number(row["macs"]))).toEqual(layers.map((layer) => layer.macs.value));
  });

  test("keeps --top and --group", async () => {
    const flops = (csv: string) => parseCsv(csv).map((row) => Number(row["flops"]));
    const all = flops((await onnxray("inspect", bert, "--csv")).stdout).sort((a, b) => b - a);
    expect(flops((await onnxray("inspect", bert, "--csv", "--top", "5")).stdout)).toEqual(all.slice(0, 5));

    const grouped = parseCsv((await onnxray("inspect", bert, "--csv", "--group", "--top", "5")).stdout);
    expect(grouped.filter((row) => row["kind"] === "node")).toHaveLength(5);
    expect(grouped[0]).toMatchObject({ kind: "module", path: "bert" });
  });
});

describe("a model that is not all known", () => {
  const foreign = () => {
    const path = join(tempFolder(), "foreign.onnx");
    const { graph } = linearModel();
    const nodes = [
      ...graph.nodes!.slice(0, 1),
      { op: "Secret", domain: "com.acme", name: "secret", inputs: ["h"], outputs: ["y"] },
    ];
    writeFileSync(path, onnxModel({ opsets: { "": 17, "com.acme": 1 }, graph: { ...graph, nodes } }));
    return path;
  };

  test("is shown as far as it is, with what is missing named", async () => {
    const { code, stdout, stderr } = await onnxray("inspect", foreign());
    expect(code).toBe(0);
    expect(stdout).toContain("at least 24 FLOPs");
    expect(stdout).toContain("1 of 2 nodes counted");
    expect(stdout).toContain("no figure for com.acme.Secret ×1");
    expect(stdout).toMatch(/secret +Secret .* \?/);
    expect(stderr).toMatch(/^onnxray: (warning|note): [^\n]*com\.acme[^\n]*\n$/);
  });

  test("has the same problems in JSON, and unknown amounts as null", async () => {
    const { code, stdout, stderr } = await onnxray("inspect", foreign(), "--json");
    const { problems, layers, totals } = JSON.parse(stdout) as InspectReport;
    expect(code).toBe(0);
    expect(problems).toHaveLength(stderr.trimEnd().split("\n").length);
    expect(layers[1]!.flops).toMatchObject({ value: null, trust: "unknown" });
    expect(totals.coverage).toMatchObject({
      unknown: 1,
      unknownOps: [{ op: "Secret", domain: "com.acme", nodes: 1 }],
    });
  });
});

test("names from a file steer no terminal and break no line", async () => {
  const path = join(tempFolder(), "evil.onnx");
  const { graph } = linearModel();
  const nodes = graph.nodes!.map((node) => ({ ...node, name: "a\u001b[2Jb\nc\u202ed\u0007" }));
  writeFileSync(path, onnxModel({ producer: "p\u001b]0;title\u0007", graph: { ...graph, nodes } }));
  const { stdout } = await onnxray("inspect", path);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not get out
  expect(stdout).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
  expect(stdout.match(/^a \[2Jb c d /gm)).toHaveLength(2);
  expect(parseCsv((await onnxray("inspect", path, "--csv")).stdout)).toHaveLength(2);
});

test("a reader that has enough ends it quietly", async () => {
  for (const format of ["--json", "--csv", "--wide"]) {
    const child = start(["inspect", join(MODELS, "llama-decode.onnx"), format]);
    const end = ended(child);
    child.stdout!.once("data", () => child.stdout!.destroy());
    expect(await end, format).toMatchObject({ code: 0, signal: null, stderr: "" });
  }
});
