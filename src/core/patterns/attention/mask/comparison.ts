import type { Dim } from "../../../facts/fact";
import type { Node } from "../../../model/types";
import { isCarrier, isOp, type SearchGraph } from "../graph";

/** A comparison of the position of each query with that of each key. */
export interface PositionComparison {
  /** Number of queries. */
  readonly queries: Dim;
  /** By how much one side is moved: 0 or 1 for a triangle, more for a window. */
  readonly distance: number;
}

const MAX_STEPS = 12;

/** Undefined for every other node. */
export function comparisonOf(search: SearchGraph, node: Node): PositionComparison | undefined {
  if (!isOp(node, "Less", "LessOrEqual", "Greater", "GreaterOrEqual")) {
    return undefined;
  }
  const [a = "", b = ""] = node.inputs;
  const [left, right] = [search.fact(a), search.fact(b)];
  const areWhole = [left, right].every(({ dtype }) => dtype === "int64" || dtype === "int32");
  const column =
    isColumn(left.shape) && isRow(right.shape)
      ? left
      : isColumn(right.shape) && isRow(left.shape)
        ? right
        : undefined;
  if (!areWhole || column === undefined) {
    return undefined;
  }
  const distance = Math.max(Math.abs(shiftOf(search, a)), Math.abs(shiftOf(search, b)));
  return { queries: column.shape?.at(-2), distance };
}

/** One position for each query: (…, queries, 1). */
function isColumn(shape: readonly Dim[] | undefined): boolean {
  return shape !== undefined && shape.length >= 2 && shape.at(-1) === 1 && shape.at(-2) !== 1;
}

/** One position for each key: (keys) or (…, 1, keys). */
function isRow(shape: readonly Dim[] | undefined): boolean {
  return (
    shape !== undefined &&
    shape.length >= 1 &&
    shape.at(-1) !== 1 &&
    (shape.length === 1 || shape.at(-2) === 1)
  );
}

/** The constant that is added to the positions on their way. */
function shiftOf(search: SearchGraph, value: string): number {
  let shift = 0;
  for (let at = value, steps = 0; steps < MAX_STEPS; steps++) {
    const maker = search.maker(at);
    if (maker === undefined) {
      return shift;
    }
    if (isOp(maker, "Add", "Sub")) {
      const [a = "", b = ""] = maker.inputs;
      const added = constantOf(search, b) ?? constantOf(search, a);
      if (added === undefined) {
        return shift;
      }
      shift += isOp(maker, "Sub") ? -added : added;
      at = constantOf(search, b) === undefined ? b : a;
    } else if (isCarrier(maker)) {
      at = maker.inputs[0] ?? "";
    } else {
      return shift;
    }
  }
  return shift;
}

function constantOf(search: SearchGraph, value: string): number | undefined {
  const { small } = search.fact(value);
  const [only] = small ?? [];
  return small?.length === 1 && typeof only === "number" ? only : undefined;
}
