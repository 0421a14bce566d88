import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { inputSpecs } from "../../../src/engine/profile/inputs";
import type { Bindings } from "../../../src/protocol/engine";
import type { InputSpec } from "../../../src/protocol/profiler";
import { caught } from "../../support/caught";
import {
  floatTensor,
  type GraphSpec,
  onnxModel,
  type TypeName,
  type ValueSpec,
} from "../../support/onnxBuilder";
import { tempFolder } from "../../support/tempFolder";
import { fixturePath } from "../session/support";
import { recordedDims, stateOf } from "./support";

function specsOf(path: string, bindings: Bindings = {}): { readonly [name: string]: InputSpec } {
  return Object.fromEntries(inputSpecs(stateOf(path, bindings)).map((spec) => [spec.name, spec]));
}

function built(graph: GraphSpec): string {
  const path = join(tempFolder(), "model.onnx");
  writeFileSync(path, onnxModel({ opsets: { "": 21, "com.microsoft": 1 }, graph }));
  return path;
}

/** A model whose input only goes through one node. */
function passing(input: ValueSpec): string {
  return built({
    nodes: [{ op: "Identity", inputs: [input.name], outputs: ["y"] }],
    inputs: [input],
    outputs: [{ ...input, name: "y" }],
  });
}

describe("inputs of exported models", () => {
  it("of BERT: tokens and types below their tables, a mask of ones", () => {
    expect(specsOf(fixturePath("bert-torchscript"), { batch: 3, sequence: 5 })).toMatchObject({
      input_ids: { dtype: "int64", shape: [3, 5], fill: { kind: "integers", below: 97 } },
      attention_mask: { shape: [3, 5], fill: { kind: "constant", value: 1 } },
      token_type_ids: { shape: [3, 5], fill: { kind: "integers", below: 2 } },
    });
  });

  it("of BERT with fused embeddings", () => {
    expect(specsOf(fixturePath("bert-fused"), recordedDims("bert-fused"))["input_ids"]!.fill).toEqual({
      kind: "integers",
      below: 97,
    });
  });

  it("of GPT-2 with a cache: noise in the cache, positions that count", () => {
    const specs = specsOf(fixturePath("gpt2-decode"), recordedDims("gpt2-decode"));
    expect(specs["input_ids"]).toMatchObject({ shape: [2, 3], fill: { kind: "integers" } });
    const caches = Object.values(specs).filter(({ name }) => name.startsWith("past"));
    expect(caches.length).toBeGreaterThan(0);
    expect(caches.every(({ fill, shape }) => fill.kind === "normal" && shape.length === 4)).toBe(true);
  });

  it("of ResNet: an image of noise", () => {
    expect(specsOf(fixturePath("resnet"), recordedDims("resnet"))).toEqual({
      pixel_values: {
        name: "pixel_values",
        dtype: "float32",
        shape: [2, 3, 32, 40],
        fill: { kind: "normal" },
      },
    });
  });
});

