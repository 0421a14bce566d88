import { ModelError } from "../errors";
import type { Graph, Model } from "../model/types";

/** The main graph, then every subgraph behind its node, then the bodies of local functions. */
export function* allGraphs(model: Model): Generator<Graph> {
  yield* graphAndBelow(model.graph);
  for (const definition of model.functions) {
    yield* graphAndBelow(definition.graph);
  }
}

function* graphAndBelow(graph: Graph): Generator<Graph> {
  yield graph;
  for (const node of graph.nodes) {
    for (const attribute of node.attributes.values()) {
      if (attribute.type === "graph") {
        yield* graphAndBelow(attribute.value);
      } else if (attribute.type === "graphs") {
        for (const subgraph of attribute.value) {
          yield* graphAndBelow(subgraph);
        }
      }
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

/** True when a value may be read in a graph: it is made, given or stored there or in a graph around it. */
export function isDefined(graph: Graph, value: string): boolean {
  for (let at: Graph | undefined = graph; at !== undefined; at = at.parent) {
    if (
      at.initializers.has(value) ||
      at.inputs.some(({ name }) => name === value) ||
      at.nodes.some(({ outputs }) => outputs.includes(value))
    ) {
      return true;
    }
  }
  return false;
}

/** True when some node of the graph or of a graph inside it reads the value, or the graph gives it out. */
export function isRead(graph: Graph, value: string): boolean {
  for (const inner of graphAndBelow(graph)) {
    if (
      inner.outputs.some(({ name }) => name === value) ||
      inner.nodes.some(({ inputs }) => inputs.includes(value))
    ) {
      return true;
    }
  }
  return false;
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
