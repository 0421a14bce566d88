import { describe, expect, it } from "vitest";
import { format } from "../../../src/core/expr";
import type { Dim } from "../../../src/core/facts/fact";
import { infer } from "../../../src/core/infer/infer";
import { OPERATORS } from "../../../src/core/ops/index";
import type { OpExample, OpSpec } from "../../../src/core/ops/spec";
import { findAttention } from "../../../src/core/patterns/attention/index";
import type { AttentionRegion } from "../../../src/core/patterns/attention/types";
import { exampleModel } from "../ops/exampleModel";
import { SmallModel } from "./smallModel";

/** The example of an operator as a model of one node, with its price. */
function searched(spec: OpSpec, example: OpExample) {
  const { model, node, contents } = exampleModel(spec, example);
  const inference = infer(model, { readSmall: (tensor) => contents.get(tensor) });
  return { regions: findAttention(model, inference).regions, cost: inference.cost(node.id), node };
}

const examples = OPERATORS.flatMap((spec) => spec.examples.map((example) => ({ spec, example })));
const fused = examples.filter(({ spec, example }) => searched(spec, example).cost.attention !== undefined);

const text = (dim: Dim) => (dim === undefined ? "?" : format(dim));

describe("operators that are attention as a whole", () => {
  it("are those that are priced as such", () => {
    const names = new Set(fused.map(({ spec }) => [spec.domain, spec.name].filter(Boolean).join(".")));
    expect([...names].sort()).toMatchInlineSnapshot(`
      [
        "Attention",
        "ai.onnx.preview.FlexAttention",
        "com.microsoft.Attention",
        "com.microsoft.DecoderAttention",
        "com.microsoft.DecoderMaskedMultiHeadAttention",
        "com.microsoft.DecoderMaskedSelfAttention",
        "com.microsoft.GroupQueryAttention",
        "com.microsoft.LongformerAttention",
        "com.microsoft.MultiHeadAttention",
        "com.microsoft.PackedAttention",
        "com.microsoft.PackedMultiHeadAttention",
        "com.microsoft.PagedAttention",
        "com.microsoft.QAttention",
        "com.microsoft.QOrderedAttention",
        "com.microsoft.QOrderedLongformerAttention",
        "com.microsoft.SparseAttention",
      ]
    `);
  });

  it.each(fused.map((found) => [`${found.spec.name}: ${found.example.title}`, found] as const))(
    "%s",
    (_, found) => {
      const { regions, cost, node } = searched(found.spec, found.example);
      expect(regions).toHaveLength(1);
      const [region] = regions as [AttentionRegion];
      expect([region.form, region.anchor]).toEqual(["fused", node]);
      expect(region.roles.fused).toEqual([node]);
      expect(Object.values(region.sizes).map(text)).toEqual(Object.values(cost.attention!).map(text));
    },
  );
});

/** One node on inputs of its own. */
function only(
  op: string,
  inputs: readonly (readonly (number | string)[] | null)[],
  attributes: { readonly [name: string]: number },
) {
  const model = new SmallModel();
  model.opset = 24;
  const names = inputs.map((dims, i) => (dims === null ? "" : model.input(`in${i}`, dims)));
  const ints = Object.fromEntries(Object.entries(attributes).map(([name, int]) => [name, { int }]));
  const { regions } = model.search(model.node(op, names, ints));
  expect(regions).toHaveLength(1);
  return regions[0]!;
}

