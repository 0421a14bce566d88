import type { Dim } from "../../../facts/fact";
import type { Node } from "../../../model/types";
import { isOp, type SearchGraph } from "../graph";
import { type Positions, positionsOf } from "./positions";

/** Which keys a comparison lets a query see, counted from the query: -2 is the key two before it. */
export interface Bounds {
  readonly from: number | undefined;
  readonly to: number | undefined;
  /** Number of queries. */
  readonly rows: Dim;
}

const RELATIONS: { readonly [op: string]: "<" | "<=" | ">" | ">=" } = {
  Less: "<",
  LessOrEqual: "<=",
  Greater: ">",
  GreaterOrEqual: ">=",
};
const MIRRORED = { "<": ">", "<=": ">=", ">": "<", ">=": "<=" } as const;

/**
 * Reads a comparison of the position of each query with that of each key; undefined for every other node.
 *
 * @param seen whether keys are seen where the comparison holds, or where it does not
 */
export function boundsOf(search: SearchGraph, node: Node, seen: boolean): Bounds | undefined {
  const relation = isOp(node, ...Object.keys(RELATIONS)) ? RELATIONS[node.opType] : undefined;
  if (relation === undefined) {
    return undefined;
  }
  const [a, b] = [0, 1].map((input) => positionsOf(search, node.inputs[input] ?? ""));
  const rows = search.fact(node.outputs[0] ?? "").shape?.at(-2);
  if (a === undefined || b === undefined) {
    return undefined;
  }
  if (a.isDistance || b.isDistance) {
    const within = a.isDistance ? distanceWithin(relation, b) : distanceWithin(MIRRORED[relation], a);
    return within === undefined || !seen ? undefined : { from: -within, to: within, rows };
  }
  const query = a.query - b.query;
  const key = a.key - b.key;
  if (key === 0 || query !== -key || Math.abs(key) !== 1) {
    return undefined;
  }
  const offset = (a.offset - b.offset) * key;
  return { ...limit(key > 0 ? relation : MIRRORED[relation], -offset, seen), rows };
}

/** key - query is `relation` to `than`. */
function limit(relation: "<" | "<=" | ">" | ">=", than: number, seen: boolean): Omit<Bounds, "rows"> {
  const isBelow = relation.startsWith("<");
  const edge = relation === "<" ? than - 1 : relation === ">" ? than + 1 : than;
  if (seen) {
    return isBelow ? { from: undefined, to: edge } : { from: edge, to: undefined };
  }
  return isBelow ? { from: edge + 1, to: undefined } : { from: undefined, to: edge - 1 };
}

function distanceWithin(
  relation: "<" | "<=" | ">" | ">=",
  { query, key, offset }: Positions,
): number | undefined {
  return query !== 0 || key !== 0 || relation.startsWith(">")
    ? undefined
    : relation === "<"
      ? offset - 1
      : offset;
}
