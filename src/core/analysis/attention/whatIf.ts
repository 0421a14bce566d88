import type { WhatIf } from "../../../protocol/attention";

/** One block at one length, or several that are alike; all amounts are those of one. */
export interface BlockAt {
  readonly count: number;
  readonly queries: number;
  readonly keys: number;
  readonly heads: number;
  readonly kvHeads: number;
  readonly headDim: number;
  readonly valueHeadDim: number;
  /** FLOPs of the scores' product; of softmax and weighted sum; of masks and scaling; of what does not grow with the scores. */
  readonly scores: number;
  readonly afterScores: number;
  readonly masks: number;
  readonly rest: number;
  /** Number of scores that these FLOPs are for. */
  readonly pairs: number;
  /** FLOPs of linear layers, by what they make; a layer that makes several is in `queryKeyValue` or `keyValue`. */
  readonly projections: { readonly [layer in Layer]: number };
  readonly scoreBytes: number;
  readonly cacheBytes: number;
}

export const LAYERS = ["query", "key", "value", "keyValue", "queryKeyValue", "output"] as const;
export type Layer = (typeof LAYERS)[number];

/** What is drawn of the blocks. */
export interface Drawn {
  readonly attention: number;
  readonly projections: number;
  readonly scoreBytes: number;
  readonly cacheBytes: number;
}

/** How a change acts on one block: factors on what it has now. */
interface Factors {
  readonly scores: number;
  readonly afterScores: number;
  readonly masks: number;
  readonly rest: number;
  /** FLOPs that come on top. */
  readonly extra: number;
  readonly scoreBytes: number;
  readonly cacheBytes: number;
  readonly layer: (layer: Layer) => number;
}

const SAME: Factors = {
  scores: 1,
  afterScores: 1,
  masks: 1,
  rest: 1,
  extra: 0,
  scoreBytes: 1,
  cacheBytes: 1,
  layer: () => 1,
};

/** The blocks as they are, or as they would be. */
export function drawn(blocks: readonly BlockAt[], whatIf?: WhatIf): Drawn {
  let attention = 0;
  let projections = 0;
  let scoreBytes = 0;
  let cacheBytes = 0;
  for (const block of blocks) {
    const by = whatIf === undefined ? SAME : factorsOf(whatIf, block);
    const { scores, afterScores, masks, rest, count } = block;
    attention +=
      count *
      (scores * by.scores + afterScores * by.afterScores + masks * by.masks + rest * by.rest + by.extra);
    for (const layer of LAYERS) {
      projections += count * block.projections[layer] * by.layer(layer);
    }
    scoreBytes = Math.max(scoreBytes, block.scoreBytes * by.scoreBytes);
    cacheBytes += count * block.cacheBytes * by.cacheBytes;
  }
  return { attention, projections, scoreBytes, cacheBytes };
}

function factorsOf(whatIf: WhatIf, block: BlockAt): Factors {
  switch (whatIf.kind) {
    case "window":
      return fewerKeys(block, whatIf.width, true);
    case "blockLocal":
      return fewerKeys(block, whatIf.block, true);
    case "strided": {
      const far = Math.max(0, block.keys - whatIf.window);
      return fewerKeys(block, whatIf.window + Math.ceil(far / whatIf.stride), false);
    }
    case "topK": {
      const kept = part(Math.min(block.keys, whatIf.k), block.keys);
      // One comparison for each score is the least that choosing costs.
      return { ...SAME, afterScores: kept, extra: kept < 1 ? block.pairs : 0 };
    }
    case "heads":
      return fewerHeads(block, whatIf.heads);
    case "kvHeads": {
      const kept = part(Math.min(whatIf.kvHeads, block.heads), block.kvHeads);
      return { ...SAME, cacheBytes: kept, layer: (layer) => layerFactor(block, layer, 1, kept) };
    }
  }
}

/** Each query sees `keys` keys at most; whether the cache may forget the others. */
function fewerKeys(block: BlockAt, keys: number, forgets: boolean): Factors {
  const kept = part(Math.min(block.keys, keys), block.keys);
  return {
    ...SAME,
    scores: kept,
    afterScores: kept,
    masks: kept,
    scoreBytes: kept,
    cacheBytes: forgets ? kept : 1,
  };
}

/** Groups that share keys and values keep their size as far as that goes. */
function fewerHeads(block: BlockAt, heads: number): Factors {
  const kept = part(heads, block.heads);
  const kvKept = part(Math.max(1, Math.round(block.kvHeads * kept)), block.kvHeads);
  return {
    ...SAME,
    scores: kept,
    afterScores: kept,
    masks: kept,
    rest: kept,
    scoreBytes: kept,
    cacheBytes: kvKept,
    layer: (layer) => layerFactor(block, layer, kept, kvKept),
  };
}

/** Width of a layer's result with other numbers of heads, as a part of its width now. */
function layerFactor(block: BlockAt, layer: Layer, heads: number, kvHeads: number): number {
  const query = block.heads * block.headDim;
  const key = block.kvHeads * block.headDim;
  const value = block.kvHeads * block.valueHeadDim;
  switch (layer) {
    case "query":
    case "output":
      return heads;
    case "key":
    case "value":
    case "keyValue":
      return kvHeads;
    case "queryKeyValue":
      return part(query * heads + (key + value) * kvHeads, query + key + value);
  }
}

const part = (some: number, all: number): number => (all > 0 ? some / all : 1);
