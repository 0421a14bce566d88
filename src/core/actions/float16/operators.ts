import type { Node } from "../../model/types";

/** Operators that compute in float16 without losing what matters, with the inputs that are data; all inputs when not listed. */
const HALF: { readonly [op: string]: readonly number[] | "all" } = {
  MatMul: "all",
  Gemm: "all",
  Conv: "all",
  ConvTranspose: "all",
  Einsum: "all",
  Add: "all",
  Sub: "all",
  Mul: "all",
  Div: "all",
  Neg: "all",
  Abs: "all",
  Relu: "all",
  LeakyRelu: "all",
  PRelu: "all",
  Elu: "all",
  Selu: "all",
  HardSigmoid: "all",
  HardSwish: "all",
  Gelu: "all",
  Erf: "all",
  Tanh: "all",
  Sigmoid: "all",
  Clip: "all",
  Min: "all",
  Max: "all",
  Where: [1, 2],
  Transpose: "all",
  Reshape: [0],
  Squeeze: [0],
  Unsqueeze: [0],
  Flatten: "all",
  Identity: "all",
  Expand: [0],
  Tile: [0],
  Slice: [0],
  Split: [0],
  Concat: "all",
  Gather: [0],
  GatherElements: [0],
  GatherND: [0],
  Pad: [0, 2],
  DepthToSpace: "all",
  SpaceToDepth: "all",
  MaxPool: "all",
  AveragePool: "all",
  GlobalAveragePool: "all",
  GlobalMaxPool: "all",
  Dropout: [0],
};

/** Operators of com.microsoft that onnxruntime has float16 kernels or Casts for. */
const HALF_MICROSOFT: { readonly [op: string]: readonly number[] | "all" } = {
  FusedMatMul: "all",
  BiasGelu: "all",
  FastGelu: "all",
  QuickGelu: "all",
};

/**
 * Indices of the inputs that become float16 when the node does; undefined for an operator that stays in float32:
 * one that sums many squares or exponentials (normalisations, Softmax, reductions, Pow, Exp), one that has no
 * float16 form, and one whose rules are not known here.
 */
export function halfInputs(node: Node): readonly number[] | undefined {
  const table = node.domain === "" ? HALF : node.domain === "com.microsoft" ? HALF_MICROSOFT : {};
  const indices = Object.hasOwn(table, node.opType) ? table[node.opType] : undefined;
  return indices === "all" ? node.inputs.map((_, index) => index) : indices;
}
