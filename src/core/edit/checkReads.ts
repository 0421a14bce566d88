import { ModelError } from "../errors";
import { subgraphsOf } from "../model/subgraphs";
import type { Graph, Model, Node } from "../model/types";
import { indexOf } from "./graphIndex";
import { graphAndBelow, graphAt, readsOf } from "./graphs";
import type { Patch } from "./types";

/**
 * What a patch leaves behind must hold together: whatever it touches is made before it is read. Faults that the file
 * had before, elsewhere, are no reason to refuse. Called before the edits, since they take away what it looks at.
 */
export function checkReads(model: Model, patch: Patch): { readonly check: () => void } {
  const removed = patch.edits.flatMap(
    (edit): { readonly graph: Graph; readonly values: readonly string[] }[] => {
      switch (edit.kind) {
        case "removeNode":
        case "setOutput": {
          const graph = graphAt(model, edit.graph);
          const node = graph.nodes.find(({ id }) => id === edit.node);
          return node === undefined ? [] : [{ graph, values: node.outputs }];
        }
        case "setInterface": {
          const graph = graphAt(model, edit.graph);
          return [{ graph, values: graph.inputs.map(({ name }) => name) }];
        }
        default:
          return [];
      }
    },
  );
  return {
    check: () => {
      for (const { graph, values } of removed) {
        for (const value of values) {
          checkValue(graph, value);
        }
      }
      checkEdits(model, patch);
    },
  };
}

function checkEdits(model: Model, patch: Patch): void {
  for (const edit of patch.edits) {
    if (edit.kind === "setOpset") {
      continue;
    }
    const graph = graphAt(model, edit.graph);
    switch (edit.kind) {
      case "addNode":
        for (const output of edit.node.outputs) {
          checkValue(graph, output);
          for (const node of indexOf(graph).makers.get(output)) {
            for (const input of node.inputs) {
              checkRead(graph, node, input);
            }
          }
        }
        break;
      case "setInput": {
        const node = graph.nodes.find(({ id }) => id === edit.node);
        if (node?.inputs[edit.index] === edit.value) {
          checkRead(graph, node, edit.value);
        }
        break;
      }
      case "setOutput":
        checkValue(graph, edit.value);
        break;
      case "dropTensor":
        checkValue(graph, edit.name);
        break;
      case "setInterface":
        for (const { name } of edit.outputs ?? []) {
          checkGivenOut(graph, name);
        }
        break;
    }
  }
}

/** Looks at whoever reads a value that came or went. */
function checkValue(graph: Graph, value: string): void {
  if (value === "") {
    return;
  }
  for (const read of readsOf(graph, value)) {
    checkRead(read.graph, read.node, value);
  }
  for (const inner of graphAndBelow(graph)) {
    if (inner.outputs.some(({ name }) => name === value)) {
      checkGivenOut(inner, value);
    }
  }
}

function checkGivenOut(graph: Graph, value: string): void {
  if (homeOf(graph, value) === undefined) {
    throw inconsistent(graph, `Nothing makes the graph output ${value}.`);
  }
}

function checkRead(graph: Graph, reader: Node, value: string): void {
  if (value === "") {
    return;
  }
  const home = homeOf(graph, value);
  if (home === undefined) {
    throw inconsistent(graph, `The value ${value} is read, but nothing makes it.`);
  }
  const { initializers, inputs, nodes } = home.graph;
  if (initializers.has(value) || inputs.some(({ name }) => name === value)) {
    return;
  }
  const makers = indexOf(home.graph).makers.get(value);
  const read = nodes.indexOf(home.owner ?? reader);
  if (!makers.some((maker) => nodes.indexOf(maker) < read)) {
    throw inconsistent(graph, `The value ${value} would be read before it is made.`);
  }
}

/** The graph, this one or one around it, that has a value, and its node that holds the graph where it was asked for. */
function homeOf(
  graph: Graph,
  value: string,
): { readonly graph: Graph; readonly owner: Node | undefined } | undefined {
  let owner: Node | undefined;
  for (let at: Graph | undefined = graph; at !== undefined; at = at.parent) {
    const { initializers, inputs, parent }: Graph = at;
    if (
      initializers.has(value) ||
      inputs.some(({ name }) => name === value) ||
      indexOf(at).makers.get(value).length > 0
    ) {
      return { graph: at, owner };
    }
    const inner: Graph = at;
    owner = parent && indexOf(parent).owners.find((node) => subgraphsOf(node).includes(inner));
  }
  return undefined;
}

function inconsistent(graph: Graph, message: string): ModelError {
  return new ModelError("inconsistent", message, { graph: graph.path });
}
