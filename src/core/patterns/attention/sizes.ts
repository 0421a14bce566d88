import { divideExact, type Expr, equal, mul, sub } from "../../expr";
import type { Dim } from "../../facts/fact";
import type { Node } from "../../model/types";
import type { AttentionSizes } from "../../ops/attentionSizes";
import { isOp, type SearchGraph } from "./graph";
import type { ScorePath } from "./scorePath";
import type { Trace } from "./trace";
import type { SumPath } from "./weightedSum";

export interface Traces {
  readonly query: Trace;
  readonly key: Trace;
  readonly value: Trace;
}

/** The factors of the scores. */
export interface Operands {
  readonly queries: string;
  readonly keys: string;
  /** Keys are the right factor. */
  readonly keysAtRight: boolean;
}

export interface Found {
  readonly scores: ScorePath;
  readonly operands: Operands;
  readonly sum: SumPath;
  readonly traces: Traces;
}

/** Sizes of a block that is written out, from the shapes around its two products. */
export function sizesOf(search: SearchGraph, { scores, operands, sum, traces }: Found): AttentionSizes {
  const shapeOf = (value: string) => search.fact(value).shape;
  const { product, between } = scores;
  const grid = shapeOf(product.node.outputs[0] ?? "");
  const [rows, columns] = [grid?.at(product.outRows), grid?.at(product.outColumns)];
  const [queryLength, keyLength] = operands.keysAtRight ? [rows, columns] : [columns, rows];
  const headDim =
    shapeOf(product.left)?.at(product.leftInner) ?? shapeOf(product.right)?.at(product.rightInner);
  const isPosition = (axis: number) =>
    grid !== undefined && [product.outRows, product.outColumns].includes(axis - grid.length);
  const leading = grid?.filter((_, axis) => !isPosition(axis));
  const split = headsOf({
    search,
    leading,
    left: shapeOf(operands.queries),
    right: shapeOf(operands.keys),
    headDim,
    queryLength,
    trace: traces.query,
    scorePath: between,
  });
  const shared = kvHeadsOf(search, traces, split.heads, headDim);
  return {
    batch: split.batch,
    heads: split.heads,
    kvHeads: split.kvHeads ?? shared,
    headDim,
    vHeadDim: shapeOf(sum.values)?.at(sum.valueAxis),
    queryLength,
    keyLength,
  };
}

interface HeadSplit {
  readonly batch: Dim;
  readonly heads: Dim;
  readonly kvHeads?: Dim;
}

interface Leading {
  readonly search: SearchGraph;
  /** Dims of the scores before queries and keys. */
  readonly leading: readonly Dim[] | undefined;
  readonly left: readonly Dim[] | undefined;
  readonly right: readonly Dim[] | undefined;
  readonly headDim: Dim;
  readonly queryLength: Dim;
  readonly trace: Trace;
  /** Nodes behind the scores, which may take batch and heads apart. */
  readonly scorePath: readonly Node[];
}

/** How the dims in front of queries and keys are shared between batch and heads. */
function headsOf(at: Leading): HeadSplit {
  const { leading, left, right } = at;
  if (leading === undefined) {
    return { batch: undefined, heads: undefined };
  }
  if (leading.length === 0) {
    return { batch: 1, heads: 1 };
  }
  if (leading.length === 1) {
    return mergedHeads(at, leading[0]);
  }
  const groups = leading.at(-1);
  const isGrouped =
    leading.length >= 3 && right?.at(-3) === 1 && left?.at(-3) !== 1 && left?.length === right.length;
  if (isGrouped) {
    const kvHeads = leading.at(-2);
    return { batch: productOf(leading.slice(0, -2)), heads: times(kvHeads, groups), kvHeads };
  }
  return { batch: productOf(leading.slice(0, -1)), heads: groups };
}

/**
 * Batch and heads in one dim: how they were apart is told by the tensor with four axes that became this one, either
 * (batch, heads, length, width) or (batch, length, heads, width).
 */
