import type { Graph, Node } from "../../../core/model/types";
import type { TraceNode } from "../../../protocol/profiler";
import { append } from "./lists";
import type { OriginalGraph } from "./original";

/**
 * The node of the graph that ran for each kernel of the main graph, by position in the trace. Names tell most nodes; a
 * node without one has the number that the original graph gave it, and the outputs of the node with that number. What
 * is left shares operator and name, and is told apart by its turn, since trace and graph are in the same order.
 *
 * @param ran the optimised main graph as onnxruntime wrote it
 */
export function alignTrace(
  trace: readonly TraceNode[],
  original: OriginalGraph,
  ran: Graph,
): readonly (Node | undefined)[] {
  const byOutput = new Map<string, Node>();
  const waiting = new Map<string, Node[]>();
  for (const node of ran.nodes.toReversed()) {
    append(waiting, keyOf(node.opType, node.name), node);
    for (const output of node.outputs) {
      byOutput.set(output, node);
    }
  }
  const taken = new Set<Node>();
  const free = (node: Node | undefined): Node | undefined => {
    if (node === undefined || taken.has(node)) {
      return undefined;
    }
    taken.add(node);
    return node;
  };
  const next = (key: string): Node | undefined => {
    const queue = waiting.get(key) ?? [];
    while (queue.length > 0) {
      const node = free(queue.pop());
      if (node !== undefined) {
        return node;
      }
    }
    return undefined;
  };
  const byNumber = trace.map(({ op, name, nodeIndex, parent }) => {
    if (parent >= 0 || !isInvented(op, name, nodeIndex)) {
      return undefined;
    }
    const output = original.numbered(nodeIndex, op, name)?.outputs.find((value) => value !== "");
    const node = output === undefined ? undefined : byOutput.get(output);
    return node?.opType === op ? free(node) : undefined;
  });
  return trace.map(({ op, name, nodeIndex, parent }, index) => {
    if (parent >= 0) {
      return undefined;
    }
    const nameless = isInvented(op, name, nodeIndex) ? keyOf(op, "") : undefined;
    return byNumber[index] ?? next(keyOf(op, name)) ?? (nameless === undefined ? undefined : next(nameless));
  });
}

/** onnxruntime's trace calls a node without a name by its operator and number. */
function isInvented(op: string, name: string, nodeIndex: number): boolean {
  return name === `${op}_${nodeIndex}`;
}

function keyOf(op: string, name: string): string {
  return `${op}\n${name}`;
}
