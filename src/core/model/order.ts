import { subgraphsOf } from "./subgraphs";
import type { Graph, Node } from "./types";

/** Nodes in an order in which every value is made before it is read. */
export interface Order {
  readonly nodes: readonly Node[];
  /** The first node that the file has before one that it reads; undefined when the file's order serves. */
  readonly early: Node | undefined;
  /** Nodes in circles, and those that wait for them; they come last in `nodes`. */
  readonly blocked: ReadonlySet<Node>;
}

const NONE: readonly Graph[] = [];
const NOBODY: ReadonlySet<Node> = new Set();

/** All graphs below a node, its own and those of the nodes inside. */
function nestedGraphs(node: Node): readonly Graph[] {
  const own = subgraphsOf(node);
  return own.length === 0
    ? NONE
    : own.flatMap((graph) => [graph, ...graph.nodes.flatMap((inner) => nestedGraphs(inner))]);
}

/** Every name that a node reads: its inputs and what the graphs inside it take from outside or inside. */
export function readNames(node: Node): readonly string[] {
  const graphs = nestedGraphs(node);
  if (graphs.length === 0) {
    return node.inputs;
  }
  const names = [...node.inputs];
  for (const graph of graphs) {
    for (const inner of graph.nodes) {
      names.push(...inner.inputs);
    }
    for (const output of graph.outputs) {
      names.push(output.name);
    }
  }
  return names;
}

/** The file's order where it serves, else a stable topological order; names that no node here makes are taken as given. */
export function orderOf(graph: Graph): Order {
  const makers = new Map<string, number>();
  graph.nodes.forEach((node, i) => {
    for (const output of node.outputs) {
      if (output !== "") {
        makers.set(output, i);
      }
    }
  });
  const early = firstEarly(graph, makers);
  return early === undefined
    ? { nodes: graph.nodes, early, blocked: NOBODY }
    : { ...sort(graph, makers), early };
}

function firstEarly(graph: Graph, makers: ReadonlyMap<string, number>): Node | undefined {
  for (const [i, node] of graph.nodes.entries()) {
    for (const name of readNames(node)) {
      const maker = makers.get(name);
      // A name that only the graphs inside a node read may be one of their own, however the node calls its outputs.
      if (maker !== undefined && (maker > i || (maker === i && node.inputs.includes(name)))) {
        return node;
      }
    }
  }
  return undefined;
}

function sort(graph: Graph, makers: ReadonlyMap<string, number>): Omit<Order, "early"> {
  const waiting = new Int32Array(graph.nodes.length);
  const readers: number[][] = graph.nodes.map(() => []);
  graph.nodes.forEach((node, i) => {
    const sources = new Set<number>();
    for (const name of readNames(node)) {
      const maker = makers.get(name);
      if (maker !== undefined && (maker !== i || node.inputs.includes(name))) {
        sources.add(maker);
      }
    }
    waiting[i] = sources.size;
    for (const source of sources) {
      readers[source]?.push(i);
    }
  });
  const ready: number[] = [];
  waiting.forEach((count, i) => {
    if (count === 0) {
      ready.push(i);
    }
  });
  const nodes: Node[] = [];
  for (let next = 0; next < ready.length; next++) {
    const i = ready[next] as number;
    nodes.push(graph.nodes[i] as Node);
    for (const reader of readers[i] ?? []) {
      waiting[reader] = (waiting[reader] ?? 0) - 1;
      if (waiting[reader] === 0) {
        ready.push(reader);
      }
    }
  }
  const blocked = graph.nodes.filter((_, i) => (waiting[i] ?? 0) > 0);
  return { nodes: [...nodes, ...blocked], blocked: new Set(blocked) };
}
