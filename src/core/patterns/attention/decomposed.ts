import { equal } from "../../expr";
import type { Dim } from "../../facts/fact";
import type { Node } from "../../model/types";
import { bandOf } from "./band";
import { layerBehind } from "./behind";
import { intAttribute, intsAttribute, isOp, type SearchGraph } from "./graph";
import { describeMasks } from "./mask/describe";
import type { MaskReader } from "./mask/reader";
import type { LinearLayer } from "./products";
import { type DeadEnd, findScores, ownMasks, type ScorePath } from "./scorePath";
import { type Operands, sizesOf, type Traces } from "./sizes";
import { isDerived, sourceOf } from "./sources";
import { type Trace, traceBack } from "./trace";
import type { AttentionMask, AttentionRegion, Mismatch } from "./types";
import { findWeightedSum } from "./weightedSum";
import { imageWindow } from "./windows";

/** The block around a Softmax, or why it is none. */
export function decomposedAt(
  search: SearchGraph,
  masks: MaskReader,
  anchor: Node,
): AttentionRegion | Mismatch {
  const axis = axisMismatch(search, anchor);
  if (axis !== undefined) {
    return mismatch(search, anchor, axis);
  }
  const scores = findScores(search, anchor.inputs[0] ?? "", anchor);
  if (!("product" in scores)) {
    return mismatch(search, anchor, scores);
  }
  const sum = findWeightedSum(search, anchor);
  if (!("product" in sum)) {
    return mismatch(search, anchor, sum);
  }
  const operands = queriesAndKeys(search, anchor, scores);
  const traces: Traces = {
    query: traceBack(search, operands.queries),
    key: traceBack(search, operands.keys),
    value: traceBack(search, sum.values),
  };
  const whole = sizesOf(search, { scores, operands, sum, traces });
  const band = bandOf(search, anchor, scores, traces, whole);
  const sizes = band?.sizes ?? whole;
  const behind = layerBehind(search, sum.product.node.outputs[0] ?? "");
  const placed = new Set<Node>();
  const once = (nodes: readonly Node[]) => nodes.filter((node) => !placed.has(node) && placed.add(node));
  const core = {
    scores: once([scores.product.node]),
    softmax: once([anchor]),
    weightedSum: once([sum.product.node]),
  };
  const layerNodes = (layers: readonly LinearLayer[]) => layers.flatMap(({ nodes }) => nodes);
  const layers = {
    query: layerNodes(traces.query.layers),
    key: layerNodes(traces.key.layers),
    value: layerNodes(traces.value.layers),
    output: layerNodes(behind.layer === undefined ? [] : [behind.layer]),
  };
  for (const node of Object.values(layers).flat()) {
    placed.add(node);
  }
  const guards = search.readers(anchor.outputs[0] ?? "").filter((reader) => isOp(reader, "IsNaN"));
  const between = once([
    ...traces.query.nodes,
    ...traces.key.nodes,
    ...traces.value.nodes,
    ...scores.between.toReversed(),
    ...guards,
    ...sum.between,
    ...behind.between,
  ]);
  return {
    graph: search.graph,
    anchor,
    form: "decomposed",
    roles: { ...core, fused: [], between, ...layers },
    sizes,
    pastLength: pastOf(search, traces.key),
    relation: relationOf(search, traces, sizes),
    mask:
      band?.mask ??
      withWindow(
        describeMasks(search, masks, [...scores.masks, ...ownMasks(anchor)], sizes),
        imageWindow(search, traces.query.layers[0], sizes),
      ),
  };
}

function withWindow(mask: AttentionMask, positions: number | undefined): AttentionMask {
  if (positions === undefined || mask.window !== undefined) {
    return mask;
  }
  const evidence = `windows of ${positions} positions`;
  return {
    ...mask,
    window: positions,
    evidence: mask.evidence === "" ? evidence : `${evidence}; ${mask.evidence}`,
  };
}

function mismatch({ graph }: SearchGraph, anchor: Node, { reason, value, from, to }: DeadEnd): Mismatch {
  return { graph, anchor, reason, edge: { value, from, to } };
}

/** Probabilities of a query's keys add up to one: Softmax goes along the last axis, or along the last but one. */
function axisMismatch(search: SearchGraph, softmax: Node): DeadEnd | undefined {
  const value = softmax.inputs[0] ?? "";
  const rank = search.fact(value).shape?.length;
  const axis = softmaxAxis(search, softmax);
  if (rank === undefined || axis === -1 || (axis === -2 && rank > 2)) {
    return undefined;
  }
  return {
    reason: `it normalises along axis ${axis + rank} of ${rank}, where no keys would be`,
    value,
    from: search.maker(value),
    to: softmax,
  };
}

/** Counted from the end; the last where the rank is not known. */
function softmaxAxis(search: SearchGraph, softmax: Node): number {
  const rank = search.fact(softmax.inputs[0] ?? "").shape?.length;
  const axis = intAttribute(softmax, "axis") ?? (search.opset("") >= 13 ? -1 : 1);
  return axis >= 0 && rank !== undefined ? axis - rank : axis < 0 ? axis : -1;
}

/** The factor whose positions Softmax runs along has the keys. */
function queriesAndKeys(search: SearchGraph, softmax: Node, { product, between }: ScorePath): Operands {
  const turns = between.filter(
    (node) => isOp(node, "Transpose") && swapsLast(intsAttribute(node, "perm")),
  ).length;
  const isLast = (softmaxAxis(search, softmax) === -1) === (turns % 2 === 0);
  const keysAtRight = isLast === product.outColumns > product.outRows;
  return keysAtRight
    ? { queries: product.left, keys: product.right, keysAtRight }
    : { queries: product.right, keys: product.left, keysAtRight };
}

function swapsLast(order: readonly number[] | undefined): boolean {
  return order === undefined || (order.at(-1) ?? 0) < (order.at(-2) ?? 0);
}

function pastOf(search: SearchGraph, { past, nodes }: Trace): Dim {
  if (past !== undefined) {
    const shape = search.fact(past.value).shape;
    const axis = intAttribute(past.concat, "axis") ?? 0;
    return shape?.[axis < 0 ? axis + shape.length : axis];
  }
  const isWritten = nodes.some((node) => isOp(node, "ScatterND", "ScatterElements", "TensorScatter"));
  return isWritten ? undefined : 0;
}

/** Cross attention takes keys from another sequence than queries. */
export function relationOf(
  search: SearchGraph,
  { query, key }: Pick<Traces, "query" | "key">,
  { queryLength, keyLength }: { readonly queryLength: Dim; readonly keyLength: Dim },
): "self" | "cross" {
  const queries = sourcesOf(search, query);
  const keys = sourcesOf(search, key);
  if ([...keys].some((source) => queries.has(source))) {
    return "self";
  }
  if (key.layers.length > 0 && query.layers.length > 0) {
    return isDerived(search, keys, queries) || isDerived(search, queries, keys) ? "self" : "cross";
  }
  if (key.past !== undefined) {
    return "self";
  }
  const isAsLong = queryLength !== undefined && keyLength !== undefined && equal(queryLength, keyLength);
  return isAsLong ? "self" : "cross";
}

function sourcesOf(search: SearchGraph, { start, layers, inputs }: Trace): ReadonlySet<string> {
  const starts = layers.length > 0 ? layers.map(({ input }) => input) : inputs.length > 0 ? inputs : [start];
  return new Set(starts.map((value) => sourceOf(search, value)));
}
