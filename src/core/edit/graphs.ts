import { ModelError } from "../errors";
import type { Graph, Model, Node } from "../model/types";

/** The main graph, then every subgraph behind its node, then the bodies of local functions. */
export function* allGraphs(model: Model): Generator<Graph> {
  yield* graphAndBelow(model.graph);
  for (const definition of model.functions) {
    yield* graphAndBelow(definition.graph);
  }
}

/** A graph, then every subgraph behind its node. */
export function* graphAndBelow(graph: Graph): Generator<Graph> {
  yield graph;
  for (const subgraph of subgraphsIn(graph.nodes)) {
    yield* graphAndBelow(subgraph);
  }
}

/** Graphs in a node's attributes. */
export function subgraphsOf(node: Node): readonly Graph[] {
  const graphs: Graph[] = [];
  for (const attribute of node.attributes.values()) {
    if (attribute.type === "graph") {
      graphs.push(attribute.value);
    } else if (attribute.type === "graphs") {
      graphs.push(...attribute.value);
    }
  }
  return graphs;
}

// Edits replace a graph's list of nodes and never change one, so that what is known of a list stays true.
const subgraphs = new WeakMap<readonly Node[], readonly Graph[]>();

function subgraphsIn(nodes: readonly Node[]): readonly Graph[] {
  const existing = subgraphs.get(nodes);
  if (existing !== undefined) {
    return existing;
  }
  const found = nodes.flatMap((node) => (node.attributes.size === 0 ? [] : subgraphsOf(node)));
  subgraphs.set(nodes, found);
  return found;
}

/** @throws ModelError when no graph has that path */
export function graphAt(model: Model, path: string): Graph {
  if (path === "") {
    return model.graph;
  }
  for (const graph of allGraphs(model)) {
    if (graph.path === path) {
      return graph;
    }
  }
  throw new ModelError("inconsistent", `The model has no graph at ${path}.`, { graph: path });
}

/** True when a graph itself makes a value, is given it or stores it. */
export function definesItself(graph: Graph, value: string): boolean {
  return (
    graph.initializers.has(value) ||
    graph.inputs.some(({ name }) => name === value) ||
    graph.nodes.some(({ outputs }) => outputs.includes(value))
  );
}

/** True when a new value of that name would meet another one: in the graph, in one around it or in one inside it. */
export function isNameTaken(graph: Graph, value: string): boolean {
  for (let at = graph.parent; at !== undefined; at = at.parent) {
    if (definesItself(at, value)) {
      return true;
    }
  }
  for (const inner of graphAndBelow(graph)) {
    if (definesItself(inner, value)) {
      return true;
    }
  }
  return false;
}

/** One input of one node. */
export interface Read {
  readonly graph: Graph;
  readonly node: Node;
  readonly index: number;
}

/** Every node input of a graph, and of the graphs inside it, that reads the value. */
export function readsOf(graph: Graph, value: string): readonly Read[] {
  const reads: Read[] = [];
  for (const inner of graphAndBelow(graph)) {
    for (const { node, index } of readersIn(inner.nodes, value)) {
      reads.push({ graph: inner, node, index });
    }
  }
  return reads;
}

/** True when the graph, or one inside it, gives the value out. */
export function isGivenOut(graph: Graph, value: string): boolean {
  for (const inner of graphAndBelow(graph)) {
    if (inner.outputs.some(({ name }) => name === value)) {
      return true;
    }
  }
  return false;
}

type Reader = Omit<Read, "graph">;

const indexes = new WeakMap<readonly Node[], ReadonlyMap<string, readonly Reader[]> | "asked once">();

/** A list that is asked twice is worth an index; between the edits of a long patch each is asked once. */
function readersIn(nodes: readonly Node[], value: string): readonly Reader[] {
  const index = indexes.get(nodes);
  if (index === undefined) {
    indexes.set(nodes, "asked once");
    return nodes.flatMap((node) => readersAt(node, (input) => input === value));
  }
  const built = index === "asked once" ? indexOf(nodes) : index;
  indexes.set(nodes, built);
  return built.get(value) ?? [];
}

function readersAt(node: Node, wanted: (input: string) => boolean): Reader[] {
  return node.inputs.flatMap((input, index) => (wanted(input) ? [{ node, index }] : []));
}

function indexOf(nodes: readonly Node[]): ReadonlyMap<string, readonly Reader[]> {
  const byValue = new Map<string, Reader[]>();
  for (const node of nodes) {
    node.inputs.forEach((input, index) => {
      const readers = byValue.get(input);
      if (readers === undefined) {
        byValue.set(input, [{ node, index }]);
      } else {
        readers.push({ node, index });
      }
    });
  }
  return byValue;
}

/** All names of values and nodes of a model, for making new ones that collide with none. */
export function allNames(model: Model): Set<string> {
  const names = new Set<string>();
  for (const graph of allGraphs(model)) {
    for (const name of graph.initializers.keys()) {
      names.add(name);
    }
    for (const { name } of [...graph.inputs, ...graph.outputs]) {
      names.add(name);
    }
    for (const node of graph.nodes) {
      names.add(node.name);
      for (const output of node.outputs) {
        names.add(output);
      }
    }
  }
  return names;
}
