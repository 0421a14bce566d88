import { modulePaths } from "../../core/analysis/modulePath";
import { allGraphs } from "../../core/edit/graphs";
import type { Inference } from "../../core/infer/types";
import type { Graph, Model, Node } from "../../core/model/types";
import { Amounts, type Columns } from "../table/amounts";
import { Nesting } from "../table/nesting";

/**
 * Everything that follows from the model as it is after an edit. Made anew for each revision and never changed, but
 * for the figures at the current bindings, which `bind` evaluates again.
 */
export class ModelState {
  readonly revision: number;
  readonly model: Model;
  readonly inference: Inference;
  /** All nodes of the main graph, of its subgraphs and of local functions, in file order. */
  readonly nodes: readonly Node[];
  /** Graph of each node, by position. */
  readonly graphs: readonly Graph[];
  /** Dotted module path of each node, by position. */
  readonly paths: readonly string[];
  readonly names: readonly string[];
  readonly positionOf: ReadonlyMap<number, number>;
  /** 1 where the node is part of totals; a node inside a body or a branch is not, since the node that runs it carries its cost. */
  readonly counted: Uint8Array;
  readonly nesting: Nesting;
  readonly amounts: Amounts;
  private evaluated: Columns;
  private values: ReadonlyMap<string, number>;

  constructor(parts: {
    readonly revision: number;
    readonly model: Model;
    readonly inference: Inference;
    readonly bindings: ReadonlyMap<string, number>;
  }) {
    this.revision = parts.revision;
    this.model = parts.model;
    this.inference = parts.inference;
    const nodes: Node[] = [];
    const graphs: Graph[] = [];
    for (const graph of allGraphs(parts.model)) {
      for (const node of graph.nodes) {
        nodes.push(node);
        graphs.push(graph);
      }
    }
    const paths = modulePaths(parts.model);
    this.nodes = nodes;
    this.graphs = graphs;
    this.counted = Uint8Array.from(nodes, ({ id }) =>
      Number(parts.inference.cost(id).countedBy === undefined),
    );
    this.paths = nodes.map((node) => paths.get(node) ?? "");
    this.names = nodes.map(displayName);
    this.positionOf = new Map(nodes.map((node, position) => [node.id, position]));
    this.nesting = new Nesting(nodes, graphs, parts.inference, this.positionOf);
    this.amounts = new Amounts(nodes, parts.inference);
    this.values = parts.bindings;
    this.evaluated = this.amounts.at(parts.bindings);
  }

  get columns(): Columns {
    return this.evaluated;
  }

  get bindings(): ReadonlyMap<string, number> {
    return this.values;
  }

  bind(bindings: ReadonlyMap<string, number>): void {
    this.values = bindings;
    this.evaluated = this.amounts.at(bindings);
  }
}

/** A node's name, or what it makes when it has none. */
export function displayName(node: Node): string {
  return node.name || node.outputs.find((output) => output !== "") || node.opType;
}

export function nodeKey(node: Node): string {
  return `n${node.id}`;
}
