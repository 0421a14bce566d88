import { createHash } from "node:crypto";
import { expect } from "vitest";
import type { Attribute, Graph, Model, Node, TensorRef, ValueInfo } from "../../src/core/model/types";
import type { TensorReader } from "../../src/core/tensor/reader";

/** Everything that a model says, weights as hashes of their elements, without where it lies in a file. For comparing. */
export function modelContent(model: Model, reader: TensorReader): unknown {
  const { irVersion, producerName, producerVersion, domain, modelVersion, doc } = model;
  return {
    header: { irVersion, producerName, producerVersion, domain, modelVersion, doc },
    opsets: [...model.opsets],
    metadata: [...model.metadata],
    graph: graphContent(model.graph, reader),
    functions: model.functions.map((definition) => ({
      ...definition,
      opsets: [...definition.opsets],
      graph: graphContent(definition.graph, reader),
    })),
  };
}

/** Like toEqual, which takes seconds for the structure of a large model; it is asked only to show a difference. */
export function expectSame(actual: unknown, wanted: unknown): void {
  if (JSON.stringify(actual) !== JSON.stringify(wanted)) {
    expect(actual).toEqual(wanted);
    throw new Error(
      "The contents differ in the order of their fields or in a value that JSON alone tells apart.",
    );
  }
}

function graphContent(graph: Graph, reader: TensorReader): unknown {
  return {
    path: graph.path,
    name: graph.name,
    nodes: graph.nodes.map((node) => nodeContent(node, reader)),
    inputs: graph.inputs.map(valueContent),
    outputs: graph.outputs.map(valueContent),
    values: [...graph.valueInfo.values()].map(valueContent),
    initializers: [...graph.initializers.values()].map((tensor) => tensorContent(tensor, reader)),
  };
}

function nodeContent(node: Node, reader: TensorReader): unknown {
  const { name, domain, opType, overload, inputs, outputs, doc } = node;
  return {
    ...{ name, domain, opType, overload, inputs, outputs, doc },
    metadata: [...node.metadata],
    attributes: [...node.attributes].map(([key, value]) => [key, attributeContent(value, reader)]),
  };
}

function attributeContent(attribute: Attribute, reader: TensorReader): unknown {
  switch (attribute.type) {
    case "tensor":
      return tensorContent(attribute.value, reader);
    case "tensors":
      return attribute.value.map((tensor) => tensorContent(tensor, reader));
    case "graph":
      return graphContent(attribute.value, reader);
    case "graphs":
      return attribute.value.map((graph) => graphContent(graph, reader));
    default:
      return attribute;
  }
}

function valueContent({ name, kind, dtype, dims, doc }: ValueInfo): unknown {
  return { name, kind, dtype, dims, doc };
}

function tensorContent(tensor: TensorRef, reader: TensorReader): unknown {
  const { name, dtype, dims, sparse } = tensor;
  return {
    ...{ name, dtype, dims },
    elements: sparse === undefined && dtype !== "string" ? hashOf(tensor, reader) : "not dense numbers",
    ...(sparse === undefined ? {} : { indices: tensorContent(sparse.indices, reader) }),
  };
}

function hashOf(tensor: TensorRef, reader: TensorReader): string {
  const hash = createHash("sha256");
  for (const chunk of reader.raw(tensor)) {
    hash.update(chunk);
  }
  return hash.digest("hex");
}
