import type { Attribute, Graph, Model, Node, TensorRef, ValueInfo } from "../../../src/core/model/types";
import type { ExampleAttribute, OpExample, OpSpec } from "../../../src/core/ops/spec";
import type { DType } from "../../../src/core/tensor/dtype";

/** A model of one node that an operator's example describes; `contents` has the elements of its constants. */
export interface ExampleModel {
  readonly model: Model;
  readonly node: Node;
  readonly contents: ReadonlyMap<TensorRef, readonly number[]>;
}

export function exampleModel(spec: OpSpec, example: OpExample): ExampleModel {
  const contents = new Map<TensorRef, readonly number[]>();
  const tensor = (
    name: string,
    dtype: DType,
    dims: readonly number[],
    content: readonly number[],
  ): TensorRef => {
    const ref: TensorRef = { name, dtype, dims, data: { kind: "memory", bytes: new Uint8Array() } };
    contents.set(ref, content);
    return ref;
  };
  const inputs: ValueInfo[] = [];
  const initializers = new Map<string, TensorRef>();
  const inputNames = example.inputs.map((input, i) => {
    if (input === null) {
      return "";
    }
    const name = `in${i}`;
    if (input.content === undefined) {
      inputs.push({ name, kind: "tensor", dtype: input.dtype, dims: input.shape, doc: "" });
    } else {
      initializers.set(name, tensor(name, input.dtype, input.shape as readonly number[], input.content));
    }
    return name;
  });
  const attributes = new Map<string, Attribute>();
  for (const [name, value] of Object.entries(example.attributes ?? {})) {
    attributes.set(name, attribute(value, tensor));
  }
  const node: Node = {
    id: 0,
    name: "node",
    domain: spec.domain,
    opType: spec.name,
    overload: "",
    inputs: inputNames,
    outputs: example.outputs.map((output, i) => (output === null ? "" : `out${i}`)),
    attributes,
    metadata: new Map(),
    doc: "",
  };
  const graph: Graph = {
    path: "",
    name: "example",
    parent: undefined,
    nodes: [node],
    inputs,
    outputs: [],
    valueInfo: new Map(),
    initializers,
    records: [],
  };
  return { model: modelOf(graph, new Map([[spec.domain, example.opset]])), node, contents };
}

export function modelOf(graph: Graph, opsets: ReadonlyMap<string, number>): Model {
  return {
    source: { name: "example", size: 0, read: () => undefined },
    irVersion: 10,
    producerName: "",
    producerVersion: "",
    domain: "",
    modelVersion: 0,
    doc: "",
    opsets: new Map([["", 21], ...opsets]),
    metadata: new Map(),
    graph,
    functions: [],
    records: [],
    problems: [],
    nextNodeId: graph.nodes.length,
  };
}

function attribute(
  value: ExampleAttribute,
  tensor: (name: string, dtype: DType, dims: readonly number[], content: readonly number[]) => TensorRef,
): Attribute {
  if (typeof value === "number") {
    return { type: Number.isInteger(value) ? "int" : "float", value };
  }
  if (typeof value === "string") {
    return { type: "string", value };
  }
  if ("tensor" in value) {
    const { dtype, dims, content } = value.tensor;
    return { type: "tensor", value: tensor("", dtype, dims, content) };
  }
  if ("float" in value) {
    return { type: "float", value: value.float };
  }
  if ("floats" in value) {
    return { type: "floats", value: value.floats };
  }
  if (value.some((item) => typeof item === "string")) {
    return { type: "strings", value: value as readonly string[] };
  }
  const numbers = value as readonly number[];
  return { type: numbers.every(Number.isInteger) ? "ints" : "floats", value: numbers };
}
