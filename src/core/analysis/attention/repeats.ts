import { graphAndBelow } from "../../edit/graphs";
import { add, type Expr, equal, mul } from "../../expr";
import type { Inference } from "../../infer/types";
import type { FunctionDef, Graph, Model, Node } from "../../model/types";
import { canonicalDomain } from "../../ops/index";

/** How often something runs. */
export interface Repeat {
  readonly count: Expr;
  /** False where the runs may differ in size, or their number is assumed. */
  readonly exact: boolean;
}

const ONCE: Repeat = { count: 1, exact: true };
const NEVER: Repeat = { count: 0, exact: true };

/**
 * How often the bodies of functions run. Costs of nodes inside a body are those of its first call, so that whoever sums
 * them up multiplies by this; trips of loops are in the costs already.
 */
export class Repeats {
  readonly #model: Model;
  readonly #inference: Inference;
  readonly #known = new Map<Graph, Repeat>();
  #calls: ReadonlyMap<string, readonly { readonly node: Node; readonly graph: Graph }[]> | undefined;

  constructor(model: Model, inference: Inference) {
    this.#model = model;
    this.#inference = inference;
  }

  /** Of the function that the graph belongs to; 1 for graphs of the model itself. */
  of(graph: Graph): Repeat {
    const root = rootOf(graph);
    if (root === this.#model.graph) {
      return ONCE;
    }
    let known = this.#known.get(root);
    if (known === undefined) {
      // A function that calls itself has no cost: nothing is counted for it.
      this.#known.set(root, NEVER);
      known = this.#count(root);
      this.#known.set(root, known);
    }
    return known;
  }

  /** Runs of a node for one run of the model. */
  ofNode(graph: Graph, node: Node): Repeat {
    const { count, exact } = this.of(graph);
    const cost = this.#inference.cost(node.id);
    const trips = "runs" in cost ? cost.runs : 1;
    return trips === undefined ? { count, exact: false } : { count: mul(count, trips), exact };
  }

  #count(root: Graph): Repeat {
    const def = this.#model.functions.find(({ graph }) => graph === root);
    const calls = def === undefined ? [] : (this.#callsByName().get(keyOf(def, def.name)) ?? []);
    let count: Expr = 0;
    let exact = true;
    const [first] = calls.map(({ node }) => this.#inference.cost(node.id).flops);
    for (const { node, graph } of calls) {
      const outer = this.ofNode(graph, node);
      const { flops } = this.#inference.cost(node.id);
      count = add(count, outer.count);
      exact &&= outer.exact && flops !== undefined && first !== undefined && equal(flops, first);
    }
    return { count, exact };
  }

  #callsByName() {
    if (this.#calls === undefined) {
      const names = new Set(this.#model.functions.map((def) => keyOf(def, def.name)));
      const calls = new Map<string, { node: Node; graph: Graph }[]>();
      const roots = [this.#model.graph, ...this.#model.functions.map(({ graph }) => graph)];
      for (const graph of roots.flatMap((root) => [...graphAndBelow(root)])) {
        for (const node of graph.nodes) {
          const key = keyOf(node, node.opType);
          if (names.has(key)) {
            const list = calls.get(key) ?? [];
            list.push({ node, graph });
            calls.set(key, list);
          }
        }
      }
      this.#calls = calls;
    }
    return this.#calls;
  }
}

function rootOf(graph: Graph): Graph {
  let at = graph;
  while (at.parent !== undefined) {
    at = at.parent;
  }
  return at;
}

const keyOf = ({ domain, overload }: Pick<FunctionDef, "domain" | "overload">, name: string) =>
  `${canonicalDomain(domain)}:${name}:${overload}`;
