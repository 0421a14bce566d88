import { describe, expect, it } from "vitest";
import { fixturePath } from "../session/support";
import { buildProfiler, opened } from "./support";

const profilerPath = buildProfiler();
/** So large that tensors dwarf the scalars and shapes of a few bytes that nodes hand each other. */
const TEXT = { batch: 16, sequence: 32 };
const IMAGE = { batch: 16, height: 64, width: 64 };

/** The band that onnxruntime's own graph leaves: what it fused at the peak is not held, what it reordered is held twice. */
const MODELS = [
  ["bert-torchscript", TEXT, 0.98, 1.02],
  ["bert-dynamo", TEXT, 0.98, 1.02],
  ["distilbert-dynamo", TEXT, 0.98, 1.02],
  // Activations and projections become one kernel each.
  ["gpt2-prefill", TEXT, 0.95, 1.02],
  ["gpt2-dynamo", TEXT, 0.8, 1.02],
  ["llama-prefill", TEXT, 0.88, 1.02],
  ["vit", IMAGE, 0.98, 1.02],
  // Bias and Gelu become one kernel, five of whose tensors are never stored.
  ["swin", IMAGE, 0.7, 1.02],
  ["convnext", IMAGE, 0.7, 1.02],
  // Convolutions run in a layout of blocks: a result is held beside its reordered copy. Which layout, the processor decides.
  ["resnet", IMAGE, 0.98, 1.35],
] as const;

async function ratioOf(name: string, sizes: { readonly [dim: string]: number }, unfused: boolean) {
  const model = opened(profilerPath, fixturePath(name), sizes);
  const { memory } = await model.profile({ runs: 1, warmup: 0, maxSeconds: 1, seed: 3, unfused });
  return memory!.peakBytes / memory!.estimatedBytes!;
}

describe("activations held at once", () => {
  it.each(MODELS)("are what was estimated for %s when its graph is run as it is", async (name, sizes) => {
    const ratio = await ratioOf(name, sizes, true);
    expect(ratio).toBeGreaterThan(0.99);
    expect(ratio).toBeLessThan(1.01);
  });

  it.each(MODELS)("of %s differ from the estimate by what was fused", async (name, sizes, low, high) => {
    const ratio = await ratioOf(name, sizes, false);
    expect(ratio).toBeGreaterThan(low);
    expect(ratio).toBeLessThan(high);
  });
});
