import type { Node } from "../../model/types";
import { intAttribute, isOp, type SearchGraph } from "./graph";

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

/** A sum of products over one axis. Axes count from the end. */
export interface Product extends Operands {
  readonly node: Node;
  /** The axis of the left factor that stays, and of the right one. */
  readonly rows: number;
  readonly columns: number;
  /** The axes that are summed away. */
  readonly leftInner: number;
  readonly rightInner: number;
  /** Where rows and columns are in the result. */
  readonly outRows: number;
  readonly outColumns: number;
}

/** A product of matrices with its axes; undefined for other nodes, and for an Einsum that is none. */
export function productOf(node: Node): Product | undefined {
  const operands = operandsOf(node);
  if (operands === undefined) {
    return undefined;
  }
  if (isOp(node, "Einsum")) {
    return einsumOf(node, operands);
  }
  const turns = (name: string) => (intAttribute(node, name) ?? 0) !== 0;
  const [left, right] = [turns("transA"), turns("transB")];
  return {
    node,
    ...operands,
    rows: left ? -1 : -2,
    leftInner: left ? -2 : -1,
    columns: right ? -2 : -1,
    rightInner: right ? -1 : -2,
    outRows: -2,
    outColumns: -1,
  };
}

/** One summed label, and labels that only one factor has, of which the last in the result count. */
function einsumOf(node: Node, operands: Operands): Product | undefined {
  const equation = node.attributes.get("equation");
  const text = equation?.type === "string" ? equation.value.replaceAll(/[\s.]/g, "") : "";
  const [terms = "", result = ""] = text.split("->");
  const [left = "", right = ""] = terms.split(",");
  const inner = [...left].filter((label) => right.includes(label) && !result.includes(label));
  const ownOf = (own: string, other: string) =>
    [...result].filter((label) => own.includes(label) && !other.includes(label)).at(-1);
  const [rows, columns] = [ownOf(left, right), ownOf(right, left)];
  if (inner.length !== 1 || rows === undefined || columns === undefined) {
    return undefined;
  }
  const axis = (term: string, label: string) => term.indexOf(label) - term.length;
  return {
    node,
    ...operands,
    rows: axis(left, rows),
    columns: axis(right, columns),
    leftInner: axis(left, inner[0]!),
    rightInner: axis(right, inner[0]!),
    outRows: axis(result, rows),
    outColumns: axis(result, columns),
  };
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

const INTEGER_SUMS = ["MatMulInteger", "ConvInteger"];
const AROUND_BIAS = ["Cast", "Identity", "QuantizeLinear", "DequantizeLinear"];
const MAX_AROUND = 6;

/** The linear layer that makes a value: its product, what scales its integer sums, or the Add of its bias. */
export function linearMaking(search: SearchGraph, value: string): LinearLayer | undefined {
  const nodes: Node[] = [];
  let isBiased = false;
  let isScaled = false;
  for (let at = search.maker(value); at !== undefined && nodes.length < MAX_AROUND; ) {
    const layer = linearAt(search, at);
    if (layer !== undefined) {
      const isWhole = nodes.length === 0 || isBiased || (isScaled && isOp(at, ...INTEGER_SUMS));
      return isWhole
        ? { nodes: [...layer.nodes, ...nodes.reverse()], input: layer.input, output: value }
        : undefined;
    }
    const [a = "", b = ""] = at.inputs;
    const isFirst = nodes.length === 0;
    nodes.push(at);
    if (isOp(at, "Add") && !isBiased && isFirst && (search.isStored(a) || search.isStored(b))) {
      isBiased = true;
      at = search.maker(search.isStored(b) ? a : b);
    } else if (isOp(at, "Mul") && !isScaled && (isFirst || isBiased)) {
      // The sums were cast from integers; the other factor is the product of both scales.
      isScaled = true;
      at = [a, b]
        .map((input) => search.maker(input))
        .find((maker) => maker !== undefined && isOp(maker, "Cast"));
    } else if (isOp(at, ...AROUND_BIAS) && !isFirst) {
      at = search.maker(a);
    } else {
      return undefined;
    }
  }
  return undefined;
}

/** The linear layer that reads a value, with the Add of its bias. */
export function linearReading(search: SearchGraph, value: string, reader: Node): LinearLayer | undefined {
  const bare = linearAt(search, reader);
  if (bare === undefined || bare.input !== value) {
    return undefined;
  }
  let whole = bare;
  for (let at = bare.output, steps = 0; steps < MAX_AROUND; steps++) {
    const [next, ...others] = search.readers(at);
    if (next === undefined || others.length > 0 || !isOp(next, "Add", "Mul", ...AROUND_BIAS)) {
      break;
    }
    at = next.outputs[0] ?? "";
    const made = linearMaking(search, at);
    if (made?.nodes[0] === reader) {
      whole = made;
    }
  }
  return whole;
}
