import { allGraphs } from "../../../edit/graphs";
import { type Expr, mul } from "../../../expr";
import type { Fact } from "../../../facts/fact";
import type { Inference } from "../../../infer/types";
import type { Graph, Model, Node, TensorRef } from "../../../model/types";
import { type Reshaping, reshaped } from "./reshape";

/** A stored tensor with the nodes that read it. */
export interface Constant {
  readonly tensor: TensorRef;
  readonly graph: Graph;
  /** Name of the value. */
  readonly name: string;
  readonly fact: Fact;
  readonly readers: readonly { readonly node: Node; readonly input: number }[];
}

/** Initializers and Constants of all graphs that are small or have few axes' worth of meaning: no weights of layers. */
export function constantsOf(model: Model, inference: Inference): readonly Constant[] {
  const found: Constant[] = [];
  for (const graph of allGraphs(model)) {
    const tensors = new Map<string, TensorRef>(graph.initializers);
    const readers = new Map<string, { node: Node; input: number }[]>();
    for (const node of graph.nodes) {
      const value = node.opType === "Constant" ? node.attributes.get("value") : undefined;
      if (value?.type === "tensor") {
        tensors.set(node.outputs[0] ?? "", value.value);
      }
      node.inputs.forEach((name, input) => {
        const list = readers.get(name) ?? [];
        list.push({ node, input });
        readers.set(name, list);
      });
    }
    for (const [name, tensor] of tensors) {
      const read = readers.get(name) ?? [];
      if (read.length > 0) {
        found.push({ tensor, graph, name, fact: inference.fact(graph, name), readers: read });
      }
    }
  }
  return found;
}

/** Operators whose operand with several axes is laid against a tensor that has the length. */
const ALIGNED: ReadonlySet<string> = new Set([
  "Add",
  "And",
  "Cast",
  "Concat",
  "Div",
  "Equal",
  "Expand",
  "Gather",
  "GatherElements",
  "GatherND",
  "Greater",
  "GreaterOrEqual",
  "Less",
  "LessOrEqual",
  "Mul",
  "Not",
  "Or",
  "Slice",
  "Squeeze",
  "Sub",
  "Transpose",
  "Trilu",
  "Unsqueeze",
  "Where",
]);

/** Operators whose small operand says sizes or positions. */
const SIZED: ReadonlySet<string> = new Set([
  "Add",
  "Cast",
  "Concat",
  "ConstantOfShape",
  "Equal",
  "Expand",
  "Mul",
  "Range",
  "Slice",
  "Squeeze",
  "Sub",
  "Unsqueeze",
  "Where",
]);

/**
 * What a constant would be if the length were n: with n for its axes or its elements that are the length. Undefined
 * for one that stays. Shapes of Reshape are left out: they need to know what is reshaped.
 */
export function supposedConstant({ fact, readers }: Constant, length: number, n: Expr): Fact | undefined {
  const { shape, dtype, small } = fact;
  if (shape === undefined || dtype === undefined || readers.some(isShapeOfReshape)) {
    return undefined;
  }
  const isNumber = dtype.startsWith("int");
  if (
    shape.includes(length) &&
    (shape.length > 1 || isNumber || dtype === "bool") &&
    readers.every(({ node }) => ALIGNED.has(node.opType))
  ) {
    // A table that rows are picked from keeps its rows: it says how far positions go.
    const isTable = readers.some(({ node, input }) => node.opType === "Gather" && input === 0);
    return isTable ? undefined : { dtype, shape: shape.map((size) => (size === length ? n : size)) };
  }
  if (
    isNumber &&
    shape.length <= 1 &&
    small?.includes(length) === true &&
    readers.every(({ node }) => SIZED.has(node.opType))
  ) {
    return { dtype, shape, small: small.map((element) => (element === length ? n : element)) };
  }
  return undefined;
}

export const isShapeOfReshape = ({ node, input }: Constant["readers"][number]): boolean =>
  node.opType === "Reshape" && input === 1;

/** The shape that a Reshape's constant would hold for an input with n in it; undefined where that cannot be told. */
export function supposedShape(
  { fact }: Constant,
  reshaping: Reshaping,
  input: readonly Expr[],
): Fact | undefined {
  const sizes = reshaped(reshaping, input);
  const { dtype, shape, small } = fact;
  if (sizes === undefined || dtype === undefined || shape === undefined || small === undefined) {
    return undefined;
  }
  // 0 copies a size and -1 takes what is left: both follow by themselves.
  return {
    dtype,
    shape,
    small: small.map((element, at) => (element === 0 || element === -1 ? element : sizes[at])),
  };
}

/** The input of a Reshape with n where the length seems to be, before anything is known of it. */
export function guessedInput({ read, made }: Reshaping, length: number, n: Expr): readonly Expr[] {
  if (read.includes(length)) {
    return read.map((size) => (size === length ? n : size));
  }
  const merged = made.includes(length)
    ? read.findIndex((size) => typeof size === "number" && size % length === 0)
    : -1;
  return read.map((size, at) => (at === merged && typeof size === "number" ? mul(size / length, n) : size));
}
