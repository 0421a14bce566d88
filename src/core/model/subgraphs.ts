import type { Attribute, Graph, Node } from "./types";

const NONE: readonly Graph[] = [];

/** Graphs that an attribute holds. */
export function graphsIn(attribute: Attribute): readonly Graph[] {
  return attribute.type === "graph"
    ? [attribute.value]
    : attribute.type === "graphs"
      ? attribute.value
      : NONE;
}

/** Graphs that a node holds as attributes: branches and bodies. */
export function subgraphsOf(node: Node): readonly Graph[] {
  let found: Graph[] | undefined;
  for (const attribute of node.attributes.values()) {
    if (attribute.type === "graph" || attribute.type === "graphs") {
      found ??= [];
      found.push(...graphsIn(attribute));
    }
  }
  return found ?? NONE;
}
