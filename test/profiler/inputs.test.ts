import { describe, expect, it } from "vitest";
import { ModelError } from "../../src/core/errors";
import { makeInput } from "../../src/profiler/inputs";
import { runtimeMessage } from "../../src/profiler/runtimeMessage";
import type { InputSpec } from "../../src/protocol/profiler";

function spec(dtype: string, shape: readonly number[], fill: InputSpec["fill"]): InputSpec {
  return { name: "x", dtype, shape, fill };
}

const elements = (input: InputSpec, seed = 0) =>
  [...(makeInput(input, seed).data as Iterable<unknown>)].map(Number);

describe("generated inputs", () => {
  it("are the same for the same seed and others for another one", () => {
    const input = spec("float32", [64], { kind: "normal" });
    expect(elements(input, 1)).toEqual(elements(input, 1));
    expect(elements(input, 1)).not.toEqual(elements(input, 2));
  });

  it("are normally distributed", () => {
    const values = elements(spec("float64", [20_000], { kind: "normal" }));
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
    expect(mean).toBeCloseTo(0, 1);
    expect(variance).toBeCloseTo(1, 1);
  });

  it.each(["int64", "int32", "uint8"])("stay below the limit as %s", (dtype) => {
    const values = elements(spec(dtype, [1000], { kind: "integers", below: 7 }));
    expect(new Set(values)).toEqual(new Set([0, 1, 2, 3, 4, 5, 6]));
  });

  it("count along the last axis and start again at the limit", () => {
    expect(elements(spec("int64", [2, 5], { kind: "arange", below: 3 }))).toEqual([
      0, 1, 2, 0, 1, 0, 1, 2, 0, 1,
    ]);
  });

  it("hold float16 as bits", () => {
    const tensor = makeInput(spec("float16", [3], { kind: "constant", value: -1.5 }), 0);
    const bits = new Uint16Array((tensor.data as Uint16Array).buffer);
    expect([...bits]).toEqual([0xbe00, 0xbe00, 0xbe00]);
  });

  it("repeat themselves when they are long", () => {
    const values = makeInput(spec("float32", [(1 << 20) + 3], { kind: "normal" }), 5).data as Float32Array;
    expect([...values.subarray(1 << 20)]).toEqual([...values.subarray(0, 3)]);
    expect(values[1]).not.toBe(values[2]);
  });

  it("may be empty or scalar", () => {
    expect(elements(spec("float32", [2, 0, 3], { kind: "normal" }))).toEqual([]);
    expect(elements(spec("int64", [], { kind: "constant", value: 4 }))).toEqual([4]);
  });

  it.each(["string", "int4", "bfloat16"])("are refused as %s, which onnxruntime does not take", (dtype) => {
    expect(() => makeInput(spec(dtype, [1], { kind: "normal" }), 0)).toThrow(ModelError);
  });
});

describe("messages of onnxruntime", () => {
  it("lose the place in its source", () => {
    const place =
      "/onnxruntime_src/onnxruntime/core/a.cc:136 onnxruntime::F(const C&)::<lambda()> x == y was false. ";
    expect(runtimeMessage(new Error(`${place}Failed to get an adapter\n`))).toBe("Failed to get an adapter");
    expect(runtimeMessage(new Error("plain words"))).toBe("plain words");
  });
});
