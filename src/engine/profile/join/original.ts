import { subgraphsOf } from "../../../core/model/subgraphs";
import type { Graph, Node } from "../../../core/model/types";
import type { TraceNode } from "../../../protocol/profiler";
import type { Cover } from "./covers";
import { append } from "./lists";

/** What onnxruntime adds to a name that is taken. */
const UNIQUE_SUFFIX = /_token_\d+$/;

/** All graphs of the model as they were when this was made. */
export class OriginalGraphs {
  readonly main: OriginalGraph;
  private readonly graphs = new Map<Graph, OriginalGraph>();

  /** @param graphs graph of each node, by position */
  constructor(main: Graph, nodes: readonly Node[], graphs: readonly Graph[]) {
    const nodesOf = new Map<Graph, Node[]>([[main, []]]);
    nodes.forEach((node, position) => {
      append(nodesOf, graphs[position]!, node);
    });
    for (const [graph, own] of nodesOf) {
      this.graphs.set(graph, new OriginalGraph(graph, own));
    }
    this.main = this.graphs.get(main)!;
  }

  /** Branches and bodies of a node. */
  inside(node: Node): readonly OriginalGraph[] {
    return subgraphsOf(node)
      .map((graph) => this.graphs.get(graph))
      .filter((graph) => graph !== undefined);
  }
}

/** A graph of the model as the user sees it, made ready for finding nodes in it. */
export class OriginalGraph {
  /** Nodes in file order without Constant ones, which onnxruntime turns into initializers before it counts. */
  private readonly counted: readonly Node[];
  private readonly makers = new Map<string, Node>();
  /** Initializers and inputs, and all values of the graphs around. */
  private readonly given = new Set<string>();
  private readonly byName = new Map<string, Node | null>();

  constructor(graph: Graph, nodes: readonly Node[]) {
    this.counted = nodes.filter(({ opType }) => opType !== "Constant");
    for (const node of nodes) {
      for (const output of node.outputs) {
        this.makers.set(output, node);
      }
      this.byName.set(node.name, this.byName.has(node.name) ? null : node);
    }
    for (let at: Graph | undefined = graph; at !== undefined; at = at.parent) {
      for (const name of [...at.initializers.keys(), ...at.inputs.map((input) => input.name)]) {
        this.given.add(name);
      }
      for (const output of at === graph ? [] : at.nodes.flatMap(({ outputs }) => outputs)) {
        this.given.add(output);
      }
    }
    this.given.delete("");
    this.makers.delete("");
    this.byName.delete("");
  }

  maker(value: string): Node | undefined {
    return this.makers.get(value);
  }

  /** True for a value of this graph or of one around it. */
  has(value: string): boolean {
    return this.makers.has(value) || this.given.has(value);
  }

  /** The only node with that name. */
  named(name: string): Node | undefined {
    return this.byName.get(name) ?? undefined;
  }

  /** The node that one of the graph that ran surely is: same operator, and the name as it was or made unique. */
  sameNode({ name, opType }: Node): Node | undefined {
    const found = this.named(name) ?? this.named(name.replace(UNIQUE_SUFFIX, ""));
    return found?.opType === opType.replace(/^Nhwc/, "") ? found : undefined;
  }

  /** The node that onnxruntime numbered so when it loaded the graph, if operator and name agree. */
  numbered(index: number, op: string, name: string): Node | undefined {
    const node = this.counted[index];
    const agrees = node?.opType === op && (node.name === name || name === `${op}_${index}`);
    return agrees ? node : undefined;
  }

  /** What a kernel covers as far as its name and number say; empty when they say nothing. */
  coverOf({ name, op, nodeIndex }: TraceNode): Cover {
    const itself = this.numbered(nodeIndex, op, name);
    return itself === undefined ? this.coverByName(name) : { nodes: [itself], how: "work" };
  }

  /** What a kernel covers as far as its name says; empty when it says nothing. */
  coverByName(name: string): Cover {
    const found = this.namedBefore(name);
    return { nodes: found === undefined ? [] : [found], how: "name" };
  }

  /** The node whose name a rule of onnxruntime extended: "x/MatMulAddFusion", "fused x", "y_nchwc". */
  private namedBefore(name: string): Node | undefined {
    const plain = name.replace(/^fused /, "").replace(UNIQUE_SUFFIX, "");
    for (let end = plain.length; end > 0; end = plain.lastIndexOf("/", end - 1)) {
      const node = this.named(plain.slice(0, end));
      if (node !== undefined) {
        return node;
      }
    }
    return plain.endsWith("_nchwc") ? this.maker(plain.slice(0, -"_nchwc".length)) : undefined;
  }
}
