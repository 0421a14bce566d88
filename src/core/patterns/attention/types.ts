import type { Dim } from "../../facts/fact";
import type { Graph, Node } from "../../model/types";
import type { AttentionSizes } from "../../ops/attention";

/** How the keys that a query may see are limited, and what in the graph tells. */
export interface AttentionMask {
  /** added: to the scores; chosen: by Where; inside: by the fused operator. */
  readonly kind: "none" | "added" | "chosen" | "inside";
  /** true: queries see no later keys. undefined: an input, or something that cannot be read, decides. */
  readonly causal: boolean | undefined;
  /** Keys that a query sees at most, where a window limits them. */
  readonly window: number | undefined;
  /** A bias by relative position is added to the scores. */
  readonly relativeBias: boolean;
  readonly evidence: string;
}

/** The nodes of a block by what they do; each node has one place. */
export interface AttentionRoles {
  /** The product of queries and keys; none in a fused operator. */
  readonly scores: readonly Node[];
  readonly softmax: readonly Node[];
  readonly weightedSum: readonly Node[];
  /** A fused operator, which does all of these. */
  readonly fused: readonly Node[];
  /** Scaling, masking, casts, repeating of keys, splitting and merging of heads, rotary embedding, joining with the cache. */
  readonly between: readonly Node[];
  /** The linear layers (MatMul or Gemm with its bias) that make queries, keys and values, and the one behind. A layer that makes several stands in each. */
  readonly query: readonly Node[];
  readonly key: readonly Node[];
  readonly value: readonly Node[];
  readonly output: readonly Node[];
}

/** One attention block, however it is written. */
export interface AttentionRegion {
  readonly graph: Graph;
  /** Softmax, or the fused operator. */
  readonly anchor: Node;
  readonly form: "fused" | "decomposed";
  readonly roles: AttentionRoles;
  readonly sizes: AttentionSizes;
  /** Keys that come from a cache: 0 where there is none, undefined where their number is not known. */
  readonly pastLength: Dim;
  readonly relation: "self" | "cross";
  readonly mask: AttentionMask;
}

/** A Softmax that is not taken for attention, with the first edge at which it fails. */
export interface Mismatch {
  readonly graph: Graph;
  readonly anchor: Node;
  readonly reason: string;
  readonly edge: { readonly value: string; readonly from: Node | undefined; readonly to: Node };
}

export interface AttentionFindings {
  /** In the order of their anchors in the file. */
  readonly regions: readonly AttentionRegion[];
  readonly mismatches: readonly Mismatch[];
}
