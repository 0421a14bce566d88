import { ModelError } from "../errors";
import type { Graph, Model, Node, NodeId, TensorRef } from "../model/types";
import { graphAt, isDefined, isRead } from "./graphs";
import type { Edit, Patch } from "./types";

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
  const removed = removedNodes(model, patch);
  try {
    for (const edit of patch.edits) {
      const step = prepare(model, edit, touched);
      step.forward();
      done.push(step);
    }
    checkReads(model, patch, removed);
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
      for (const output of edit.node.outputs) {
        if (output !== "" && isDefined(graph, output)) {
          throw inconsistent(graph, `Value ${output} exists already.`);
        }
      }
      touched.push(id);
      const node: Node = { ...edit.node, id, overload: "", doc: "" };
      const index = edit.before === undefined ? graph.nodes.length : indexOfNode(graph, edit.before);
      return {
        forward: () => {
          graph.nodes = graph.nodes.toSpliced(index, 0, node);
          model.nextNodeId = Math.max(model.nextNodeId, id + 1);
        },
        backward: () => {
          graph.nodes = graph.nodes.filter((other) => other !== node);
        },
      };
    }
    case "removeNode": {
      const index = indexOfNode(graph, edit.node);
      const node = graph.nodes[index]!;
      touched.push(edit.node);
      return {
        forward: () => {
          graph.nodes = graph.nodes.filter((other) => other !== node);
        },
        backward: () => {
          graph.nodes = graph.nodes.toSpliced(index, 0, node);
        },
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
      if (edit.value === undefined) {
        attributes.delete(edit.name);
      } else {
        attributes.set(edit.name, edit.value);
      }
      touched.push(edit.node);
      const changedAttributes = new Set([...(node.changedAttributes ?? []), edit.name]);
      return exchange(graph, node, changed(node, { attributes, changedAttributes }));
    }
    case "putTensor": {
      const { tensor } = edit;
      if (isDefined(graph, tensor.name)) {
        throw inconsistent(graph, `Value ${tensor.name} exists already.`);
      }
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

function exchange(graph: Graph, old: Node, fresh: Node): Step {
  const put = (from: Node, to: Node) => {
    graph.nodes = graph.nodes.map((node) => (node === from ? to : node));
  };
  return { forward: () => put(old, fresh), backward: () => put(fresh, old) };
}

function refill(map: Map<string, TensorRef>, entries: readonly (readonly [string, TensorRef])[]): void {
  map.clear();
  for (const [name, tensor] of entries) {
    map.set(name, tensor);
  }
}

/** What a patch leaves behind must hold together: nothing reads what is not there, and not before it is made. */
function checkReads(model: Model, patch: Patch, removed: ReadonlyMap<NodeId, Node>): void {
  for (const edit of patch.edits) {
    const graph = graphAt(model, edit.graph);
    if (edit.kind === "dropTensor" && !isDefined(graph, edit.name) && isRead(graph, edit.name)) {
      throw inconsistent(graph, `Initializer ${edit.name} is still read.`);
    }
    if (edit.kind === "setInput" && edit.value !== "") {
      checkMadeBefore(graph, edit.node, edit.value);
    }
    if (edit.kind === "addNode") {
      const node = graph.nodes.find(({ outputs }) => outputs[0] === edit.node.outputs[0]);
      for (const input of node?.inputs ?? []) {
        if (input !== "") {
          checkMadeBefore(graph, node!.id, input);
        }
      }
    }
    if (edit.kind === "removeNode") {
      checkOutputsUnread(graph, removed.get(edit.node));
    }
  }
}

function removedNodes(model: Model, patch: Patch): Map<NodeId, Node> {
  const nodes = new Map<NodeId, Node>();
  for (const edit of patch.edits) {
    const node =
      edit.kind === "removeNode"
        ? graphAt(model, edit.graph).nodes.find(({ id }) => id === edit.node)
        : undefined;
    if (node !== undefined) {
      nodes.set(node.id, node);
    }
  }
  return nodes;
}

function checkOutputsUnread(graph: Graph, node: Node | undefined): void {
  for (const output of node?.outputs ?? []) {
    if (output !== "" && !isDefined(graph, output) && isRead(graph, output)) {
      throw inconsistent(graph, `Value ${output} is still read, but the node that made it is removed.`);
    }
  }
}

function checkMadeBefore(graph: Graph, reader: NodeId, value: string): void {
  if (!isDefined(graph, value)) {
    throw inconsistent(graph, `Nothing makes the value ${value}.`);
  }
  const made = graph.nodes.findIndex(({ outputs }) => outputs.includes(value));
  const read = graph.nodes.findIndex(({ id }) => id === reader);
  if (made >= 0 && read >= 0 && made >= read) {
    throw inconsistent(graph, `The value ${value} would be read before it is made.`);
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
