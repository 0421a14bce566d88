import { readNames } from "../model/order";
import type { Graph, Node } from "../model/types";

interface Visit {
  readonly node: number;
  readonly leaving: boolean;
}

/**
 * The order in which onnxruntime runs a graph one node at a time: it walks back from the nodes that nobody reads, the
 * last of the file first, and of what a node reads it runs the later nodes of the file first. That is another order
 * than the file's wherever branches meet, and other values are alive in it. Nodes of a cycle come last.
 */
export function runtimeOrder(graph: Graph): readonly Node[] {
  const { nodes } = graph;
  const sources = sourcesOf(nodes);
  const isRead = new Uint8Array(nodes.length);
  for (const source of sources.flat()) {
    isRead[source] = 1;
  }
  const stack: Visit[] = nodes.flatMap((_, node) => (isRead[node] === 1 ? [] : [{ node, leaving: false }]));
  const seen = new Uint8Array(nodes.length);
  const order: Node[] = [];
  for (let visit = stack.pop(); visit !== undefined; visit = stack.pop()) {
    const { node, leaving } = visit;
    if (leaving) {
      order.push(nodes[node] as Node);
    } else if (seen[node] === 0) {
      seen[node] = 1;
      stack.push({ node, leaving: true });
      for (const source of sources[node] ?? []) {
        if (seen[source] === 0) {
          stack.push({ node: source, leaving: false });
        }
      }
    }
  }
  return order.length === nodes.length ? order : [...order, ...nodes.filter((_, node) => seen[node] === 0)];
}

/** For each node those that it reads from, in file order, each once. */
function sourcesOf(nodes: readonly Node[]): readonly (readonly number[])[] {
  const makers = new Map<string, number>();
  nodes.forEach(({ outputs }, node) => {
    for (const output of outputs) {
      if (output !== "") {
        makers.set(output, node);
      }
    }
  });
  return nodes.map((node, reader) => {
    const found = new Set<number>();
    for (const name of readNames(node)) {
      const maker = makers.get(name);
      if (maker !== undefined && maker !== reader) {
        found.add(maker);
      }
    }
    return [...found].sort((a, b) => a - b);
  });
}
