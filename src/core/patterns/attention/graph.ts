import { indexOf } from "../../edit/graphIndex";
import type { Fact } from "../../facts/fact";
import type { Inference } from "../../infer/types";
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
  private readonly stored = new Map<string, boolean>();

  constructor(model: Model, graph: Graph, inference: Inference) {
    this.model = model;
    this.graph = graph;
    this.inference = inference;
  }

  /** The node of this graph that makes a value. */
  maker(value: string): Node | undefined {
    return value === "" ? undefined : indexOf(this.graph).makers.get(value)[0];
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
    for (let at: Graph | undefined = this.graph; at !== undefined; at = at.parent) {
      const found = at.initializers.get(value);
      if (found !== undefined) {
        return found;
      }
    }
    const held = this.maker(value)?.attributes.get("value");
    return held?.type === "tensor" ? held.value : undefined;
  }

  /** True for a weight, also one that is transposed, reshaped or dequantised on its way. */
  isStored(value: string): boolean {
    const known = this.stored.get(value);
    if (known !== undefined) {
      return known;
    }
    this.stored.set(value, false);
    const maker = this.maker(value);
    const answer =
      this.tensor(value) !== undefined ||
      (maker !== undefined &&
        (isOp(maker, "Constant") || (isCarrier(maker) && this.isStored(maker.inputs[0] ?? ""))));
    this.stored.set(value, answer);
    return answer;
  }

  /** Number of the operator set that the graph's nodes of a domain belong to. */
  opset(domain: string): number {
    return this.model.opsets.get(domain) ?? 1;
  }
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
