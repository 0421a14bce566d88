import type { Attribute, Graph, Model, Node, NodeId } from "../../model/types";
import { setNodes } from "../graphIndex";
import type { Edit } from "../types";
import { demandFree, inconsistent, type Step } from "./step";

type Of<K extends Edit["kind"]> = Extract<Edit, { readonly kind: K }>;

const WRITABLE: ReadonlySet<Attribute["type"]> = new Set([
  "int",
  "float",
  "string",
  "ints",
  "floats",
  "strings",
  "tensor",
]);

export function addNode(model: Model, graph: Graph, edit: Of<"addNode">, touched: NodeId[]): Step {
  const id = model.nextNodeId;
  const outputs = edit.node.outputs.filter((output) => output !== "");
  if (outputs.length === 0) {
    throw inconsistent(graph, `A node ${edit.node.opType} without outputs would do nothing.`);
  }
  outputs.forEach((output, position) => {
    if (outputs.indexOf(output) !== position) {
      throw inconsistent(graph, `Value ${output} would be made twice by one node.`);
    }
    demandFree(graph, output);
  });
  for (const [name, attribute] of edit.node.attributes) {
    demandWritable(graph, name, attribute);
  }
  touched.push(id);
  const node: Node = { ...edit.node, id, overload: "", doc: "" };
  const index = edit.before === undefined ? graph.nodes.length : indexOfNode(graph, edit.before);
  return {
    forward: () => {
      setNodes(graph, graph.nodes.toSpliced(index, 0, node), { fresh: node });
      model.nextNodeId = Math.max(model.nextNodeId, id + 1);
    },
    backward: () => without(graph, node),
  };
}

export function removeNode(graph: Graph, edit: Of<"removeNode">, touched: NodeId[]): Step {
  const index = indexOfNode(graph, edit.node);
  const node = graph.nodes[index]!;
  touched.push(edit.node);
  return {
    forward: () => without(graph, node),
    backward: () => setNodes(graph, graph.nodes.toSpliced(index, 0, node), { fresh: node }),
  };
}

export function setInput(graph: Graph, edit: Of<"setInput">, touched: NodeId[]): Step {
  const node = graph.nodes[indexOfNode(graph, edit.node)]!;
  if (edit.index < 0 || edit.index > node.inputs.length) {
    throw inconsistent(graph, `Node ${labelOf(node)} has no input ${edit.index}.`);
  }
  const inputs = [...node.inputs];
  inputs[edit.index] = edit.value;
  touched.push(edit.node);
  return exchange(graph, node, changed(node, { inputs }));
}

export function setOutput(graph: Graph, edit: Of<"setOutput">, touched: NodeId[]): Step {
  const node = graph.nodes[indexOfNode(graph, edit.node)]!;
  if (edit.index < 0 || edit.index >= node.outputs.length) {
    throw inconsistent(graph, `Node ${labelOf(node)} has no output ${edit.index}.`);
  }
  if (edit.value !== "" && edit.value !== node.outputs[edit.index]) {
    demandFree(graph, edit.value);
  }
  const outputs = node.outputs.with(edit.index, edit.value);
  if (outputs.every((output) => output === "")) {
    throw inconsistent(graph, `Node ${labelOf(node)} would make nothing any more.`);
  }
  touched.push(edit.node);
  return exchange(graph, node, changed(node, { outputs, outputsChanged: true }));
}

export function setAttribute(graph: Graph, edit: Of<"setAttribute">, touched: NodeId[]): Step {
  const node = graph.nodes[indexOfNode(graph, edit.node)]!;
  const attributes = new Map(node.attributes);
  if (edit.value !== undefined) {
    demandWritable(graph, edit.name, edit.value);
    attributes.set(edit.name, edit.value);
  } else if (!attributes.delete(edit.name)) {
    throw inconsistent(graph, `Node ${labelOf(node)} has no attribute ${edit.name}.`);
  }
  touched.push(edit.node);
  const changedAttributes = new Set([...(node.changedAttributes ?? []), edit.name]);
  return exchange(graph, node, changed(node, { attributes, changedAttributes }));
}

function changed(node: Node, parts: Partial<Node>): Node {
  const { span, ...rest } = node;
  const origin = node.origin ?? span;
  return { ...rest, ...(origin === undefined ? {} : { origin }), ...parts };
}

function without(graph: Graph, node: Node): void {
  setNodes(graph, graph.nodes.toSpliced(graph.nodes.indexOf(node), 1), { gone: node });
}

function exchange(graph: Graph, old: Node, fresh: Node): Step {
  const put = (gone: Node, instead: Node) =>
    setNodes(graph, graph.nodes.with(graph.nodes.indexOf(gone), instead), { gone, fresh: instead });
  return { forward: () => put(old, fresh), backward: () => put(fresh, old) };
}

/** Attributes that hold graphs, lists of tensors or what is not understood are only ever copied from the file. */
function demandWritable(graph: Graph, name: string, attribute: Attribute): void {
  if (!WRITABLE.has(attribute.type)) {
    throw inconsistent(graph, `Attribute ${name} of type ${attribute.type} cannot be set.`);
  }
}

function indexOfNode(graph: Graph, id: NodeId): number {
  const index = graph.nodes.findIndex((node) => node.id === id);
  if (index < 0) {
    throw inconsistent(graph, `There is no node with the number ${id}.`);
  }
  return index;
}

function labelOf(node: Node): string {
  return node.name || node.outputs[0] || node.opType;
}
