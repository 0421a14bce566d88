import type { Dim, Fact } from "../../facts/fact";
import { DEQUANTIZE_FLOPS, LAYER_NORM_FLOPS } from "../conventions";
import { broadcastDims, firstKnown, plus, product, tensorFact } from "../dims";
import { constant, f32, fed, of } from "../example";
import { LAYER_NORM_WORDS } from "../normalization";
import { elementCost, perElement, withExtras } from "../pricing";
import type { CostContext, ExampleInput, OpContext, OpCost, OpSpec } from "../spec";

/** Rows of the tables that the ids pick, (batch, sequence), their width, and the table of words. */
function embedding(ctx: OpContext): {
  readonly rows: readonly Dim[];
  readonly hidden: Dim;
  readonly tables: Fact;
} {
  const ids = broadcastDims(ctx.input(0).shape, ctx.hasInput(1) ? ctx.input(1).shape : []);
  const word = ctx.input(2);
  const hidden = firstKnown(word.shape?.[1], ctx.input(3).shape?.[1], ctx.input(5).shape?.[0]);
  return { rows: ids ?? [undefined, undefined], hidden, tables: word };
}

/** Reads one row of each table for each token, the ids, and the weights of the normalisation. */
function embeddingBytes(ctx: CostContext): Dim {
  const { rows, hidden, tables } = embedding(ctx);
  const row = ctx.bytes(tensorFact(tables.dtype, [...rows, hidden]));
  const read = [0, 1, 5, 6, 7, 8].filter((index) => ctx.hasInput(index));
  return plus(row, row, ctx.hasInput(4) ? row : 0, ...read.map((index) => ctx.bytes(ctx.input(index))));
}

function embedCost(ctx: CostContext): OpCost {
  const { rows, hidden } = embedding(ctx);
  const elements = product([...rows, hidden]);
  const cost = withExtras(elementCost(elements, LAYER_NORM_FLOPS, LAYER_NORM_WORDS, "estimate"), [
    perElement(elements, ctx.hasInput(4) ? 2 : 1, "summing the embeddings", false),
  ]);
  const readBytes = embeddingBytes(ctx);
  return readBytes === undefined ? cost : { ...cost, readBytes };
}

const embedLayerNorm: OpSpec = {
  domain: "com.microsoft",
  name: "EmbedLayerNormalization",
  since: 1,
  inputs: [
    "input_ids",
    "segment_ids",
    "word_embedding",
    "position_embedding",
    "segment_embedding",
    "gamma",
    "beta",
    "mask",
    "position_ids",
  ],
  outputs: ["output", "mask_index", "embedding_sum"],
  infer(ctx) {
    const { rows, hidden, tables } = embedding(ctx);
    ctx.output(0, tensorFact(tables.dtype, [...rows, hidden]));
    ctx.output(1, tensorFact("int32", [rows[0]]));
    ctx.output(2, tensorFact(tables.dtype, [...rows, hidden]));
  },
  cost: embedCost,
  examples: [
    {
      title: "BERT: words, positions, segments and a mask",
      opset: 1,
      inputs: [
        fed("int32", ["batch", "n"], [0, 1, 2, 3, 4, 5]),
        fed("int32", ["batch", "n"], [0, 0, 1, 0, 1, 1]),
        f32(10, 8),
        f32(6, 8),
        f32(2, 8),
        f32(8),
        f32(8),
        fed("int32", ["batch", "n"], [1, 1, 1, 1, 1, 0]),
      ],
      bindings: { batch: 2, n: 3 },
      outputs: [f32("batch", "n", 8), of("int32", "batch")],
      macs: 0,
      other: 48 * (LAYER_NORM_FLOPS + 2),
    },
    {
      title: "no segments, the sum as an output",
      opset: 1,
      inputs: [fed("int32", ["batch", 3], [0, 1, 2]), null, f32(10, 8), f32(6, 8), null, f32(8), f32(8)],
      bindings: { batch: 1 },
      outputs: [f32("batch", 3, 8), null, f32("batch", 3, 8)],
      other: 24 * (LAYER_NORM_FLOPS + 1),
    },
  ],
};

/** The same from quantised tables; each has its scale and zero point further on. */
const qEmbedLayerNorm: OpSpec = {
  domain: "com.microsoft",
  name: "QEmbedLayerNormalization",
  since: 1,
  inputs: [
    "input_ids",
    "segment_ids",
    "word_embedding_quant",
    "position_embedding_quant",
    "segment_embedding",
    "gamma_quant",
    "beta_quant",
    "mask",
    "word_embedding_scale",
    "position_embedding_scale",
    "segment_embedding_scale",
    "gamma_scale",
    "beta_scale",
    "word_embedding_zero_point",
    "position_embedding_zero_point",
    "segment_embedding_zero_point",
    "gamma_zero_point",
    "beta_zero_point",
  ],
  outputs: ["layernorm_out", "mask_index_out"],
  infer(ctx) {
    const { rows, hidden } = embedding(ctx);
    ctx.output(0, tensorFact(ctx.input(8).dtype, [...rows, hidden]));
    ctx.output(1, tensorFact("int32", [rows[0]]));
  },
  cost(ctx) {
    const { rows, hidden } = embedding(ctx);
    const read = product([...rows, hidden, ctx.hasInput(4) ? 3 : 2]);
    return withExtras(embedCost(ctx), [
      perElement(read, DEQUANTIZE_FLOPS, "dequantising the embeddings", false),
    ]);
  },
  examples: [
    {
      title: "words, positions and a mask",
      opset: 1,
      inputs: [
        fed("int32", ["batch", "n"], [0, 1, 2, 3, 4, 5]),
        fed("int32", ["batch", "n"], [0, 0, 1, 0, 1, 1]),
        of("uint8", 10, 8),
        of("uint8", 6, 8),
        of("uint8", 2, 8),
        of("uint8", 8),
        of("uint8", 8),
        fed("int32", ["batch", "n"], [1, 1, 1, 1, 1, 0]),
        ...new Array<ExampleInput>(5).fill(constant("float32", [], [0.5])),
        ...new Array<ExampleInput>(5).fill(constant("uint8", [], [1])),
      ],
      bindings: { batch: 2, n: 3 },
      outputs: [f32("batch", "n", 8), of("int32", "batch")],
      macs: 0,
      other: 48 * (LAYER_NORM_FLOPS + 2 + 3 * DEQUANTIZE_FLOPS),
    },
  ],
};

export const microsoftEmbedNormOps: readonly OpSpec[] = [embedLayerNorm, qEmbedLayerNorm];