function mergedHeads(at: Leading, merged: Dim): HeadSplit {
  const { search, headDim, queryLength, trace, scorePath } = at;
  const split = (heads: Dim): HeadSplit | undefined => {
    const batch = quotient(merged, heads);
    return heads === undefined || batch === undefined ? undefined : { batch, heads };
  };
  for (const node of scorePath) {
    const shape = search.fact(node.outputs[0] ?? "").shape;
    const found = shape?.length === 4 && isSame(shape[2], queryLength) ? split(shape[1]) : undefined;
    if (found !== undefined) {
      return found;
    }
  }
  for (const node of trace.nodes) {
    for (const value of [...node.outputs, ...node.inputs]) {
      const shape = search.fact(value).shape;
      if (shape?.length === 4 && isSame(shape[3], headDim)) {
        const heads = isSame(shape[2], queryLength)
          ? shape[1]
          : isSame(shape[1], queryLength)
            ? shape[2]
            : undefined;
        const found = split(heads);
        if (found !== undefined) {
          return found;
        }
      }
    }
  }
  return split(headsOfRows(at)) ?? { batch: merged, heads: 1 };
}

/** (length, batch, heads·width) taken for (length, batch·heads, width): how often the width goes into the features. */
function headsOfRows({ search, headDim, trace }: Leading): Dim {
  for (const { inputs, outputs } of trace.nodes) {
    const [before, after] = [inputs[0], outputs[0]].map((name) => search.fact(name ?? "").shape);
    const isSplit = before?.length === after?.length && isSame(after?.at(-1), headDim);
    if (isSplit && !isSame(before?.at(-1), headDim)) {
      return quotient(before?.at(-1), headDim);
    }
  }
  return undefined;
}

/** Heads of keys and values, from the width of the layer that makes them, or from what a cache holds. */
export function kvHeadsOf(search: SearchGraph, { query, key, value }: Traces, heads: Dim, headDim: Dim): Dim {
  const [layer] = key.layers;
  const width = (name: string) => widthOf(search, name);
  if (layer !== undefined && key.layers.length === 1) {
    const isPacked = query.layers.some(({ output }) => output === layer.output);
    const isPackedPair = value.layers.some(({ output }) => output === layer.output);
    const all = quotient(width(layer.output), headDim);
    if (isPacked) {
      return all === undefined || heads === undefined ? heads : (quotient(sub(all, heads), 2) ?? heads);
    }
    return (isPackedPair ? quotient(all, 2) : all) ?? heads;
  }
  for (const input of key.inputs) {
    const shape = search.fact(input).shape;
    if (shape?.length === 4 && isSame(shape[3], headDim)) {
      return shape[1];
    }
  }
  return heads;
}

/** Features that a linear layer gives for each position: the last dim, or the channels of a convolution. */
function widthOf(search: SearchGraph, value: string): Dim {
  const shape = search.fact(value).shape;
  const maker = search.maker(value);
  if (maker?.opType.includes("Conv") === true) {
    return shape?.[1];
  }
  // An Einsum may give (batch, length, heads, width) at once.
  const isSplit = maker !== undefined && isOp(maker, "Einsum") && shape?.length === 4;
  return isSplit ? times(shape[2], shape[3]) : shape?.at(-1);
}

function productOf(dims: readonly Dim[]): Dim {
  return dims.reduce<Dim>((product, dim) => times(product, dim), 1);
}

function times(a: Dim, b: Dim): Dim {
  return a === undefined || b === undefined ? undefined : mul(a, b);
}

function quotient(a: Dim, b: Dim): Dim {
  return a === undefined || b === undefined || b === 0 ? undefined : divideExact(a as Expr, b as Expr);
}

function isSame(a: Dim, b: Dim): boolean {
  return a !== undefined && b !== undefined && equal(a, b);
}
