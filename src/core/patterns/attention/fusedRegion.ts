import type { Dim } from "../../facts/fact";
import type { Node } from "../../model/types";
import type { AttentionSizes } from "../../ops/attentionSizes";
import { layerBehind } from "./behind";
import { relationOf } from "./decomposed";
import { fusedMask, fusedOperator, fusedPast } from "./fused";
import type { SearchGraph } from "./graph";
import { hidden } from "./mask/describe";
import { merged } from "./mask/parts";
import type { MaskReader } from "./mask/reader";
import { kvHeadsOf, type Traces } from "./sizes";
import { type Trace, traceBack } from "./trace";
import type { AttentionRegion } from "./types";

const UNKNOWN_SIZES: AttentionSizes = {
  batch: undefined,
  heads: undefined,
  kvHeads: undefined,
  headDim: undefined,
  vHeadDim: undefined,
  queryLength: undefined,
  keyLength: undefined,
};

/** The block of an operator that is attention as a whole; undefined for other nodes. */
export function fusedAt(search: SearchGraph, masks: MaskReader, node: Node): AttentionRegion | undefined {
  const operator = fusedOperator(node);
  if (operator === undefined) {
    return undefined;
  }
  const sizes = search.inference.cost(node.id).attention ?? UNKNOWN_SIZES;
  const inputs = operator.sources.map((index) => node.inputs[index] ?? "");
  const inside = operator.weights !== undefined;
  const traces = inputs.map((value) => (inside ? undefined : traceBack(search, value)));
  const [query, key = query, value = key] = traces;
  const behind = layerBehind(search, node.outputs[0] ?? "");
  const given = (indices: readonly number[] = []) =>
    indices.map((index) => node.inputs[index] ?? "").filter((name) => name !== "");
  // What is meant for padding, (batch, keys), may come as (batch, queries, keys) and hide any key.
  const added = [
    ...given(operator.added),
    ...given(operator.padding).filter((name) => (search.fact(name).shape?.length ?? 0) > 2),
  ];
  const parts = added.length === 0 ? undefined : merged(added.map((name) => masks.look(name)));
  const between = [query, key, value].flatMap((trace) => trace?.nodes ?? []);
  const layers = (trace: Trace | undefined) => trace?.layers.flatMap(({ nodes }) => nodes) ?? [];
  return {
    graph: search.graph,
    anchor: node,
    form: "fused",
    roles: {
      scores: [],
      softmax: [],
      weightedSum: [],
      fused: [node],
      between: [...new Set([...between, ...behind.between])],
      query: layers(query),
      key: layers(key),
      value: layers(value),
      output: behind.layer?.nodes ?? [],
    },
    sizes: {
      ...sizes,
      kvHeads:
        query === undefined || key === undefined || value === undefined
          ? sizes.kvHeads
          : sharedHeads(search, { query, key, value }, sizes),
    },
    pastLength: fusedPast(search, node, operator, sizes.keyLength, sizes.queryLength),
    relation: relation(search, inputs, { query, key }, sizes),
    mask: fusedMask(node, operator, parts && hidden(search, parts, sizes)),
  };
}

/** Exporters repeat keys and values for the heads that share them before they call an operator that could do it. */
function sharedHeads(search: SearchGraph, traces: Traces, { kvHeads, headDim }: AttentionSizes): Dim {
  return traces.key.layers.length === 1 ? kvHeadsOf(search, traces, kvHeads, headDim) : kvHeads;
}

function relation(
  search: SearchGraph,
  [query = "", key = ""]: readonly string[],
  traces: { readonly query: Trace | undefined; readonly key: Trace | undefined },
  sizes: AttentionSizes,
): "self" | "cross" {
  if (key === "" || key === query) {
    return "self";
  }
  return traces.query === undefined || traces.key === undefined
    ? "cross"
    : relationOf(search, { query: traces.query, key: traces.key }, sizes);
}
