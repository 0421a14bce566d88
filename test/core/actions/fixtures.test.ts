import { existsSync, readFileSync } from "node:fs";
import { basename } from "node:path";
import { onnx } from "onnx-proto";
import { describe, expect, test } from "vitest";
import { quantizeWeights } from "../../../src/core/actions/quantizeWeights";
import { FIXTURES } from "../../support/fixtures";
import { runInRuntime, sqnrDb } from "../../support/runtime";
import { fixtureFeeds } from "./fixtureFeeds";
import { Opened } from "./opened";

const LAYERS = new Set(["MatMul", "Gemm", "Conv", "ConvTranspose", "DeformConv"]);
const FLOAT = onnx.TensorProto.DataType.FLOAT;
const FLOAT16 = onnx.TensorProto.DataType.FLOAT16;
const OTHER_FLOATS = [onnx.TensorProto.DataType.DOUBLE, onnx.TensorProto.DataType.BFLOAT16];

/** What an independent reading of the main graph says of each node: offered, refused, or nothing. */
function expectedAnswers(bytes: Uint8Array): { [node: string]: string } {
  const model = onnx.ModelProto.decode(bytes);
  const graph = model.graph!;
  const opset = Number(
    model.opsetImport.find(({ domain }) => domain === "" || domain === "ai.onnx" || !domain)?.version ?? 1,
  );
  const weights = new Map(graph.initializer!.map((tensor) => [tensor.name, tensor]));
  const edges = new Set([...graph.input!, ...graph.output!].map(({ name }) => name));
  const answers: { [node: string]: string } = {};
  for (const node of graph.node!) {
    const weight = weights.get(node.input?.[1]);
    const isLayer = LAYERS.has(node.opType ?? "") && ["", "ai.onnx"].includes(node.domain ?? "");
    const elements = weight?.dims?.reduce((product, dim) => product * Number(dim), 1) ?? 0;
    const isFloat = [FLOAT, FLOAT16, ...OTHER_FLOATS].includes(weight?.dataType ?? 0);
    if (isLayer && elements >= 4096 && isFloat) {
      const needed = weight!.dataType === FLOAT16 ? 19 : 13;
      const possible = opset >= needed && !edges.has(weight!.name) && (weight!.dims?.length ?? 0) > 1;
      answers[node.output![0]!] = possible && !OTHER_FLOATS.includes(weight!.dataType!) ? "offer" : "refusal";
    }
  }
  return answers;
}

function filesOf(path: string): { [location: string]: Uint8Array } {
  const data = `${path}.data`;
  return existsSync(data) ? { [basename(data)]: readFileSync(data) } : {};
}

const models = FIXTURES.map(({ name, path }) => ({ name, path, bytes: readFileSync(path) }));
const withOffers = models.filter(({ bytes }) => Object.values(expectedAnswers(bytes)).includes("offer"));

test("enough of the fixtures have weights that are large enough", () => {
  expect(withOffers.length).toBeGreaterThan(10);
});

test.each(models)("$name: offered and refused where an independent reading says so", ({ path, bytes }) => {
  const opened = Opened.of(bytes, filesOf(path));
  const { inference, model } = opened;
  const answers: { [node: string]: string } = {};
  for (const node of model.graph.nodes) {
    const answer = quantizeWeights.answer({ model, inference, graph: model.graph, node });
    if (answer.kind !== "none") {
      answers[node.outputs[0]!] = answer.kind;
    }
  }
  expect(answers).toEqual(expectedAnswers(bytes));
});

describe.each(withOffers)("$name, every layer quantised", ({ name: fixture, path, bytes }) => {
  const opened = Opened.of(bytes, filesOf(path));
  const names = opened.offered();
  const text = opened.text();
  const read = opened.bytesRead;
  opened.quantize(...names);
  const saved = opened.saved();

  test("undo brings back every byte, redo the very same file", () => {
    expect(names).not.toContain("");
    opened.history.undo();
    expect([opened.text(), Buffer.compare(opened.saved(), bytes)]).toEqual([text, 0]);
    opened.history.redo();
    expect(Buffer.compare(opened.saved(), saved)).toBe(0);
    expect(saved.length).toBeLessThan(bytes.length);
    expect(opened.bytesRead).toBeGreaterThan(read);
  });

  test("it loads, and its outputs stay near", async () => {
    const feeds = fixtureFeeds(fixture);
    const original = await runInRuntime(path, feeds, { level: "disabled" });
    for (const level of ["disabled", "all"] as const) {
      const quantized = await runInRuntime(saved, feeds, { level });
      expect(Object.keys(quantized)).toEqual(Object.keys(original));
      for (const [name, exact] of Object.entries(original)) {
        if (exact instanceof Float32Array) {
          expect([level, name, sqnrDb(exact, quantized[name]!)]).toSatisfy(([, , quality]) => quality > 25);
        }
      }
    }
  });
});
