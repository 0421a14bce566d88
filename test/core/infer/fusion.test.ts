import { describe, expect, test } from "vitest";
import { evaluate } from "../../../src/core/expr";
import { fixtures, inferFile } from "./fixtures";

/** The same network before and after somebody fused, quantised or re-expressed it: its multiplications stay the same. */
const SAME: readonly (readonly [string, ...string[]])[] = [
  ["bert-torchscript", "bert-fused", "bert-dynamic", "bert-qdq", "bert-attention23", "bert-opset11"],
  ["gpt2-prefill", "gpt2-optimised", "gpt2-dynamo"],
  ["gpt2-decode", "gpt2-fused", "gpt2-opset12"],
  ["llama-prefill", "llama-8bit", "llama-4bit-gather", "llama-opset23"],
  ["llama-decode", "llama-optimised", "llama-4bit"],
  ["bart", "bart-fused"],
  ["t5-decoder-past", "t5-decoder-fused"],
  ["vit", "vit-fused"],
  ["whisper-encoder", "whisper-encoder-optimised"],
  ["resnet", "resnet-qdq", "resnet-qdq-optimised", "resnet-qoperator"],
];

const known = new Map(fixtures().map((fixture) => [fixture.name, fixture]));

/** MACs of the main graph at the dims that the first model of the row was recorded at. */
function macs(name: string, dims: { readonly [dim: string]: number }): number {
  const { model, inference } = inferFile(known.get(name)?.path ?? "");
  const bindings = new Map(Object.entries(dims));
  return model.graph.nodes.reduce((sum, node) => {
    const amount = inference.cost(node.id).macs;
    return sum + (amount === undefined ? Number.NaN : (evaluate(amount, bindings) ?? Number.NaN));
  }, 0);
}

describe.each(SAME)("%s", (original, ...forms) => {
  const dims = known.get(original)?.facts.bindings[0]?.dims ?? {};

  test.each(forms)("as many MACs as %s", (form) => {
    expect(macs(form, dims)).toBe(macs(original, dims));
    expect(macs(original, dims)).toBeGreaterThan(0);
  });
});
