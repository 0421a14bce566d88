import { type Expr, isIntegral } from "../expr";
import type { Dim, Fact } from "../facts/fact";
import { DTYPE_CODES, type DType, dtypeFromCode } from "../tensor/dtype";
import { axisIndex, unknownDims } from "./dims";
import type { OpContext } from "./spec";

/** Shape arithmetic works on a handful of elements; longer results are data and are not followed. */
export const MAX_SMALL = 256;

type Elements = readonly (Expr | undefined)[];

/**
 * The elements of a 1-D integer tensor as sizes; where only its length is known, that many unknown ones. Undefined
 * when not even the length is known. Elements that are not integral are unknown sizes.
 */
export function sizesOf(fact: Fact): readonly Dim[] | undefined {
  const { small } = fact;
  if (small !== undefined) {
    return small.map((element) => (element !== undefined && isIntegral(element) ? element : undefined));
  }
  const length = fact.shape?.length === 0 ? 1 : fact.shape?.[0];
  return typeof length === "number" && length >= 0 && length <= MAX_SMALL && (fact.shape?.length ?? 0) <= 1
    ? unknownDims(length)
    : undefined;
}

/** All elements when every one is a plain number. */
export function numbersOf(fact: Fact): readonly number[] | undefined {
  const { small } = fact;
  return small?.every((element) => typeof element === "number") ? (small as readonly number[]) : undefined;
}

/** The only element of a scalar or of a tensor of one element. */
export function scalarOf(fact: Fact): Dim {
  const { small } = fact;
  return small?.length === 1 ? small[0] : undefined;
}

/** Integers that older operator sets take as an attribute and newer ones as an input; undefined when not known. */
export function intsOf(ctx: OpContext, attribute: string, input: number): readonly number[] | undefined {
  return ctx.hasInput(input) ? numbersOf(ctx.input(input)) : ctx.ints(attribute);
}

/** An element type that an attribute gives by number; undefined when it is absent or unknown. */
export function dtypeAttribute(ctx: OpContext, name: string): DType | undefined {
  // Cast named its target by a string before opset 6.
  if (ctx.node.attributes.get(name)?.type === "string") {
    return dtypeNamed(ctx.string(name, ""));
  }
  const dtype = dtypeFromCode(ctx.int(name, 0));
  return dtype === "undefined" ? undefined : dtype;
}

const OTHER_NAMES: { readonly [name: string]: DType } = { FLOAT: "float32", DOUBLE: "float64" };

function dtypeNamed(name: string): DType | undefined {
  const known = OTHER_NAMES[name] ?? name.toLowerCase();
  return known in DTYPE_CODES ? (known as DType) : undefined;
}

/** Axes counted from the front; undefined when one is outside the rank or given twice. */
export function frontAxes(axes: readonly number[], rank: number): readonly number[] | undefined {
  const found = axes.map((axis) => axisIndex(axis, rank));
  return found.every((axis) => axis !== undefined) && new Set(found).size === found.length
    ? (found as readonly number[])
    : undefined;
}

/** A shape of plain numbers whose product is small enough to follow the elements. */
export function smallDims(shape: readonly Dim[] | undefined): readonly number[] | undefined {
  if (shape === undefined) {
    return undefined;
  }
  let count = 1;
  for (const dim of shape) {
    if (typeof dim !== "number" || dim < 0) {
      return undefined;
    }
    count *= dim;
  }
  return count <= MAX_SMALL ? (shape as readonly number[]) : undefined;
}

/** The elements of a result with these dims, each asked for by its position along every axis. */
export function elementsAt(
  dims: readonly number[],
  element: (position: readonly number[]) => Expr | undefined,
): Elements {
  const count = dims.reduce((product, dim) => product * dim, 1);
  const position = dims.map(() => 0);
  const elements: (Expr | undefined)[] = [];
  for (let i = 0; i < count; i++) {
    elements.push(element(position));
    for (let axis = dims.length - 1; axis >= 0; axis--) {
      position[axis] = (position[axis] ?? 0) + 1;
      if ((position[axis] ?? 0) < (dims[axis] ?? 0)) {
        break;
      }
      position[axis] = 0;
    }
  }
  return elements;
}

/** Row-major index of a position in a tensor of these dims; axes of size 1 take any position, as broadcasting does. */
export function indexOf(position: readonly number[], dims: readonly number[]): number {
  const skipped = position.length - dims.length;
  let index = 0;
  for (let axis = 0; axis < dims.length; axis++) {
    const dim = dims[axis] ?? 1;
    index = index * dim + (dim === 1 ? 0 : (position[axis + skipped] ?? 0));
  }
  return index;
}

/** A fact with elements, when there are any that are known. */
export function withSmall(fact: Fact, small: Elements | undefined): Fact {
  return small?.some((element) => element !== undefined) ? { ...fact, small } : fact;
}
