import { subgraphsOf } from "../model/subgraphs";
import type { Graph, Node } from "../model/types";

const NONE: readonly Node[] = [];

/** Nodes by something that they name, several names for a node and several nodes for a name. */
class NodeMap {
  private readonly lists = new Map<string, Node[]>();
  private readonly keysOf: (node: Node) => readonly string[];

  constructor(nodes: readonly Node[], keysOf: (node: Node) => readonly string[]) {
    this.keysOf = keysOf;
    for (const node of nodes) {
      this.add(node);
    }
  }

  get(key: string): readonly Node[] {
    return this.lists.get(key) ?? NONE;
  }

  add(node: Node): void {
    for (const key of this.keysOf(node)) {
      const list = this.lists.get(key);
      if (list === undefined) {
        this.lists.set(key, [node]);
      } else if (!list.includes(node)) {
        list.push(node);
      }
    }
  }

  remove(node: Node): void {
    for (const key of this.keysOf(node)) {
      const rest = this.lists.get(key)?.filter((other) => other !== node) ?? [];
      if (rest.length === 0) {
        this.lists.delete(key);
      } else {
        this.lists.set(key, rest);
      }
    }
  }
}

/** What is asked of a graph's nodes again and again; each part is made when somebody asks, and follows the edits. */
class GraphIndex {
  nodes: readonly Node[];
  private made: { makers?: NodeMap; readers?: NodeMap; named?: NodeMap; owners?: readonly Node[] } = {};

  constructor(nodes: readonly Node[]) {
    this.nodes = nodes;
  }

  /** By output. */
  get makers(): NodeMap {
    this.made.makers ??= new NodeMap(this.nodes, ({ outputs }) => outputs);
    return this.made.makers;
  }

  /** By input. */
  get readers(): NodeMap {
    this.made.readers ??= new NodeMap(this.nodes, ({ inputs }) => inputs);
    return this.made.readers;
  }

  /** By the node's own name. */
  get named(): NodeMap {
    this.made.named ??= new NodeMap(this.nodes, ({ name }) => [name]);
    return this.made.named;
  }

  /** Nodes with graphs in their attributes. */
  get owners(): readonly Node[] {
    this.made.owners ??= this.nodes.filter((node) => subgraphsOf(node).length > 0);
    return this.made.owners;
  }

  exchange(nodes: readonly Node[], gone: Node | undefined, fresh: Node | undefined): void {
    this.nodes = nodes;
    for (const part of [this.made.makers, this.made.readers, this.made.named]) {
      if (gone !== undefined) {
        part?.remove(gone);
      }
      if (fresh !== undefined) {
        part?.add(fresh);
      }
    }
    if ([gone, fresh].some((node) => node !== undefined && subgraphsOf(node).length > 0)) {
      delete this.made.owners;
    }
  }
}

const indexes = new WeakMap<Graph, GraphIndex>();

export function indexOf(graph: Graph): Pick<GraphIndex, "makers" | "readers" | "named" | "owners"> {
  let index = indexes.get(graph);
  if (index === undefined || index.nodes !== graph.nodes) {
    index = new GraphIndex(graph.nodes);
    indexes.set(graph, index);
  }
  return index;
}

/** Gives a graph a new list of nodes that differs from its present one in these two. */
export function setNodes(
  graph: Graph,
  nodes: Node[],
  change: { readonly gone?: Node; readonly fresh?: Node },
): void {
  const index = indexes.get(graph);
  if (index?.nodes === graph.nodes) {
    index.exchange(nodes, change.gone, change.fresh);
  }
  graph.nodes = nodes;
}
