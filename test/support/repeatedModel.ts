import type { Graph, Model, Node, TensorRef } from "../../src/core/model/types";

/** A model with the nodes and initializers of another, so many times over the same inputs: for measuring speed. */
export function repeated(model: Model, times: number): Model {
  const nodes: Node[] = [];
  const initializers = new Map<string, TensorRef>();
  const inputs = new Set(model.graph.inputs.map((input) => input.name));
  for (let copy = 0; copy < times; copy++) {
    const rename = (name: string): string => (name === "" || inputs.has(name) ? name : `${name}#${copy}`);
    for (const [name, tensor] of model.graph.initializers) {
      initializers.set(rename(name), { ...tensor, name: rename(name) });
    }
    for (const node of model.graph.nodes) {
      nodes.push({
        ...node,
        id: nodes.length,
        inputs: node.inputs.map(rename),
        outputs: node.outputs.map(rename),
      });
    }
  }
  const graph: Graph = { ...model.graph, nodes, initializers, valueInfo: new Map(), outputs: [] };
  return { ...model, graph, nextNodeId: nodes.length };
}
