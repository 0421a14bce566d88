import { normalDomain } from "./readNode";
import type { Graph, Model } from "./types";

/** The operator set version at which a domain is imported where a graph stands; functions import their own. */
export function opsetOf(model: Model, graph: Graph, domain: string): number {
  let outermost = graph;
  while (outermost.parent !== undefined) {
    outermost = outermost.parent;
  }
  const owner = model.functions.find((definition) => definition.graph === outermost);
  return (owner?.opsets ?? model.opsets).get(normalDomain(domain)) ?? 1;
}
