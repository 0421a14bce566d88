import { ModelError } from "../errors";
import { subgraphsOf } from "../model/subgraphs";
import type { Graph, Model, Node } from "../model/types";
import { indexOf } from "./graphIndex";

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
  for (const owner of indexOf(graph).owners) {
    for (const subgraph of subgraphsOf(owner)) {
      yield* graphAndBelow(subgraph);
    }
  }
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
    indexOf(graph).makers.get(value).length > 0
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

/** A name like the wanted one that no value and no node of the model has, nor any of `others`. */
export function freshName(model: Model, wanted: string, others: readonly string[] = []): string {
  const isUsed = (name: string) =>
    others.includes(name) ||
    [...allGraphs(model)].some(
      (graph) =>
        definesItself(graph, name) ||
        graph.outputs.some((output) => output.name === name) ||
        indexOf(graph).named.get(name).length > 0,
    );
  let name = wanted;
  for (let suffix = 2; isUsed(name); suffix++) {
    name = `${wanted}_${suffix}`;
  }
  return name;
}

/** One input of one node. */
export interface Read {
  readonly graph: Graph;
  readonly node: Node;
  readonly index: number;
}

/** Every node input of a graph, and of the graphs inside it, that reads the value; those of the file in its order. */
export function readsOf(graph: Graph, value: string): readonly Read[] {
  const reads: Read[] = [];
  for (const inner of graphAndBelow(graph)) {
    for (const node of indexOf(inner).readers.get(value)) {
      node.inputs.forEach((input, index) => {
        if (input === value) {
          reads.push({ graph: inner, node, index });
        }
      });
    }
  }
  return reads.sort((a, b) => a.node.id - b.node.id || a.index - b.index);
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
