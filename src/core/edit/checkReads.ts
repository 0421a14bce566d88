import { ModelError } from "../errors";
import type { Graph, Model, NodeId } from "../model/types";
import { definesItself, graphAt, subgraphsOf } from "./graphs";
import type { Patch } from "./types";

/**
 * What a patch leaves behind must hold together: whatever it touches is made before it is read. Faults that the file
 * had before, elsewhere, are no reason to refuse. Made before the edits, since they take away what it looks at.
 */
export function checkReads(model: Model, patch: Patch): { readonly check: () => void } {
  const removed = outputsOfRemoved(model, patch);
  return { check: () => new ReadCheck(model, patch, removed).run() };
}

function outputsOfRemoved(model: Model, patch: Patch): readonly string[] {
  return patch.edits.flatMap((edit) =>
    edit.kind === "removeNode"
      ? (graphAt(model, edit.graph).nodes.find(({ id }) => id === edit.node)?.outputs ?? [])
      : [],
  );
}

class ReadCheck {
  /** Values that appeared or went: whoever reads them is looked at. */
  private readonly moved: ReadonlySet<string>;
  /** Values that changed nodes read: these readers are looked at. */
  private readonly wanted = new Set<string>();
  private readonly changed = new Set<NodeId>();
  private readonly roots = new Set<Graph>();

  constructor(model: Model, patch: Patch, removed: readonly string[]) {
    const moved = new Set(removed);
    for (const edit of patch.edits) {
      this.roots.add(rootOf(graphAt(model, edit.graph)));
      switch (edit.kind) {
        case "addNode":
          for (const output of edit.node.outputs) {
            moved.add(output);
          }
          for (const input of edit.node.inputs) {
            this.wanted.add(input);
          }
          break;
        case "setInput":
          this.changed.add(edit.node);
          this.wanted.add(edit.value);
          break;
        case "putTensor":
          moved.add(edit.tensor.name);
          break;
        case "dropTensor":
          moved.add(edit.name);
          break;
      }
    }
    this.moved = moved;
  }

  run(): void {
    for (const root of this.roots) {
      this.walk(root, () => false);
    }
  }

  private walk(graph: Graph, isOutside: (value: string) => boolean): void {
    const here = new Set<string>();
    const note = (value: string) => {
      if (this.moved.has(value) || this.wanted.has(value)) {
        here.add(value);
      }
    };
    const isThere = (value: string) => here.has(value) || isOutside(value);
    for (const { name } of graph.inputs) {
      note(name);
    }
    for (const name of graph.initializers.keys()) {
      note(name);
    }
    for (const node of graph.nodes) {
      const looked = this.changed.has(node.id) || node.outputs.some((output) => this.moved.has(output));
      for (const input of node.inputs) {
        const concerns = this.moved.has(input) || (looked && this.wanted.has(input));
        if (input !== "" && concerns && !isThere(input)) {
          throw missing(graph, input);
        }
      }
      for (const subgraph of node.attributes.size === 0 ? [] : subgraphsOf(node)) {
        this.walk(subgraph, isThere);
      }
      node.outputs.forEach(note);
    }
    for (const { name } of graph.outputs) {
      if (this.moved.has(name) && !isThere(name)) {
        throw new ModelError("inconsistent", `Nothing makes the graph output ${name} any more.`, {
          graph: graph.path,
        });
      }
    }
  }
}

function rootOf(graph: Graph): Graph {
  let root = graph;
  while (root.parent !== undefined) {
    root = root.parent;
  }
  return root;
}

function missing(graph: Graph, value: string): ModelError {
  for (let at: Graph | undefined = graph; at !== undefined; at = at.parent) {
    if (definesItself(at, value)) {
      return new ModelError("inconsistent", `The value ${value} would be read before it is made.`, {
        graph: graph.path,
      });
    }
  }
  return new ModelError("inconsistent", `The value ${value} is read, but nothing makes it.`, {
    graph: graph.path,
  });
}
