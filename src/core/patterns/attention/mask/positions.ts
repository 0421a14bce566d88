import type { Dim } from "../../../facts/fact";
import type { Node } from "../../../model/types";
import { isCarrier, isOp, type SearchGraph } from "../graph";

/** How a whole number depends on the positions of query and key: query·i + key·j + offset, or the distance without its sign. */
export interface Positions {
  readonly query: number;
  readonly key: number;
  /** Without lengths that the model is given: positions after a cache count from where the cache ends. */
  readonly offset: number;
  readonly isDistance: boolean;
}

const MAX_STEPS = 24;
const NEITHER: Positions = { query: 0, key: 0, offset: 0, isDistance: false };

/** Undefined for what does not come from positions alone. */
export function positionsOf(search: SearchGraph, value: string, steps = MAX_STEPS): Positions | undefined {
  const { shape, small, dtype } = search.fact(value);
  const [only] = small ?? [];
  if (small?.length === 1 && typeof only === "number") {
    return { ...NEITHER, offset: only };
  }
  if (steps === 0 || dtype === "bool") {
    return undefined;
  }
  const axis = axisOf(shape);
  const maker = search.maker(value);
  if (axis === "none") {
    return isSeries(search, value) ? { ...NEITHER, query: 1, offset: shiftOf(search, value) } : NEITHER;
  }
  if (axis === "query" || axis === "key") {
    return isSeries(search, value) ? { ...NEITHER, [axis]: 1, offset: shiftOf(search, value) } : undefined;
  }
  if (maker === undefined) {
    return undefined;
  }
  const at = (input: number) => positionsOf(search, maker.inputs[input] ?? "", steps - 1);
  if (isOp(maker, "Add", "Sub")) {
    return sum(at(0), at(1), isOp(maker, "Sub") ? -1 : 1);
  }
  if (isOp(maker, "Neg")) {
    return sum(NEITHER, at(0), -1);
  }
  if (isOp(maker, "Abs")) {
    const inside = at(0);
    return inside && inside.query === -inside.key && inside.offset === 0
      ? { ...inside, isDistance: true }
      : undefined;
  }
  return isCarrier(maker) && keepsLastAxes(search, maker) ? at(0) : undefined;
}

function sum(a: Positions | undefined, b: Positions | undefined, sign: number): Positions | undefined {
  if (a === undefined || b === undefined || a.isDistance || b.isDistance) {
    return undefined;
  }
  return {
    query: a.query + sign * b.query,
    key: a.key + sign * b.key,
    offset: a.offset + sign * b.offset,
    isDistance: false,
  };
}

/** Along which of the last two axes a value differs; queries are rows. */
function axisOf(shape: readonly Dim[] | undefined): "query" | "key" | "both" | "none" | undefined {
  if (shape === undefined) {
    return undefined;
  }
  const differs = (dim: Dim) => dim !== 1;
  const key = shape.length > 0 && differs(shape.at(-1));
  const query = shape.length > 1 && differs(shape.at(-2));
  return key ? (query ? "both" : "key") : query ? "query" : "none";
}

function keepsLastAxes(search: SearchGraph, node: Node): boolean {
  const before = search.fact(node.inputs[0] ?? "").shape?.slice(-2);
  const after = search.fact(node.outputs[0] ?? "").shape?.slice(-2);
  return !isOp(node, "Transpose") && before?.length === 2 && before.join() === after?.join();
}

/** Positions one after the other: a Range, a running count, or a list that the model holds or is given. */
function isSeries(search: SearchGraph, value: string): boolean {
  let at = value;
  for (let steps = 0; steps < MAX_STEPS; steps++) {
    const maker = search.maker(at);
    const { dtype, shape } = search.fact(at);
    if (maker === undefined || search.isStored(at)) {
      const isWhole = dtype === "int64" || dtype === "int32";
      return isWhole && shape?.every((dim) => dim === 1) === false;
    }
    if (isOp(maker, "Range", "CumSum")) {
      return true;
    }
    const next = seriesInput(search, maker);
    if (next === undefined) {
      return false;
    }
    at = next;
  }
  return false;
}

/** The input that is moved, not what moves it. */
function seriesInput(search: SearchGraph, maker: Node): string | undefined {
  const [a = "", b = ""] = maker.inputs;
  if (isCarrier(maker) || isOp(maker, "Slice", "Gather", "GatherND", "Tile", "Clip")) {
    return a;
  }
  if (!isOp(maker, "Add", "Sub")) {
    return undefined;
  }
  return isSingle(search, b) ? a : isSingle(search, a) && isOp(maker, "Add") ? b : undefined;
}

function isSingle(search: SearchGraph, value: string): boolean {
  return search.fact(value).shape?.every((dim) => dim === 1) === true;
}

/** The known numbers that are added to a series. */
function shiftOf(search: SearchGraph, value: string): number {
  let shift = 0;
  let at = value;
  for (let steps = 0; steps < MAX_STEPS; steps++) {
    const maker = search.maker(at);
    const next = maker && seriesInput(search, maker);
    if (maker === undefined || next === undefined) {
      break;
    }
    if (isOp(maker, "Add", "Sub")) {
      const added = search.fact(maker.inputs.find((input) => input !== next) ?? "").small?.[0];
      shift += typeof added === "number" ? (isOp(maker, "Sub") ? -added : added) : 0;
    }
    at = next;
  }
  return shift;
}
