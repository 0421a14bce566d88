import { rotaryCost } from "../attention";
import { contraction } from "../contraction";
import { ROTARY_FLOPS } from "../conventions";
import { dividedBy, firstKnown, plus, product, tensorFact, times } from "../dims";
import { constant, f32, fed, of } from "../example";
import { elementCost, flopsOf, perElement, together } from "../pricing";
import { scalarOf } from "../small";
import type { OpSpec } from "../spec";

/** Relative and rotary positions in onnxruntime's domain. */

/** Per score: distance, comparison, logarithm for far ones, and the look-up's address. */
const BUCKET_FLOPS = 10;

const relativePositionBias: OpSpec = {
  domain: "com.microsoft",
  name: "RelativePositionBias",
  since: 1,
  inputs: ["bias_table", "query_length", "key_length"],
  outputs: ["output"],
  infer(ctx) {
    const { dtype, shape } = ctx.input(0);
    const lengths = [scalarOf(ctx.input(1)), scalarOf(ctx.input(2))];
    ctx.output(0, tensorFact(dtype, [1, shape?.[1], ...lengths]));
  },
  cost(ctx) {
    const [, , ...lengths] = ctx.outputFact(0).shape ?? [undefined, undefined, undefined];
    return elementCost(product(lengths), BUCKET_FLOPS, "the bucket of each distance", "estimate");
  },
  examples: [
    {
      title: "as in T5",
      opset: 1,
      inputs: [f32(32, 4), constant("int64", [1], [3]), constant("int64", [1], [3])],
      attributes: { max_distance: 128, is_bidirectional: 1 },
      outputs: [f32(1, 4, 3, 3)],
      macs: 0,
      other: 9 * BUCKET_FLOPS,
      noKernel: "Could not find an implementation",
    },
  ],
};

const gatedRelativePositionBias: OpSpec = {
  domain: "com.microsoft",
  name: "GatedRelativePositionBias",
  since: 1,
  inputs: ["query_layer", "query_bias", "rel_pos", "weight", "bias", "eco_a", "token_offset"],
  outputs: ["output"],
  infer(ctx) {
    const query = ctx.input(0).shape;
    const batch = query?.length === 3 ? query[0] : ctx.input(6).shape?.[0];
    const lengths = ctx.input(2).shape?.slice(2) ?? [undefined, undefined];
    ctx.output(0, tensorFact(ctx.input(0).dtype, [batch, ctx.maybeInt("num_heads"), ...lengths]));
  },
  cost(ctx) {
    const heads = ctx.maybeInt("num_heads");
    const rows = times(product(ctx.input(0).shape?.slice(0, -1)), heads);
    const [features, columns] = ctx.input(3).shape ?? [];
    const gates = contraction({
      kept: [rows, columns],
      summed: [features],
      extras: [perElement(times(rows, columns), 2 + flopsOf("Sigmoid"), "biases, sums and gates")],
    });
    return together(
      { ...gates, rule: `gates: ${gates.rule}` },
      elementCost(product(ctx.outputFact(0).shape), 1, "gating the bias of each score", "exact"),
    );
  },
  examples: [
    {
      title: "as in WavLM",
      opset: 1,
      inputs: [f32("batch", 3, 8), f32(8), f32(1, 2, 3, 3), f32(4, 6), f32(6), f32(1, 2, 1, 1)],
      attributes: { num_heads: 2 },
      bindings: { batch: 2 },
      outputs: [f32("batch", 2, 3, 3)],
      macs: 2 * 3 * 2 * 6 * 4,
      noKernel: "Could not find an implementation",
    },
  ],
};

const gemmaRotaryEmbedding: OpSpec = {
  domain: "com.microsoft",
  name: "GemmaRotaryEmbedding",
  since: 1,
  inputs: ["emb", "q", "q_rot", "k", "k_rot"],
  outputs: ["output1", "output2"],
  infer(ctx) {
    ctx.output(0, tensorFact(ctx.input(1).dtype, firstShape(ctx.input(1).shape, ctx.input(2).shape)));
    ctx.output(1, tensorFact(ctx.input(3).dtype, firstShape(ctx.input(3).shape, ctx.input(4).shape)));
  },
  cost(ctx) {
    const turned = plus(product(ctx.input(1).shape), product(ctx.input(3).shape));
    return together(
      elementCost(
        product(ctx.input(0).shape),
        flopsOf("Sin") + flopsOf("Cos"),
        "sine and cosine",
        "estimate",
      ),
      elementCost(turned, ROTARY_FLOPS, "two products, one sum", "exact"),
    );
  },
  examples: [
    {
      title: "queries and keys",
      opset: 1,
      inputs: [f32("batch", 3, 4), ...Array.from({ length: 4 }, () => of("float16", "batch", 2, 3, 4))],
      bindings: { batch: 2 },
      outputs: [of("float16", "batch", 2, 3, 4), of("float16", "batch", 2, 3, 4)],
      macs: 0,
      other: 24 * 8 + 96 * ROTARY_FLOPS,
      noKernel: "of operator (GemmaRotaryEmbedding) in node (node) is invalid",
    },
  ],
};

function firstShape<T>(a: T | undefined, b: T | undefined): T | undefined {
  return a ?? b;
}

/** Three positions for each token: time, height and width of an image patch. */
const mRotaryEmbedding: OpSpec = {
  domain: "com.microsoft",
  name: "MRotaryEmbedding",
  since: 1,
  inputs: ["input", "position_ids", "cos_cache", "sin_cache"],
  outputs: ["output"],
  infer: (ctx) => ctx.output(0, tensorFact(ctx.input(0).dtype, ctx.input(0).shape)),
  cost(ctx) {
    const { shape } = ctx.input(0);
    const width =
      shape?.length === 4 ? shape[3] : dividedBy(shape?.[2], firstKnown(ctx.maybeInt("num_heads")));
    return rotaryCost(product(shape), ctx.int("rotary_embedding_dim", 0), width);
  },
  examples: [
    {
      title: "three sections",
      opset: 1,
      inputs: [
        f32("batch", 2, 3, 8),
        fed("int64", [3, "batch", 3], [0, 1, 2, 0, 1, 2, 0, 1, 2]),
        f32(10, 4),
        f32(10, 4),
      ],
      attributes: { mrope_section: [2, 1, 1] },
      bindings: { batch: 1 },
      outputs: [f32("batch", 2, 3, 8)],
      macs: 0,
      other: 48 * ROTARY_FLOPS,
    },
  ],
};

export const microsoftPositionOps: readonly OpSpec[] = [
  relativePositionBias,
  gatedRelativePositionBias,
  gemmaRotaryEmbedding,
  mRotaryEmbedding,
];
