import { describe, expect, test } from "vitest";
import type { InspectReport, ModuleReport } from "../../src/protocol/report";
import { fixtures } from "../core/infer/fixtures";
import { jsonOf, onnxray } from "./support/cli";

/** One of each kind; inference itself is held against every fixture in test/core/infer. */
const CHOSEN = [
  "bert-torchscript",
  "bert-external",
  "bert-fixed",
  "gpt2-decode",
  "llama-prefill",
  "resnet",
  "vit",
  "sample-encoder",
];

const cases = fixtures()
  .filter(({ name }) => CHOSEN.includes(name))
  .flatMap(({ name, path, facts }) =>
    facts.bindings.map((binding) => [name, JSON.stringify(binding.dims), path, binding] as const),
  );

describe("--json against PyTorch and onnxruntime", () => {
  test("finds its fixtures", () => {
    expect(new Set(cases.map(([name]) => name))).toEqual(new Set(CHOSEN));
  });

  test.concurrent.each(cases)("%s at %s", async (_name, _text, path, { dims, values, flops }) => {
    const options = Object.entries(dims).flatMap(([dim, size]) => ["--dim", `${dim}=${size}`]);
    const report = await jsonOf<InspectReport>("inspect", path, ...options);
    expect(report.schema).toBe("onnxray.inspect/1");
    expect(report.dims).toEqual(dims);
    expect(report.problems).toEqual([]);
    expect(report.totals.macs).toMatchObject({ value: flops.total / 2, trust: "exact" });

    const outputs = report.layers.filter(({ graph }) => graph === "").flatMap((layer) => layer.outputs);
    expect(outputs.length).toBeGreaterThan(0);
    const wanted = outputs.map(({ name }) => ({ name, ...values[name] }));
    expect(outputs.map(({ name, dtype, shape }) => ({ name, dtype, shape }))).toEqual(wanted);
  });
});

const bert = fixtures().find(({ name }) => name === "bert-torchscript")!.path;

test("the layers add up to the totals", async () => {
  const { layers, totals, model } = await jsonOf<InspectReport>("inspect", bert, "-d", "batch=3");
  expect(layers.length).toBe(model.nodes);
  for (const figure of ["macs", "flops", "readBytes", "writeBytes"] as const) {
    const sum = layers.reduce((total, layer) => total + layer[figure].value!, 0);
    expect(sum, figure).toBe(totals[figure].value);
  }
});

test("--top keeps the layers with most FLOPs and the totals of all", async () => {
  const all = await jsonOf<InspectReport>("inspect", bert);
  const top = await jsonOf<InspectReport>("inspect", bert, "--top", "7");
  const flops = (report: InspectReport) => report.layers.map((layer) => layer.flops.value!);
  expect(flops(top)).toEqual(
    flops(all)
      .sort((a, b) => b - a)
      .slice(0, 7),
  );
  expect(top.totals).toEqual(all.totals);
});

test("--group adds the sums of each module", async () => {
  const { modules, layers } = await jsonOf<InspectReport>("inspect", bert, "--group");
  const sumOf = ({ path }: ModuleReport, figure: "macs" | "flops") =>
    layers
      .filter((layer) => layer.path === path || layer.path.startsWith(`${path}.`))
      .reduce((sum, layer) => sum + layer[figure].value!, 0);
  expect(modules!.map(({ path }) => path)).toContain("bert.encoder.layer.0.attention.self");
  for (const module of modules!) {
    expect(module.macs).toBe(sumOf(module, "macs"));
    expect(module.flops).toBe(sumOf(module, "flops"));
  }
});

test("each layer has a line of its own, for tools that read lines", async () => {
  const { stdout } = await onnxray("inspect", bert, "--json");
  const lines = stdout.split("\n").filter((line) => line.startsWith('    {"name":'));
  expect(lines.map((line) => JSON.parse(line.replace(/,$/, "")))).toEqual(
    (JSON.parse(stdout) as InspectReport).layers,
  );
});
