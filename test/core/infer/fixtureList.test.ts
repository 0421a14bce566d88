import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { fixtures } from "./fixtures";

const FOLDER = join(import.meta.dirname, "../../fixtures/models");
/** Bytes of all models and facts together, so that a clone stays quick. */
const LIMIT = 20e6;

/** What the suite is to have, with a fixture for each exporter or form of it. */
const WANTED: { readonly [what: string]: readonly string[] } = {
  DistilBERT: ["distilbert-torchscript", "distilbert-dynamo"],
  RoBERTa: ["roberta-torchscript", "roberta-dynamo"],
  "T5 encoder": ["t5-encoder", "t5-encoder-dynamo"],
  "T5 decoder": ["t5-decoder", "t5-decoder-dynamo", "t5-decoder-past"],
  MarianMT: ["marian", "marian-dynamo"],
  BART: ["bart", "bart-decoder-past"],
  "Whisper encoder": ["whisper-encoder", "whisper-encoder-optimised"],
  "Whisper decoder": ["whisper-decoder", "whisper-decoder-past"],
  CLIP: ["clip", "clip-dynamo"],
  Swin: ["swin", "swin-dynamo"],
  MobileNet: ["mobilenet", "mobilenet-dynamo"],
  EfficientNet: ["efficientnet-torchscript", "efficientnet"],
  "LSTM and GRU": ["lstm", "lstm-dynamo", "gru"],
  "a detector with non-maximum suppression": ["detector"],
  "a diffusion UNet": ["unet", "unet-dynamo"],
  "mixtures of experts": ["mixtral", "qwen-moe", "contrib-moe"],
  "sliding windows": ["mistral-decode", "mistral-dynamo", "gemma2", "gemma2-dynamo", "longformer"],
  "fixed axes": ["bert-fixed", "mobilenet-dynamo", "longformer"],
  "fused attention": ["bert-fused", "roberta-mha", "contrib-gqa", "contrib-mha", "bert-fused-dynamic"],
  "other fused operators": ["bart-fused", "gpt2-fused", "t5-decoder-fused", "vit-fused", "resnet-extended"],
  "old operator sets": ["resnet-opset7", "resnet-opset9", "bert-opset11", "gpt2-opset12"],
  "new operator sets": ["bert-attention23", "llama-opset23"],
  "local functions": ["functions", "functions-onnxscript"],
  "control flow": ["if-branches", "if-dynamo", "loop-nested", "loop-until", "loop-scripted", "scan"],
  sequences: ["sequences", "sequence-map"],
  "onnxruntime's quantisers": ["bert-qdq", "resnet-qdq", "resnet-qoperator", "bert-dynamic", "lstm-dynamic"],
  "weights in blocks": ["llama-4bit", "llama-8bit", "llama-4bit-gather"],
};

const names = fixtures(FOLDER).map(({ name }) => name);

test.each(Object.entries(WANTED))("there is %s", (_, wanted) => {
  expect(wanted.filter((name) => !names.includes(name))).toEqual([]);
});

test("all files together are below the limit", () => {
  const sizes = readdirSync(FOLDER).map((file) => statSync(join(FOLDER, file)).size);
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(LIMIT);
});
