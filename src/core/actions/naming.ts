import type { NodeRef } from "../../protocol/actions";
import { ModelError } from "../errors";
import type { Graph, Node } from "../model/types";

/** The node's name, or what stands for it where it has none. */
export function nameOf(node: Node): string {
  return node.name || node.outputs.find((name) => name !== "") || node.opType;
}

export function targetOf(graph: Graph, node: Node): NodeRef {
  const output = node.outputs.find((name) => name !== "") ?? "";
  return graph.path === "" ? { output } : { output, graph: graph.path };
}

/** "1 node", "2 nodes". */
export function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? "" : "s"}`;
}

export function notPossible(title: string, graph: Graph, node: Node, reason: string): ModelError {
  return new ModelError("inconsistent", `${title} is not possible at ${nameOf(node)}: ${reason}`, {
    graph: graph.path,
    node: nameOf(node),
  });
}
