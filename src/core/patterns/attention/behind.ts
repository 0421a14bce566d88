import type { Node } from "../../model/types";
import { isCarrier, isOp, type SearchGraph } from "./graph";
import { type LinearLayer, linearReading } from "./products";

const MAX_STEPS = 16;

/** What lies between the weighted sum and the linear layer that mixes the heads again. */
export function layerBehind(
  search: SearchGraph,
  value: string,
): { readonly layer: LinearLayer | undefined; readonly between: readonly Node[] } {
  const between: Node[] = [];
  for (let at = value; between.length < MAX_STEPS; ) {
    const readers = search.readers(at);
    for (const reader of readers) {
      const layer = linearReading(search, at, reader);
      if (layer !== undefined) {
        return { layer, between };
      }
    }
    const next = readers.find((reader) => isCarrier(reader) || isOp(reader, "Slice", "Concat"));
    if (next === undefined) {
      break;
    }
    between.push(next);
    at = next.outputs[0] ?? "";
  }
  return { layer: undefined, between: splitOnly(between) };
}

/** Without a layer behind them, only the nodes that put the heads together belong to the block. */
function splitOnly(nodes: readonly Node[]): readonly Node[] {
  const end = nodes.findIndex((node) => !isOp(node, "Transpose", "Reshape", "Cast", "Identity"));
  return end < 0 ? nodes : nodes.slice(0, end);
}