describe("inputs by their use", () => {
  it("positions count below the rows of their table", () => {
    const path = built({
      nodes: [
        { op: "Cast", inputs: ["position_ids"], outputs: ["p"], attributes: { to: { int: 7 } } },
        { op: "Gather", inputs: ["table", "p"], outputs: ["y"] },
      ],
      inputs: [{ name: "position_ids", type: "int32", dims: ["n"] }],
      outputs: [{ name: "y", dims: ["n", 2] }],
      initializers: [floatTensor("table", [3, 2], [1, 2, 3, 4, 5, 6])],
    });
    expect(specsOf(path, { n: 8 })["position_ids"]!.fill).toEqual({ kind: "arange", below: 3 });
  });

  it("an index into several tables fits the smallest", () => {
    const path = built({
      nodes: [
        { op: "Gather", inputs: ["large", "i"], outputs: ["a"] },
        { op: "Gather", inputs: ["small", "i"], outputs: ["b"], attributes: { axis: { int: 1 } } },
      ],
      inputs: [{ name: "i", type: "int64", dims: [4] }],
      outputs: [{ name: "a" }, { name: "b" }],
      initializers: [
        floatTensor("large", [9], Array(9).fill(1)),
        floatTensor("small", [1, 5], Array(5).fill(1)),
      ],
    });
    expect(specsOf(path)["i"]!.fill).toEqual({ kind: "integers", below: 5 });
  });

  it("an index into a table of unknown size is 0", () => {
    const path = built({
      nodes: [
        { op: "NonZero", inputs: ["x"], outputs: ["table"] },
        { op: "Gather", inputs: ["table", "i"], outputs: ["y"], attributes: { axis: { int: 1 } } },
      ],
      inputs: [
        { name: "x", dims: [6] },
        { name: "i", type: "int64", dims: [2] },
      ],
      outputs: [{ name: "y", type: "int64" }],
    });
    expect(specsOf(path)["i"]!.fill).toEqual({ kind: "constant", value: 0 });
  });

  it("a dim without a size is named", () => {
    const error = caught(() => specsOf(passing({ name: "x", dims: ["batch", 4] })));
    expect(error.message).toBe("Dim 0 of input x (batch) has no size, so no input can be made.");
  });

  it("attention with a cache hears the length that it has", () => {
    const path = built({
      nodes: [
        {
          op: "GroupQueryAttention",
          domain: "com.microsoft",
          inputs: ["q", "k", "v", "past_k", "past_v", "lengths", "total"],
          outputs: ["y", "pk", "pv"],
          attributes: { num_heads: { int: 2 }, kv_num_heads: { int: 2 } },
        },
      ],
      inputs: [
        ...["q", "k", "v"].map((name) => ({ name, dims: ["batch", "sequence", 16] })),
        ...["past_k", "past_v"].map((name) => ({ name, dims: ["batch", 2, "past", 8] })),
        { name: "lengths", type: "int32", dims: ["batch"] },
        { name: "total", type: "int32", dims: [] },
      ],
      outputs: ["y", "pk", "pv"].map((name) => ({ name })),
    });
    const specs = specsOf(path, { batch: 2, sequence: 3, past: 5 });
    expect(specs["lengths"]!.fill).toEqual({ kind: "constant", value: 7 });
    expect(specs["total"]!.fill).toEqual({ kind: "constant", value: 8 });
  });

  it.each<[TypeName, InputSpec["fill"]]>([
    ["bool", { kind: "constant", value: 1 }],
    ["float16", { kind: "normal" }],
    ["uint8", { kind: "integers", below: 128 }],
    ["int64", { kind: "constant", value: 1 }],
  ])("%s without a use", (type, fill) => {
    expect(specsOf(passing({ name: "value", type, dims: [2] }))["value"]!.fill).toEqual(fill);
  });
});

describe("inputs that cannot be made", () => {
  it("a dim that the file leaves open is named, and can be given a size", () => {
    const error = caught(() => specsOf(passing({ name: "x", dims: [2, null] })));
    expect(error).toMatchObject({ code: "usage", where: { tensor: "x" } });
    expect(error.message).toMatch(/^Dim 1 of input x .* has no size, so no input can be made\.$/);
    expect(specsOf(passing({ name: "x", dims: [2, null] }), { "x.1": 6 })["x"]!.shape).toEqual([2, 6]);
  });

  it("an input of unknown rank is named", () => {
    expect(caught(() => specsOf(passing({ name: "x" })))).toMatchObject({
      code: "usage",
      where: { tensor: "x" },
    });
  });

  it.each<TypeName>(["string", "bfloat16", "complex64", "int4", "int2"])("%s is refused", (type) => {
    const error = caught(() => specsOf(passing({ name: "x", type, dims: [2] })));
    expect(error).toMatchObject({ code: "unsupported", where: { tensor: "x" } });
    expect(error.message).toContain(type);
  });

  it("more than the machine's memory is refused before it is asked for", () => {
    const path = passing({ name: "x", dims: ["a", "b"] });
    expect(caught(() => specsOf(path, { a: 2 ** 25, b: 2 ** 25 }))).toMatchObject({ code: "limit" });
  });
});
