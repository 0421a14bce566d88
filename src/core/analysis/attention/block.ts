import type { AttentionPart } from "../../../protocol/attention";
import { type Expr, equal, symbolsOf } from "../../expr";
import type { Inference } from "../../infer/types";
import type { Model } from "../../model/types";
import type { AttentionFindings, AttentionRegion } from "../../patterns/attention/types";
import { type BlockMemory, memoryOf } from "./memory";
import { type Figures, type Share, sharesOf, sumOfShares } from "./parts";
import { type Repeat, Repeats } from "./repeats";

/** A block's cost as algebra: formulas over the model's dims. */
export interface Block {
  readonly region: AttentionRegion;
  readonly runs: Repeat;
  readonly shares: readonly Share[];
  readonly parts: { readonly [part in AttentionPart]: Figures };
  /** Of all parts together. */
  readonly whole: Figures;
  readonly memory: BlockMemory;
  /** Whether decoding keeps its keys and values. */
  readonly cached: boolean;
}

/** Blocks in the order of the findings. */
export function blocksOf(
  model: Model,
  inference: Inference,
  { regions }: AttentionFindings,
): readonly Block[] {
  const repeats = new Repeats(model, inference);
  const decodes = regions.some(isDecoder);
  return regions.map((region): Block => {
    const shares = sharesOf(inference, region, repeats.of(region.graph).count);
    return {
      region,
      runs: repeats.ofNode(region.graph, region.anchor),
      shares,
      parts: partsOf(shares),
      whole: sumOfShares(shares),
      memory: memoryOf(model, inference, region),
      cached: isDecoder(region) || (region.relation === "cross" && decodes),
    };
  });
}

export function partsOf(shares: readonly Share[]): { readonly [part in AttentionPart]: Figures } {
  const of = (part: AttentionPart) => sumOfShares(shares.filter((share) => share.part === part));
  return {
    projections: of("projections"),
    scores: of("scores"),
    softmax: of("softmax"),
    weightedSum: of("weightedSum"),
    other: of("other"),
  };
}

/** Shares of many blocks, each node once: layers may share a projection. */
export function distinctShares(blocks: readonly Block[]): readonly Share[] {
  const seen = new Set<number>();
  const distinct: Share[] = [];
  for (const { shares } of blocks) {
    distinct.push(...shares.filter(({ node }) => !seen.has(node.id)));
    for (const { node } of shares) {
      seen.add(node.id);
    }
  }
  return distinct;
}

function isDecoder({ mask, pastLength, relation }: AttentionRegion): boolean {
  return relation === "self" && (mask.causal === true || hasPast(pastLength));
}

export function hasPast(past: Expr | undefined): past is Expr {
  return past !== undefined && !equal(past, 0) && (typeof past === "number" || symbolsOf(past).size > 0);
}
