import { sub } from "../../expr";
import type { Dim } from "../../facts/fact";
import type { Node } from "../../model/types";
import { intAttribute, type SearchGraph } from "./graph";
import type { AttentionMask } from "./types";

interface FusedOperator {
  /** Attribute that says, when it is not 0, that queries see no later keys; or always. */
  readonly causal?: string | "always";
  /** Attribute with the number of keys that a query sees, and how to read it. */
  readonly window?: (node: Node) => number | undefined;
  /** Attribute with a graph that may change any score. */
  readonly modifier?: string;
  /** Inputs that say which keys are padding. */
  readonly padding?: readonly number[];
  /** Inputs that are added to the scores: masks or biases. */
  readonly added?: readonly number[];
  /** Input of the cache and the axis along which its positions are. */
  readonly past?: { readonly input: number; readonly axis: number };
  /** Indices of queries, keys and values; one index where the projections are inside or all are packed. */
  readonly sources: readonly number[];
  /** Indices of the weights of projections inside. */
  readonly weights?: readonly number[];
}

const localWindow = (name: string) => (node: Node) => {
  const window = intAttribute(node, name);
  return window !== undefined && window > 0 ? window : undefined;
};

/** Every operator that is attention as a whole, by domain and name. */
const FUSED: { readonly [op: string]: FusedOperator } = {
  Attention: {
    causal: "is_causal",
    added: [3],
    past: { input: 4, axis: 2 },
    sources: [0, 1, 2],
  },
  "ai.onnx.preview.FlexAttention": { sources: [0, 1, 2], modifier: "score_mod" },
  "com.microsoft.Attention": {
    causal: "unidirectional",
    padding: [3],
    added: [5],
    past: { input: 4, axis: 3 },
    sources: [0],
    weights: [1],
  },
  "com.microsoft.QAttention": {
    causal: "unidirectional",
    padding: [5],
    past: { input: 8, axis: 3 },
    sources: [0],
    weights: [1],
  },
  "com.microsoft.QOrderedAttention": { causal: "unidirectional", sources: [0], weights: [5, 6, 7] },
  "com.microsoft.PackedAttention": { added: [5], sources: [0], weights: [1] },
  "com.microsoft.PackedMultiHeadAttention": { added: [6], sources: [0, 1, 2] },
  "com.microsoft.MultiHeadAttention": {
    causal: "unidirectional",
    padding: [4],
    added: [5],
    past: { input: 6, axis: 2 },
    sources: [0, 1, 2],
  },
  "com.microsoft.DecoderMaskedMultiHeadAttention": {
    causal: "always",
    added: [4],
    past: { input: 5, axis: 2 },
    sources: [0, 1, 2],
  },
  "com.microsoft.DecoderMaskedSelfAttention": {
    causal: "always",
    added: [5],
    past: { input: 4, axis: 3 },
    sources: [0],
    weights: [1],
  },
  "com.microsoft.DecoderAttention": { padding: [5], sources: [0, 1], weights: [2, 3] },
  "com.microsoft.GroupQueryAttention": {
    causal: "always",
    window: localWindow("local_window_size"),
    added: [10],
    past: { input: 3, axis: 2 },
    sources: [0, 1, 2],
  },
  "com.microsoft.SparseAttention": {
    causal: "always",
    past: { input: 3, axis: 2 },
    sources: [0, 1, 2],
  },
  "com.microsoft.PagedAttention": {
    causal: "always",
    window: localWindow("local_window_size"),
    sources: [0, 1, 2],
  },
  "com.microsoft.LongformerAttention": {
    window: (node) => 2 * (intAttribute(node, "window") ?? 0) + 1,
    sources: [0],
    weights: [1, 4],
  },
  "com.microsoft.QOrderedLongformerAttention": {
    window: (node) => 2 * (intAttribute(node, "window") ?? 0) + 1,
    sources: [0],
    weights: [2, 8],
  },
};

export function fusedOperator(node: Node): FusedOperator | undefined {
  const name = node.domain === "" ? node.opType : `${node.domain}.${node.opType}`;
  return Object.hasOwn(FUSED, name) ? FUSED[name] : undefined;
}

/** What the operator's attributes and inputs say of which keys are seen; `added` is what its added input would say. */
export function fusedMask(
  node: Node,
  operator: FusedOperator,
  added: Pick<AttentionMask, "causal" | "relativeBias" | "evidence"> | undefined,
): AttentionMask {
  const has = (indices: readonly number[] = []) => indices.some((index) => (node.inputs[index] ?? "") !== "");
  const window = operator.window?.(node);
  const attribute = operator.causal === "always" ? undefined : operator.causal;
  const isCausal =
    operator.causal === "always" || (attribute !== undefined && (intAttribute(node, attribute) ?? 0) !== 0);
  const relativeBias = added?.relativeBias ?? false;
  const base = { window, relativeBias };
  if (isCausal) {
    const evidence = attribute === undefined ? `${node.opType} is always causal` : `${attribute} = 1`;
    return { kind: "inside", causal: true, ...base, evidence };
  }
  const { modifier } = operator;
  if (modifier !== undefined && node.attributes.has(modifier)) {
    return { kind: "inside", causal: undefined, ...base, evidence: `${modifier} decides` };
  }
  if (added !== undefined) {
    return { kind: "inside", causal: added.causal, ...base, evidence: added.evidence };
  }
  const evidence =
    window === undefined ? (has(operator.padding) ? "a mask of padding" : "") : `a window of ${window} keys`;
  return {
    kind: has(operator.padding) || window !== undefined ? "inside" : "none",
    causal: false,
    ...base,
    evidence,
  };
}

/** Keys that come from the operator's cache. */
export function fusedPast(
  search: SearchGraph,
  node: Node,
  { past }: FusedOperator,
  keys: Dim,
  queries: Dim,
): Dim {
  const cache = past === undefined ? "" : (node.inputs[past.input] ?? "");
  if (past === undefined || cache === "") {
    return 0;
  }
  const length = search.fact(cache).shape?.[past.axis];
  const isShared = (intAttribute(node, "past_present_share_buffer") ?? 0) !== 0;
  return isShared && keys !== undefined && queries !== undefined ? sub(keys, queries) : length;
}
