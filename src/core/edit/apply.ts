import { ModelError } from "../errors";
import type { Attribute, Graph, Model, Node, NodeId, TensorRef } from "../model/types";
import { checkReads } from "./checkReads";
import { setNodes } from "./graphIndex";
import { graphAt, isNameTaken } from "./graphs";
import type { Edit, Patch } from "./types";

const WRITABLE: ReadonlySet<Attribute["type"]> = new Set([
  "int",
  "float",
  "string",
  "ints",
  "floats",
  "strings",
]);

export interface Applied {
  readonly undo: () => void;
  /** Applies the same patch again, with the same node ids and objects. */
  readonly redo: () => void;
  readonly touched: readonly NodeId[];
}

/**
 * Applies a patch to the model in place, all of it or nothing.
 *
 * @throws ModelError("inconsistent") when an edit names what is not there, makes a name twice, reads what nothing
 * makes or drops what is still read; the model is then as it was
 */
export function applyPatch(model: Model, patch: Patch): Applied {
  const touched: NodeId[] = [];
  const done: Step[] = [];
  const reads = checkReads(model, patch);
  try {
    for (const edit of patch.edits) {
      const step = prepare(model, edit, touched);
      step.forward();
      done.push(step);
    }
    reads.check();
  } catch (thrown) {
    back(done);
    throw thrown;
  }
  return {
    undo: () => back(done),
    redo: () => {
      for (const step of done) {
        step.forward();
      }
    },
    touched,
  };
}

interface Step {
  readonly forward: () => void;
  /** Restores the very objects that were there, byte spans included. */
  readonly backward: () => void;
}

function back(steps: readonly Step[]): void {
  for (const step of [...steps].reverse()) {
    step.backward();
  }
}

function prepare(model: Model, edit: Edit, touched: NodeId[]): Step {
  const graph = graphAt(model, edit.graph);
  switch (edit.kind) {
    case "addNode": {
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
    case "removeNode": {
      const index = indexOfNode(graph, edit.node);
      const node = graph.nodes[index]!;
      touched.push(edit.node);
      return {
        forward: () => without(graph, node),
        backward: () => setNodes(graph, graph.nodes.toSpliced(index, 0, node), { fresh: node }),
      };
    }
    case "setInput": {
      const node = graph.nodes[indexOfNode(graph, edit.node)]!;
      if (edit.index < 0 || edit.index > node.inputs.length) {
        throw inconsistent(graph, `Node ${labelOf(node)} has no input ${edit.index}.`);
      }
      const inputs = [...node.inputs];
      inputs[edit.index] = edit.value;
      touched.push(edit.node);
      return exchange(graph, node, changed(node, { inputs }));
    }
    case "setAttribute": {
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
    case "putTensor": {
      const { tensor } = edit;
      demandStorage(model, graph, tensor.name);
      demandFree(graph, tensor.name);
      return {
        forward: () => graph.initializers.set(tensor.name, tensor),
        backward: () => graph.initializers.delete(tensor.name),
      };
    }
    case "dropTensor": {
      const tensor = graph.initializers.get(edit.name);
      if (tensor === undefined) {
        throw inconsistent(graph, `There is no initializer ${edit.name}.`);
      }
      const order = [...graph.initializers];
      return {
        forward: () => graph.initializers.delete(edit.name),
        // The order of a map is the order of insertion, and the text view shows it.
        backward: () => refill(graph.initializers, order),
      };
    }
  }
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

function refill(map: Map<string, TensorRef>, entries: readonly (readonly [string, TensorRef])[]): void {
  map.clear();
  for (const [name, tensor] of entries) {
    map.set(name, tensor);
  }
}

function demandFree(graph: Graph, name: string): void {
  if (isNameTaken(graph, name)) {
    throw inconsistent(graph, `Value ${name} exists already.`);
  }
}

function demandStorage(model: Model, graph: Graph, name: string): void {
  if (name === "") {
    throw inconsistent(graph, "An initializer needs a name.");
  }
  if (model.functions.some((definition) => definition.graph === graph)) {
    throw inconsistent(graph, `A function holds no initializers, so that ${name} cannot be put there.`);
  }
}

/** Attributes that hold graphs, tensors or what is not understood are only ever copied from the file. */
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

function inconsistent(graph: Graph, message: string): ModelError {
  return new ModelError("inconsistent", message, { graph: graph.path });
}
