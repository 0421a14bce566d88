import { describe, expect, test } from "vitest";
import { decodeFloats } from "../../../src/core/tensor/decode";
import { onnxModel, type TensorSpec } from "../../support/onnxBuilder";
import { feed, runInRuntime, sqnrDb } from "../../support/runtime";
import { LAYERS, layerModel, weightTensor } from "./layers";
import { naiveInt8 } from "./naive";
import { Opened } from "./opened";

function floatsOf({ raw }: TensorSpec): Float32Array {
  return new Float32Array(Uint8Array.from(raw!).buffer);
}

function feedOf(dims: readonly number[]) {
  const count = dims.reduce((product, dim) => product * dim, 1);
  return {
    x: feed(
      Array.from({ length: count }, (_, index) => Math.sin(index * 1.7)),
      dims,
    ),
  };
}

describe.each(LAYERS)("$title", (layer) => {
  const weight = weightTensor("W", layer.weight);
  const bytes = onnxModel(layerModel(layer, weight));
  const values = floatsOf(weight);
  const naive = naiveInt8(values, layer.weight, layer.axis);
  const feeds = feedOf(layer.input);

  test("the offer names the channels and the bytes", () => {
    const answer = Opened.of(bytes).answer("layer");
    const channels = layer.weight[layer.axis]!;
    expect(answer).toMatchObject({
      kind: "offer",
      offer: {
        call: { action: "quantizeWeights", target: { output: "y" }, params: {} },
        weightBytesBefore: values.length * 4,
        weightBytesAfter: values.length + channels * 4,
        detail: `float32[${layer.weight.join("×")}] weights become int8 with ${channels} scales`,
      },
    });
  });

  test("the preview's figures are those of a plain computation", () => {
    const preview = Opened.of(bytes).preview("layer");
    expect(preview.weightSqnrDb).toBeCloseTo(sqnrDb(values, naive.restored), 6);
    const most = values.reduce((max, value, at) => Math.max(max, Math.abs(value - naive.restored[at]!)), 0);
    expect(preview.maxAbsError / most).toBeCloseTo(1, 4);
    expect(preview.notes.length).toBeGreaterThan(0);
  });

  test("unfused it equals the float layer with the rounded weights; fused it stays near", async () => {
    const opened = Opened.of(bytes);
    const before = opened.storedBytes();
    const { offer } = opened.answer("layer") as Extract<ReturnType<Opened["answer"]>, { kind: "offer" }>;
    opened.quantize("layer");
    expect(before - opened.storedBytes()).toBe(offer.weightBytesBefore - offer.weightBytesAfter);
    const rounded = { ...weight, raw: new Uint8Array(naive.restored.buffer) };
    const reference = onnxModel(layerModel(layer, rounded));
    const { y: exact } = await runInRuntime(reference, feeds, { level: "disabled" });
    const { y: unfused } = await runInRuntime(opened.saved(), feeds, { level: "disabled" });
    expect(sqnrDb(exact!, unfused!)).toBeGreaterThan(120);
    const { y: fused } = await runInRuntime(opened.saved(), feeds);
    expect(sqnrDb(exact!, fused!)).toBeGreaterThan(35);
    const accurate = { qdq_matmulnbits_accuracy_level: "0" };
    const { y: exactFused } = await runInRuntime(opened.saved(), feeds, { session: accurate });
    expect(sqnrDb(exact!, exactFused!)).toBeGreaterThan(120);
  });

  test("undo leaves the very bytes and text; the action is then offered again", () => {
    const opened = Opened.of(bytes);
    const text = opened.text();
    opened.quantize("layer");
    expect(opened.answer("layer").kind).toBe("none");
    expect(opened.text()).toContain("= DequantizeLinear <axis");
    opened.history.undo();
    expect(opened.text()).toBe(text);
    expect(Buffer.compare(opened.saved(), bytes)).toBe(0);
    expect(opened.answer("layer").kind).toBe("offer");
  });
});

test("float16 weights become int8 with float16 scales and load", async () => {
  const [layer] = LAYERS;
  const weight = weightTensor("W", layer!.weight, "float16");
  const opened = Opened.of(onnxModel(layerModel(layer!, weight)));
  const count = 96 * 64;
  expect(opened.answer("layer")).toMatchObject({
    offer: { weightBytesBefore: 2 * count, weightBytesAfter: count + 2 * 64 },
  });
  const { maxAbsError, weightSqnrDb } = opened.preview("layer");
  const values = new Float32Array(count);
  decodeFloats("float16", weight.raw!, count, values);
  const naive = naiveInt8(values, layer!.weight, layer!.axis);
  expect(Math.abs(weightSqnrDb - sqnrDb(values, naive.restored))).toBeLessThan(0.1);
  expect(maxAbsError).toBeLessThanOrEqual(Math.max(...naive.scales) * 0.502);

  const before = onnxModel(layerModel(layer!, weight));
  opened.quantize("layer");
  const halves = Uint16Array.from({ length: 5 * 96 }, (_, index) => 0x3000 + ((index * 37) % 2048));
  const { Tensor } = await import("onnxruntime-node");
  const feeds = { x: new Tensor("float16", halves, [5, 96]) };
  for (const level of ["disabled", "all"] as const) {
    const { y: exact } = await runInRuntime(before, feeds, { level });
    const { y } = await runInRuntime(opened.saved(), feeds, { level });
    expect(sqnrDb(asFloats(exact!), asFloats(y!))).toBeGreaterThan(35);
  }
});

/** onnxruntime gives float16 as bits, or as a Float16Array where JavaScript has one. */
function asFloats(data: ArrayLike<number>): Float32Array {
  if (!(data instanceof Uint16Array)) {
    return Float32Array.from(data);
  }
  const values = new Float32Array(data.length);
  decodeFloats("float16", new Uint8Array(data.buffer, data.byteOffset, data.byteLength), data.length, values);
  return values;
}
