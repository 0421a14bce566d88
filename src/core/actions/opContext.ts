import { type Fact, UNKNOWN } from "../facts/fact";
import type { Inference } from "../infer/types";
import type { Attribute, Graph, Node, TensorRef } from "../model/types";
import type { OpContext } from "../ops/spec";

/** A node as its operator sees it, after inference: what an action needs to ask an OpSpec about weights. */
export function opContext(graph: Graph, node: Node, inference: Inference, opset: number): OpContext {
  const attribute = <T extends Attribute["type"]>(name: string, type: T) => {
    const found = node.attributes.get(name);
    return found?.type === type ? (found as Extract<Attribute, { readonly type: T }>) : undefined;
  };
  const tensor = (index: number): TensorRef | undefined => initializer(graph, node.inputs[index] ?? "");
  return {
    node,
    opset,
    inputCount: node.inputs.length,
    outputCount: node.outputs.length,
    hasInput: (index) => (node.inputs[index] ?? "") !== "",
    hasOutput: (index) => (node.outputs[index] ?? "") !== "",
    input: (index) => inference.fact(graph, node.inputs[index] ?? ""),
    tensor,
    int: (name, fallback) => attribute(name, "int")?.value ?? fallback,
    maybeInt: (name) => attribute(name, "int")?.value,
    float: (name, fallback) => attribute(name, "float")?.value ?? fallback,
    string: (name, fallback) => attribute(name, "string")?.value ?? fallback,
    ints: (name) => attribute(name, "ints")?.value,
    floats: (name) => attribute(name, "floats")?.value,
    strings: (name) => attribute(name, "strings")?.value,
    attributeTensor: (name) => attribute(name, "tensor")?.value,
    factOf: ({ dtype, dims }): Fact => ({ ...UNKNOWN, dtype, shape: dims }),
    graph: (name) => attribute(name, "graph")?.value,
  };
}

/** The initializer behind a name, in this graph or one around it; a value made in between hides it. */
export function initializer(graph: Graph, name: string): TensorRef | undefined {
  for (let at: Graph | undefined = graph; at !== undefined; at = at.parent) {
    const tensor = at.initializers.get(name);
    if (tensor !== undefined) {
      return tensor;
    }
    if (at.parent === undefined) {
      return undefined;
    }
    if (
      at.nodes.some(({ outputs }) => outputs.includes(name)) ||
      at.inputs.some((input) => input.name === name)
    ) {
      return undefined;
    }
  }
  return undefined;
}
