import { allGraphs } from "../../edit/graphs";
import type { FunctionDef, Graph, Model, Node } from "../../model/types";
import { canonicalDomain } from "../../ops/index";

/** One input of one node. */
export interface Use {
  readonly graph: Graph;
  readonly node: Node;
  readonly index: number;
}

/** Operators that hand the numbers of input 0 on, in another order, shape or type. */
const HANDS_ON: ReadonlySet<string> = new Set([
  "Cast",
  "CastLike",
  "DequantizeLinear",
  "Flatten",
  "Identity",
  "QuantizeLinear",
  "Reshape",
  "Squeeze",
  "Transpose",
  "Unsqueeze",
]);

/** A file may run in a circle, and calls may nest without end. */
const LONGEST_WAY = 16;

interface Values {
  readonly uses: Map<string, Use[]>;
  readonly makers: Map<string, Node>;
  readonly inputs: ReadonlySet<string>;
}

/** Who makes and who reads each value of a model, across the borders of graphs and functions. */
export class Uses {
  private readonly graphs = new Map<Graph, Values>();
  private readonly functions = new Map<string, FunctionDef>();
  private readonly model: Model;

  constructor(model: Model) {
    this.model = model;
    for (const definition of model.functions) {
      this.functions.set(callName(definition.domain, definition.name, definition.overload), definition);
    }
    for (const graph of allGraphs(model)) {
      this.graphs.set(graph, valuesOf(graph));
    }
    for (const graph of this.graphs.keys()) {
      for (const node of graph.nodes) {
        for (let index = 0; index < node.inputs.length; index++) {
          this.add({ graph, node, index }, node.inputs[index]!);
        }
      }
    }
  }

  /** Inputs that read a value that this graph defines, of its own nodes and of those in graphs inside it. */
  of(graph: Graph, value: string): readonly Use[] {
    return this.graphs.get(graph)?.uses.get(value) ?? [];
  }

  /** Inputs that take the numbers in the end: past operators that only hand them on, and into functions; in file order. */
  final(graph: Graph, value: string): readonly Use[] {
    const found = [...this.follow(graph, value, LONGEST_WAY)];
    return found.length === 1 ? found : found.sort((a, b) => a.node.id - b.node.id);
  }

  /** The node that makes a value as seen from a graph; undefined for inputs and initializers. */
  maker(graph: Graph, value: string): { readonly graph: Graph; readonly node: Node } | undefined {
    const home = this.home(graph, value);
    const node = home === undefined ? undefined : this.graphs.get(home)?.makers.get(value);
    return node === undefined ? undefined : { graph: home!, node };
  }

  /** As `maker`, before operators that only hand the numbers on. */
  origin(graph: Graph, value: string): { readonly graph: Graph; readonly node: Node } | undefined {
    let found = this.maker(graph, value);
    for (let way = 0; way < LONGEST_WAY && found !== undefined && handsOn(found.node); way++) {
      found = this.maker(found.graph, found.node.inputs[0] ?? "");
    }
    return found;
  }

  /** Whether a value, as seen from a graph, is an input of the model that callers fill. */
  isFed(graph: Graph, value: string): boolean {
    const { graph: main } = this.model;
    return (
      this.home(graph, value) === main &&
      this.graphs.get(main)!.inputs.has(value) &&
      !main.initializers.has(value)
    );
  }

  /** The graph that stores or makes a value: this one or one around it. */
  home(graph: Graph, value: string): Graph | undefined {
    for (let at: Graph | undefined = graph; at !== undefined; at = at.parent) {
      const values = this.graphs.get(at);
      if (at.initializers.has(value) || values?.makers.has(value) || values?.inputs.has(value)) {
        return at;
      }
    }
    return undefined;
  }

  private add(use: Use, value: string): void {
    const home = value === "" ? undefined : this.home(use.graph, value);
    const uses = home === undefined ? undefined : this.graphs.get(home)?.uses;
    const list = uses?.get(value);
    if (list === undefined) {
      uses?.set(value, [use]);
    } else {
      list.push(use);
    }
  }

  private *follow(graph: Graph, value: string, left: number): Generator<Use> {
    for (const use of this.of(graph, value)) {
      const { node, index } = use;
      const called = this.functions.get(callName(node.domain, node.opType, node.overload));
      const [into, name] =
        called !== undefined
          ? [called.graph, called.inputs[index]]
          : index === 0 && handsOn(node)
            ? [use.graph, node.outputs[0]]
            : [];
      if (left === 0 || into === undefined || name === undefined || this.of(into, name).length === 0) {
        yield use;
      } else {
        yield* this.follow(into, name, left - 1);
      }
    }
  }
}

export function handsOn({ domain, opType }: Node): boolean {
  return (domain === "com.microsoft" || canonicalDomain(domain) === "") && HANDS_ON.has(opType);
}

function callName(domain: string, name: string, overload: string): string {
  return `${canonicalDomain(domain)}:${name}:${overload}`;
}

function valuesOf(graph: Graph): Values {
  const makers = new Map<string, Node>();
  for (const node of graph.nodes) {
    for (const output of node.outputs) {
      if (output !== "") {
        makers.set(output, node);
      }
    }
  }
  return { uses: new Map(), makers, inputs: new Set(graph.inputs.map(({ name }) => name)) };
}
