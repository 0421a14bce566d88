import { format, mul } from "../expr";
import type { Inference } from "../infer/types";
import type { NodeId } from "../model/types";
import { scoreCount } from "../ops/attention";
import { findAttention } from "../patterns/attention/index";
import type { AttentionRegion } from "../patterns/attention/types";
import { bitsPerElement } from "../tensor/dtype";
import type { FindingContext, NodeFindingRule } from "./types";

const known = new WeakMap<Inference, ReadonlyMap<NodeId, AttentionRegion>>();

/** Attention that is written out: onnxruntime loads it as it is, and keeps every score in memory. */
export const unfusedAttention: NodeFindingRule = {
  scope: "node",
  code: "unfused-attention",
  severity: "info",
  look(context) {
    const region = context.node.opType === "Softmax" ? regionsOf(context).get(context.node.id) : undefined;
    if (region === undefined) {
      return undefined;
    }
    const { graph, inference, node } = context;
    const scores = scoreCount(region.sizes);
    const bits = bitsPerElement(inference.fact(graph, node.inputs[0] ?? "").dtype ?? "float32");
    const size = scores === undefined ? "all scores" : `${format(mul(scores, bits / 8))} bytes of scores`;
    const where = region.roles.scores[0];
    const from = where === undefined ? "" : ` from ${where.name || where.opType} on`;
    return {
      message: `This attention is written out${from}, which no fused kernel takes: ${size} lie in memory at a time.`,
      fixes: [],
    };
  },
};

/** Looked for once for all nodes of a model. */
function regionsOf({ model, inference }: FindingContext): ReadonlyMap<NodeId, AttentionRegion> {
  let regions = known.get(inference);
  if (regions === undefined) {
    const found = findAttention(model, inference).regions.filter(({ form }) => form === "decomposed");
    regions = new Map(found.map((region) => [region.anchor.id, region]));
    known.set(inference, regions);
  }
  return regions;
}
