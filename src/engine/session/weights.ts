import { opsetOf } from "../../core/model/opset";
import type { Graph, TensorRef } from "../../core/model/types";
import { heldTensors } from "../../core/ops/held";
import { operator } from "../../core/ops/index";
import type { ModelState } from "./state";

/**
 * The distinct stored tensors that a node reads: initializers of its graph or of one around it, constants, and what its
 * attributes hold.
 */
export function tensorsOf(state: ModelState, position: number): readonly TensorRef[] {
  const tensors = new Set<TensorRef>();
  const node = state.nodes[position]!;
  for (const input of node.inputs) {
    const tensor = input === "" ? undefined : storedTensor(state, state.graphs[position]!, input);
    if (tensor !== undefined) {
      tensors.add(tensor);
    }
  }
  const opset = opsetOf(state.model, state.graphs[position]!, node.domain);
  for (const tensor of heldTensors(operator(node.domain, node.opType, opset), node)) {
    tensors.add(tensor);
  }
  return [...tensors];
}

const constants = new WeakMap<ModelState, Map<Graph, Map<string, TensorRef>>>();

function storedTensor(state: ModelState, graph: Graph, name: string): TensorRef | undefined {
  for (let at: Graph | undefined = graph; at !== undefined; at = at.parent) {
    const found = at.initializers.get(name) ?? constantsOf(state).get(at)?.get(name);
    if (found !== undefined) {
      return found;
    }
  }
  return undefined;
}

function constantsOf(state: ModelState): Map<Graph, Map<string, TensorRef>> {
  let found = constants.get(state);
  if (found === undefined) {
    found = new Map();
    for (const [position, node] of state.nodes.entries()) {
      const value =
        node.opType === "Constant" && node.domain === "" ? node.attributes.get("value") : undefined;
      if (value?.type === "tensor") {
        const graph = state.graphs[position]!;
        const inGraph = found.get(graph) ?? new Map<string, TensorRef>();
        found.set(graph, inGraph.set(node.outputs[0] ?? "", value.value));
      }
    }
    constants.set(state, found);
  }
  return found;
}
