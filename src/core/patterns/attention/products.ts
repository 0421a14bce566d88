import type { Node } from "../../model/types";
import { isOp, type SearchGraph } from "./graph";

/** Operators that multiply two matrices, with the indices of both. */
const PRODUCTS: { readonly [op: string]: readonly [number, number] } = {
  MatMul: [0, 1],
  Gemm: [0, 1],
  Einsum: [0, 1],
  MatMulInteger: [0, 1],
  QLinearMatMul: [0, 3],
  "com.microsoft.FusedMatMul": [0, 1],
  "com.microsoft.TransposeMatMul": [0, 1],
  "com.microsoft.FusedGemm": [0, 1],
  "com.microsoft.MatMulIntegerToFloat": [0, 1],
  "com.microsoft.DynamicQuantizeMatMul": [0, 1],
  "com.microsoft.QGemm": [0, 3],
  "com.microsoft.QOrderedMatMul": [0, 2],
};

/** Operators that always multiply with a weight: the activation is input 0. */
const WITH_WEIGHT = new Set([
  "Conv",
  "ConvInteger",
  "QLinearConv",
  "com.microsoft.FusedConv",
  "com.microsoft.NhwcFusedConv",
  "com.microsoft.NhwcConv",
  "com.microsoft.MatMulNBits",
  "com.microsoft.MatMulBnb4",
  "com.microsoft.MatMulFpQ4",
]);

export interface Operands {
  readonly left: string;
  readonly right: string;
}

function nameOf(node: Node): string {
  return node.domain === "" ? node.opType : `${node.domain}.${node.opType}`;
}

/** Both factors of a product of two matrices; undefined for other nodes. */
export function operandsOf(node: Node): Operands | undefined {
  const name = nameOf(node);
  const indices = Object.hasOwn(PRODUCTS, name) ? PRODUCTS[name] : undefined;
  const [left, right] = (indices ?? []).map((index) => node.inputs[index] ?? "");
  return left && right && (name !== "Einsum" || node.inputs.length === 2) ? { left, right } : undefined;
}

/** A product of an activation and a weight, with the bias that is added right behind it. */
export interface LinearLayer {
  readonly nodes: readonly Node[];
  /** What goes in. */
  readonly input: string;
  /** What comes out, the bias added. */
  readonly output: string;
}

/** The linear layer whose product is this node, without a bias behind it. */
export function linearAt(search: SearchGraph, node: Node): LinearLayer | undefined {
  const output = node.outputs[0] ?? "";
  if (WITH_WEIGHT.has(nameOf(node))) {
    return { nodes: [node], input: node.inputs[0] ?? "", output };
  }
  const operands = operandsOf(node);
  if (operands === undefined) {
    return undefined;
  }
  const { left, right } = operands;
  const [leftStored, rightStored] = [search.isStored(left), search.isStored(right)];
  return leftStored === rightStored
    ? undefined
    : { nodes: [node], input: rightStored ? left : right, output };
}

/** The linear layer that makes a value: its product, or the Add of its bias. */
export function linearMaking(search: SearchGraph, value: string): LinearLayer | undefined {
  const maker = search.maker(value);
  if (maker === undefined) {
    return undefined;
  }
  const own = linearAt(search, maker);
  if (own !== undefined) {
    return own;
  }
  const product = biasedProduct(search, maker);
  const layer = product && linearAt(search, product);
  return layer && { nodes: [...layer.nodes, maker], input: layer.input, output: value };
}

/** The product to which an Add adds a stored bias. */
function biasedProduct(search: SearchGraph, add: Node): Node | undefined {
  if (!isOp(add, "Add")) {
    return undefined;
  }
  const [a = "", b = ""] = add.inputs;
  const sum = search.isStored(b) ? a : search.isStored(a) ? b : "";
  return search.maker(sum);
}

/** The linear layer that reads a value, with the Add of its bias. */
export function linearReading(search: SearchGraph, value: string, reader: Node): LinearLayer | undefined {
  const layer = linearAt(search, reader);
  if (layer === undefined || layer.input !== value) {
    return undefined;
  }
  const [next, ...others] = search.readers(layer.output);
  return next !== undefined && others.length === 0 && biasedProduct(search, next) === reader
    ? { nodes: [reader, next], input: value, output: next.outputs[0] ?? "" }
    : layer;
}