describe("what their attributes and inputs say", () => {
  const x = ["batch", "n", 8] as const;
  const heads = ["batch", 2, "n", 4] as const;
  const cache = ["batch", 2, "past", 4] as const;
  const mask = (region: AttentionRegion) => [region.mask.kind, region.mask.causal, region.mask.window];

  it("Attention of ONNX", () => {
    expect(mask(only("Attention", [heads, heads, heads], {}))).toEqual(["none", false, undefined]);
    expect(mask(only("Attention", [heads, heads, heads], { is_causal: 1 }))).toEqual([
      "inside",
      true,
      undefined,
    ]);
    const open = only("Attention", [heads, heads, heads, ["batch", 1, "n", "n"]], {});
    expect(mask(open)).toEqual(["inside", undefined, undefined]);
    const padding = only("Attention", [heads, heads, heads, ["batch", 1, 1, "n"]], {});
    expect(mask(padding)).toEqual(["inside", false, undefined]);
    const cached = only("Attention", [heads, heads, heads, null, cache, cache], {});
    expect([text(cached.pastLength), text(cached.sizes.keyLength)]).toEqual(["past", "n + past"]);
  });

  it("Attention of com.microsoft: projections inside, one input for all", () => {
    const model = new SmallModel();
    const input = model.layer(model.input("x", x), 8, 8);
    const value = model.node("com.microsoft.Attention", [input, model.weight(8, 24), model.weight(24)], {
      num_heads: { int: 2 },
      unidirectional: { int: 1 },
    });
    const [region] = model.search(model.layer(value, 8, 8)).regions;
    const { query, key, value: values, output } = region!.roles;
    expect([query, key, values].flat()).toEqual([]);
    expect(output.map(({ opType }) => opType)).toEqual(["MatMul", "Add"]);
    expect([region!.relation, ...mask(region!)]).toEqual(["self", "inside", true, undefined]);
  });

  it("Attention of com.microsoft: a mask of keys is padding, one with a row for each query may be anything", () => {
    const masked = (...dims: readonly (number | string)[]) =>
      only("com.microsoft.Attention", [x, [8, 24], [24], dims], { num_heads: 2 });
    expect(mask(masked("batch", "n"))).toEqual(["inside", false, undefined]);
    expect(mask(masked("batch", "n", "n"))).toEqual(["inside", undefined, undefined]);
  });

  it("FlexAttention: a graph that changes scores may hide any key", () => {
    const model = new SmallModel();
    const inputs = ["q", "k", "v"].map((name) => model.input(name, heads));
    const identity = {
      nodes: [{ op: "Identity", inputs: ["score"], outputs: ["same"] }],
      inputs: [{ name: "score", type: "float32" as const }],
      outputs: [{ name: "same", type: "float32" as const }],
    };
    const plain = model.node("ai.onnx.preview.FlexAttention", inputs);
    const changed = model.node("ai.onnx.preview.FlexAttention", inputs, { score_mod: { graph: identity } });
    const { regions } = model.search(model.node("Add", [plain, changed]));
    expect(regions.map(mask)).toEqual([
      ["none", false, undefined],
      ["inside", undefined, undefined],
    ]);
  });

  it("MultiHeadAttention: layers around it, another sequence", () => {
    const model = new SmallModel();
    const [own, other] = [model.input("x", x), model.input("context", ["batch", "m", 8])];
    const inputs = [model.layer(own, 8, 8), model.layer(other, 8, 8), model.layer(other, 8, 8)];
    const value = model.node("com.microsoft.MultiHeadAttention", inputs, { num_heads: { int: 2 } });
    const [region] = model.search(value).regions;
    const { query, key, value: values } = region!.roles;
    expect([query, key, values].map((nodes) => nodes.map(({ opType }) => opType).join())).toEqual(
      new Array(3).fill("MatMul,Add"),
    );
    expect([region!.relation, ...mask(region!)]).toEqual(["cross", "none", false, undefined]);
  });

  it("GroupQueryAttention: causal, with a window and a cache", () => {
    const kv = ["batch", "n", 4] as const;
    const old = ["batch", 1, "past", 4] as const;
    const region = only("com.microsoft.GroupQueryAttention", [x, kv, kv, old, old], {
      num_heads: 2,
      kv_num_heads: 1,
      local_window_size: 16,
    });
    expect(mask(region)).toEqual(["inside", true, 16]);
    expect([region.sizes.kvHeads, text(region.pastLength)]).toEqual([1, "past"]);
  });

  it("LongformerAttention: a window on both sides", () => {
    const region = only("com.microsoft.LongformerAttention", [x, [8, 24], [24]], { num_heads: 2, window: 4 });
    expect(mask(region)).toEqual(["inside", false, 9]);
    expect(region.sizes.keyLength).toBe(9);
  });

  it("DecoderMaskedMultiHeadAttention: a shared cache holds the new keys too", () => {
    const one = ["batch", 1, 8] as const;
    const old = ["batch", 2, 16, 4] as const;
    const region = only(
      "com.microsoft.DecoderMaskedMultiHeadAttention",
      [one, one, one, null, null, old, old],
      {
        num_heads: 2,
        past_present_share_buffer: 1,
      },
    );
    expect(mask(region)).toEqual(["inside", true, undefined]);
    expect([text(region.sizes.keyLength), text(region.pastLength)]).toEqual(["16", "15"]);
  });
});
