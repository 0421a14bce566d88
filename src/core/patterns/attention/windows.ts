import type { Node } from "../../model/types";
import type { AttentionSizes } from "../../ops/attentionSizes";
import { intsAttribute, isCarrier, isOp, type SearchGraph } from "./graph";
import type { LinearLayer } from "./products";

const MAX_STEPS = 8;

/**
 * Number of positions in each window of an image, where the block is given windows instead of the whole: a Transpose
 * of (batch, rows, height, columns, width, features) to (batch, rows, columns, height, width, features) in front of the
 * layer that makes the queries. Undefined for other blocks.
 */
export function imageWindow(
  search: SearchGraph,
  layer: LinearLayer | undefined,
  { queryLength }: AttentionSizes,
): number | undefined {
  if (layer === undefined || typeof queryLength !== "number") {
    return undefined;
  }
  let at = layer.input;
  for (let steps = 0; steps < MAX_STEPS; steps++) {
    const maker = search.maker(at);
    if (maker === undefined || !isCarrier(maker)) {
      return undefined;
    }
    if (swapsInner(maker)) {
      return queryLength;
    }
    at = maker.inputs[0] ?? "";
  }
  return undefined;
}

function swapsInner(node: Node): boolean {
  const order = isOp(node, "Transpose") ? intsAttribute(node, "perm") : undefined;
  return order?.join() === "0,1,3,2,4,5";
}
