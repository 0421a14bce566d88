import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { CompactReport, InspectReport, OptimizeReport } from "../../src/protocol/report";
import { contentOf } from "../engine/save/support";
import { linearModel, onnxModel } from "../support/onnxBuilder";
import { tempFolder } from "../support/tempFolder";
import { ERROR_FORM, jsonOf, onnxray, SAMPLE } from "./support/cli";

/** A model whose only weight is in a file beside it, which has 100,000 bytes more than that. */
function wasteful(folder: string): string {
  const path = join(folder, "model.onnx");
  const { graph } = linearModel(80, 64);
  const [weight, bias] = graph.initializers!;
  writeFileSync(join(folder, "weights.bin"), new Uint8Array(50_000));
  appendFileSync(join(folder, "weights.bin"), weight!.raw!);
  appendFileSync(join(folder, "weights.bin"), new Uint8Array(50_000));
  const { raw, ...rest } = weight!;
  const external = { location: "weights.bin", offset: 50_000, length: raw!.length };
  writeFileSync(path, onnxModel({ graph: { ...graph, initializers: [{ ...rest, external }, bias!] } }));
  return path;
}

const WEIGHT_BYTES = 4 * 80 * 64;

test("the copy needs one data file, which holds the weights and nothing else", async () => {
  const folder = tempFolder();
  const input = wasteful(folder);
  const other = join(folder, "other");
  mkdirSync(other);
  const output = join(other, "small.onnx");
  const report = await jsonOf<CompactReport>("compact", input, "-o", output);
  expect(report).toMatchObject({
    ...{ schema: "onnxray.compact/1", input, output, notes: [] },
    sideFiles: [`${output}.data`],
    externalBytes: { before: 100_000 + WEIGHT_BYTES, after: WEIGHT_BYTES },
  });
  expect(readdirSync(other).sort()).toEqual(["small.onnx", "small.onnx.data"]);
  expect(contentOf(output)).toEqual(contentOf(input));
  expect((await jsonOf<InspectReport>("inspect", output)).problems).toEqual([]);
});

test("over itself, the old data stays and a note says that it is not needed", async () => {
  const folder = tempFolder();
  const input = wasteful(folder);
  const content = contentOf(input);
  const refused = await onnxray("compact", input, "-o", input);
  expect(refused.code).toBe(2);
  expect(refused.stderr).toMatch(ERROR_FORM);
  const { code, stdout, stderr } = await onnxray("compact", input, "-o", input, "--force");
  expect(code).toBe(0);
  expect(stdout).toMatch(/^external data [\d.]+ KiB → 20(\.0)? KiB, file /);
  expect(stderr).toBe(
    "onnxray: note: weights.bin is no longer needed by model.onnx: it can go if no other model uses it.\n",
  );
  expect(statSync(join(folder, "weights.bin")).size).toBe(100_000 + WEIGHT_BYTES);
  expect(statSync(join(folder, "model.onnx.data")).size).toBe(WEIGHT_BYTES);
  expect(contentOf(input)).toEqual(content);
});

test("a model without external data is copied as it is", async () => {
  const output = join(tempFolder(), "same.onnx");
  const { code, stdout, stderr } = await onnxray("compact", SAMPLE, "-o", output);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  expect(stdout).toMatch(/the copy is the same/);
  expect(readFileSync(output).equals(readFileSync(SAMPLE))).toBe(true);
});

test("data that is missing fails it, and nothing is left", async () => {
  const folder = tempFolder();
  const input = wasteful(folder);
  const output = join(folder, "small.onnx");
  writeFileSync(join(folder, "weights.bin"), new Uint8Array(60_000));
  const { code, stderr } = await onnxray("compact", input, "-o", output);
  expect(code).toBe(1);
  expect(stderr).toMatch(ERROR_FORM);
  expect(existsSync(output)).toBe(false);
  expect(readdirSync(folder).sort()).toEqual(["model.onnx", "weights.bin"]);
});

test("optimize says which data file an earlier run left, and compact takes all of it into one", async () => {
  const folder = tempFolder();
  const input = wasteful(folder);
  const output = join(folder, "int8.onnx");
  const first = await jsonOf<OptimizeReport>("optimize", input, "-o", output);
  expect(first.notes).toEqual([]);
  const second = await jsonOf<OptimizeReport>("optimize", input, "-o", output);
  expect(second.sideFiles).toEqual([join(folder, "int8.onnx.2.data")]);
  expect(second.notes).toEqual([
    {
      kind: "unneeded",
      message: expect.stringMatching(/^int8\.onnx\.data is no longer needed by int8\.onnx/),
    },
  ]);
  expect(existsSync(join(folder, "int8.onnx.data"))).toBe(true);

  const small = join(folder, "small.onnx");
  const { sideFiles } = await jsonOf<CompactReport>("compact", output, "-o", small);
  expect(sideFiles).toEqual([`${small}.data`]);
  expect(contentOf(small)).toEqual(contentOf(output));
});
