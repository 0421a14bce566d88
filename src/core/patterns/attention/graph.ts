import { indexOf } from "../../edit/graphIndex";
import type { Fact } from "../../facts/fact";
import type { Inference } from "../../infer/types";
import { opsetOf } from "../../model/opset";
import { subgraphsOf } from "../../model/subgraphs";
import type { Attribute, Graph, Model, Node, TensorRef } from "../../model/types";
import { type DType, isFloat } from "../../tensor/dtype";

/** Operators that hand on one input's elements, at most rounded, moved or repeated; the index of that input is 0. */
const CARRIERS = new Set([
  "Cast",
  "Identity",
  "Dropout",
  "Reshape",
  "Flatten",
  "Squeeze",
  "Unsqueeze",
  "Transpose",
  "Expand",
  "QuantizeLinear",
  "DequantizeLinear",
  "DynamicQuantizeLinear",
]);

const QUANTISED: ReadonlySet<DType> = new Set(["int8", "uint8", "int16", "uint16", "int32"]);

/** One graph with what the search asks of it again and again. */
export class SearchGraph {
  readonly graph: Graph;
  readonly inference: Inference;
  private readonly model: Model;
  private readonly outer: SearchGraph | undefined;
  private readonly opsets = new Map<string, number>();
  private known: Known | undefined;

  /** @param outer the search of the graph around it, for one that has such */
  constructor(model: Model, graph: Graph, inference: Inference, outer: SearchGraph | undefined) {
    this.model = model;
    this.graph = graph;
    this.inference = inference;
    this.outer = outer;
  }

  /** The node that makes a value, in this graph or in one around it. */
  maker(value: string): Node | undefined {
    const [maker] = value === "" ? [] : indexOf(this.graph).makers.get(value);
    return maker !== undefined || this.outer === undefined || this.names.own.has(value)
      ? maker
      : this.outer.maker(value);
  }

  /** Nodes of this graph that read a value. */
  readers(value: string): readonly Node[] {
    return value === "" ? [] : indexOf(this.graph).readers.get(value);
  }

  fact(value: string): Fact {
    return this.inference.fact(this.graph, value);
  }

  isFloat(value: string): boolean {
    const { dtype } = this.fact(value);
    return dtype === undefined || isFloat(dtype);
  }

  /** A tensor of activations: floats, or the integers of a quantised model; not a scale or a zero point. */
  isActivation(value: string): boolean {
    const { dtype, shape } = this.fact(value);
    const isSingle = shape?.every((dim) => dim === 1) ?? false;
    return !isSingle && (dtype === undefined || isFloat(dtype) || QUANTISED.has(dtype));
  }

  /** The tensor that a value is, when the file holds it: an initializer, or what a Constant carries. */
  tensor(value: string): TensorRef | undefined {
    const found = this.graph.initializers.get(value);
    if (found !== undefined) {
      return found;
    }
    const [maker] = indexOf(this.graph).makers.get(value);
    if (maker === undefined && this.outer !== undefined && !this.names.own.has(value)) {
      return this.outer.tensor(value);
    }
    const held = maker?.attributes.get("value");
    return held?.type === "tensor" ? held.value : undefined;
  }

  /** True for what the file alone decides: a weight, also one that is transposed or dequantised on its way. */
  isStored(value: string): boolean {
    const { own, stored } = this.names;
    return stored.has(value) || (!own.has(value) && this.outer?.isStored(value) === true);
  }

  private get names(): Known {
    this.known ??= namesIn(this.graph, (value) => this.outer?.isStored(value) === true);
    return this.known;
  }

  /** Number of the operator set that the graph's nodes of a domain belong to. */
  opset(domain: string): number {
    const known = this.opsets.get(domain) ?? opsetOf(this.model, this.graph, domain);
    this.opsets.set(domain, known);
    return known;
  }
}

interface Known {
  /** Names that the graph gives itself; others are those of the graph around it. */
  readonly own: ReadonlySet<string>;
  /** Those of them that initializers and constants alone decide. */
  readonly stored: ReadonlySet<string>;
}

/** Nodes are in the order of the file: one pass is enough. */
function namesIn(graph: Graph, isStoredOutside: (value: string) => boolean): Known {
  const stored = new Set(graph.initializers.keys());
  const own = new Set(stored);
  for (const { name } of graph.inputs) {
    own.add(name);
  }
  const isStored = (name: string) =>
    name === "" || stored.has(name) || (!own.has(name) && isStoredOutside(name));
  for (const node of graph.nodes) {
    const isFixed =
      node.inputs.length === 0
        ? isOp(node, "Constant")
        : node.inputs.every(isStored) && subgraphsOf(node).length === 0;
    for (const name of node.outputs) {
      own.add(name);
      if (isFixed) {
        stored.add(name);
      }
    }
  }
  return { own, stored };
}

export function isOp(node: Node, ...names: readonly string[]): boolean {
  return node.domain === "" && names.includes(node.opType);
}

/** True for an operator with the name in the standard or in com.microsoft. */
export function isEitherOp(node: Node, ...names: readonly string[]): boolean {
  return (node.domain === "" || node.domain === "com.microsoft") && names.includes(node.opType);
}

export function isCarrier(node: Node): boolean {
  return node.domain === "" && CARRIERS.has(node.opType);
}

export function intAttribute(node: Node, name: string): number | undefined {
  const found = node.attributes.get(name);
  return found?.type === "int" ? found.value : undefined;
}

export function intsAttribute(node: Node, name: string): readonly number[] | undefined {
  const found: Attribute | undefined = node.attributes.get(name);
  return found?.type === "ints" ? found.value : undefined;
}
