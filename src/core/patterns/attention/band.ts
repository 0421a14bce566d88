import { divideExact, equal } from "../../expr";
import type { Dim } from "../../facts/fact";
import type { Node } from "../../model/types";
import type { AttentionSizes } from "../../ops/attentionSizes";
import { isOp, type SearchGraph } from "./graph";
import type { ScorePath } from "./scorePath";
import type { Traces } from "./sizes";
import type { AttentionMask } from "./types";

export interface Band {
  readonly sizes: AttentionSizes;
  readonly mask: AttentionMask;
}

/**
 * Attention to a band of keys around each query, as Longformer is exported: products of blocks are written into scores
 * (batch, queries, heads, keys of the band), so that the shapes of the products say nothing of the lengths. Undefined
 * where the scores are products as they come.
 */
export function bandOf(
  search: SearchGraph,
  softmax: Node,
  { between }: ScorePath,
  traces: Traces,
  blocks: AttentionSizes,
): Band | undefined {
  const [batch, second, third, keys] = search.fact(softmax.outputs[0] ?? "").shape ?? [];
  const isAssembled = between.some((node) => isOp(node, "ScatterND", "ScatterElements"));
  const heads = headsOf(search, traces, blocks.headDim);
  if (!isAssembled || typeof keys !== "number" || heads === undefined || second === undefined) {
    return undefined;
  }
  const isSecond = equal(second, heads);
  const queries = isSecond ? third : second;
  if (!isSecond && (third === undefined || !equal(third, heads))) {
    return undefined;
  }
  const sizes = { ...blocks, batch, heads, kvHeads: heads, queryLength: queries, keyLength: keys };
  const evidence = `scores of ${keys} keys around each query`;
  return { sizes, mask: { kind: "added", causal: false, window: keys, relativeBias: false, evidence } };
}

function headsOf(search: SearchGraph, { query }: Traces, headDim: Dim): Dim {
  const [layer] = query.layers;
  const width = layer && search.fact(layer.output).shape?.at(-1);
  return width === undefined || headDim === undefined || headDim === 0
    ? undefined
    : divideExact(width, headDim);
}
