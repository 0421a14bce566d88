import { indexOf } from "../edit/graphIndex";
import type { Fact } from "../facts/fact";
import type { Graph, Node, TensorRef } from "../model/types";
import { canConvert } from "../tensor/convertFloats";
import { isFloat } from "../tensor/dtype";
import { encodeNumbers } from "../tensor/encode";
import { elementCount } from "../tensor/size";
import { canTranspose } from "../tensor/transpose";
import { isStandard } from "./rewire";
import type { ActionContext } from "./types";

/** Operators whose result has the bytes of their first input. */
const VIEWS = ["Reshape", "Squeeze", "Unsqueeze", "Flatten", "Identity"];
/** Operators that IEEE rounds once, so that double and float32 arithmetic end at the same float32. */
const ROUNDED_ONCE = ["Add", "Sub", "Mul", "Div", "Sqrt", "Neg", "Abs", "Cast", "Range", "ConstantOfShape"];

/**
 * What a node gives out in every run, without its name, where that is known and exactly what onnxruntime computes:
 * arithmetic on shapes and single numbers, and weights that are reshaped, transposed or converted. Undefined elsewhere.
 */
export function constantResult(context: ActionContext): Omit<TensorRef, "name"> | undefined {
  const { graph, node, inference } = context;
  const output = node.outputs[0] ?? "";
  if (node.outputs.length !== 1 || output === "" || isStandard(node, "Constant")) {
    return undefined;
  }
  const fact = inference.fact(graph, output);
  return smallResult(context, fact) ?? largeResult(context, fact);
}

function smallResult({ graph, node }: ActionContext, fact: Fact): Omit<TensorRef, "name"> | undefined {
  const { dtype, small } = fact;
  const dims = numbers(fact.shape);
  const values = numbers(small);
  if (dtype === undefined || dims === undefined || values === undefined) {
    return undefined;
  }
  const isExact =
    !isFloat(dtype) ||
    (isStandard(node, ...ROUNDED_ONCE, ...VIEWS, "Expand", "Gather", "Slice", "Concat", "Transpose") &&
      node.inputs.every((input) => input === "" || fixedTensor(graph, input) !== undefined));
  const bytes = isExact ? encodeNumbers(dtype, values) : undefined;
  return bytes && { dtype, dims, data: { kind: "memory", bytes } };
}

function largeResult({ graph, node }: ActionContext, fact: Fact): Omit<TensorRef, "name"> | undefined {
  const source = fixedTensor(graph, node.inputs[0] ?? "");
  const dims = numbers(fact.shape);
  if (source === undefined || source.sparse !== undefined || dims === undefined) {
    return undefined;
  }
  const { dtype, data } = source;
  if (isStandard(node, ...VIEWS) && elementCount({ ...source, dims }) === elementCount(source)) {
    return { dtype, dims, data };
  }
  if (isStandard(node, "Transpose") && canTranspose(dtype)) {
    const attribute = node.attributes.get("perm");
    const perm = attribute?.type === "ints" ? attribute.value : dims.map((_, axis) => dims.length - 1 - axis);
    return { dtype, dims, data: { kind: "derived", from: [source], kernel: "transpose", params: { perm } } };
  }
  if (isStandard(node, "Cast") && fact.dtype !== undefined && canConvert(dtype, fact.dtype)) {
    return {
      dtype: fact.dtype,
      dims,
      data: { kind: "derived", from: [source], kernel: "convertFloats", params: {} },
    };
  }
  return undefined;
}

/** The weight behind a name: an initializer that no caller can exchange, or what a Constant holds. */
export function fixedTensor(graph: Graph, name: string): TensorRef | undefined {
  for (let at: Graph | undefined = graph; at !== undefined && name !== ""; at = at.parent) {
    if (at.inputs.some((input) => input.name === name)) {
      return undefined;
    }
    const [maker] = indexOf(at).makers.get(name);
    const found = at.initializers.get(name) ?? (maker && heldBy(maker));
    if (found !== undefined || maker !== undefined) {
      return found;
    }
  }
  return undefined;
}

function heldBy(node: Node): TensorRef | undefined {
  const value = isStandard(node, "Constant") ? node.attributes.get("value") : undefined;
  return value?.type === "tensor" ? value.value : undefined;
}

function numbers(values: readonly unknown[] | undefined): readonly number[] | undefined {
  return values?.every((value) => typeof value === "number") ? (values as readonly number[]) : undefined;
}
