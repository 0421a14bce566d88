import { normalDomain } from "./readNode";
import type { Graph, Model } from "./types";

/** What the onnxruntime of package.json runs at most: a newer operator set or format of files is refused. */
export const NEWEST_OPSET = 26;
export const NEWEST_IR = 13;

/** The operator set version at which a domain is imported where a graph stands; functions import their own. */
export function opsetOf(model: Model, graph: Graph, domain: string): number {
  let outermost = graph;
  while (outermost.parent !== undefined) {
    outermost = outermost.parent;
  }
  const owner = model.functions.find((definition) => definition.graph === outermost);
  return (owner?.opsets ?? model.opsets).get(normalDomain(domain)) ?? 1;
}
