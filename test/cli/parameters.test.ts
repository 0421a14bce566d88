import { join } from "node:path";
import { expect, test } from "vitest";
import type { ParametersInspectReport, TensorInspectReport } from "../../src/protocol/report";
import { jsonOf, MODELS, onnxray } from "./support/cli";

const gpt2 = join(MODELS, "gpt2-prefill.onnx");
const llama = join(MODELS, "llama-4bit.onnx");
const TABLE = "model.transformer.wte.weight";

test("the table and the JSON say the same of each tensor", async () => {
  const report = await jsonOf<ParametersInspectReport>("inspect", llama, "--parameters");
  const { stdout } = await onnxray("inspect", llama, "--parameters", "--wide");
  const [heading = "", table = ""] = stdout.split("\n\n");
  expect(heading).toContain(`${report.tensors.length} tensors`);
  expect(heading).toContain(`Gini coefficient ${report.gini.toFixed(2)}`);
  expect(heading).toContain(`${Number(report.bitsPerWeight!.toFixed(2))} bits for each weight`);
  const lines = table.trimEnd().split("\n").slice(2, -2);
  const sorted = [...report.tensors].sort((a, b) => b.bytes - a.bytes);
  expect(lines.length).toBe(sorted.length);
  for (const [index, { name, dtype, dims, bitsPerWeight }] of sorted.entries()) {
    const cells = lines[index]!.split(/ {2,}/);
    expect(cells[0]).toBe(name);
    expect(cells).toContain(dtype);
    if (dims.length > 0) {
      expect(cells).toContain(dims.join("×"));
    }
    if (bitsPerWeight !== null) {
      expect(cells).toContain(String(Number(bitsPerWeight.toFixed(2))));
    }
  }
});

test("--top keeps the largest and the sums of all", async () => {
  const all = await jsonOf<ParametersInspectReport>("inspect", gpt2, "--parameters");
  const top = await jsonOf<ParametersInspectReport>("inspect", gpt2, "--parameters", "--top", "3");
  expect({ ...top, tensors: [] }).toEqual({ ...all, tensors: [] });
  const bytes = all.tensors.map((tensor) => tensor.bytes).sort((a, b) => b - a);
  expect(top.tensors.map((tensor) => tensor.bytes)).toEqual(bytes.slice(0, 3));
});

test("--copies finds the vocabulary that is stored twice", async () => {
  const report = await jsonOf<ParametersInspectReport>("inspect", gpt2, "--copies");
  expect(report.copies).toEqual({ compared: true, wastedBytes: 89 * 36 * 4 });
  const { stdout } = await onnxray("inspect", gpt2, "--copies", "--wide");
  expect(stdout).toContain("12.5 KiB are stored more than once");
  expect(stdout).toContain(`Transpose of ${TABLE}.`);
});

test("--tensor says the same in words and in JSON", async () => {
  const { tensor, statistics } = await jsonOf<TensorInspectReport>("inspect", gpt2, "--tensor", TABLE);
  expect(tensor).toMatchObject({ name: TABLE, role: "vocabulary", dims: [89, 36], dtype: "float32" });
  expect(statistics.histogram.counts.reduce((sum, count) => sum + count, 0)).toBe(89 * 36);
  const { code, stdout, stderr } = await onnxray("inspect", gpt2, "--tensor", TABLE);
  expect([code, stderr]).toEqual([0, ""]);
  const short = (value: number | null) => String(Number(value!.toPrecision(4)));
  expect(stdout).toContain(`range       ${short(statistics.min)} to ${short(statistics.max)}`);
  expect(stdout).toContain(`mean        ${short(statistics.mean)} ± ${short(statistics.std)}`);
  expect(stdout).toContain(`channels    ${statistics.channels!.count} along axis 0`);
  const bars = stdout.split("\n\n")[1]!.trimEnd().split("\n");
  expect(bars.length).toBe(statistics.histogram.counts.length);
});

test("a tensor that is not there is a wrong argument, and the hint names one that is", async () => {
  const { code, stdout, stderr } = await onnxray("inspect", gpt2, "--tensor", "wte.weight");
  expect([code, stdout]).toEqual([2, ""]);
  expect(stderr).toContain(`Did you mean ${TABLE}?`);
});
