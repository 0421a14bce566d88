import type { Bindings } from "./engine";
import type { Amount } from "./rows";

/** A size at the current bindings, with its formula. value is null when unknown or unbound. */
export interface Size {
  readonly value: number | null;
  readonly formula: string;
}

/** A part of a block: multiply-accumulates, and all FLOPs with them. */
export interface PartCost {
  readonly macs: Amount;
  readonly flops: Amount;
  readonly bytes: Amount;
}

export const ATTENTION_PARTS = ["projections", "scores", "softmax", "weightedSum", "other"] as const;
export type AttentionPart = (typeof ATTENTION_PARTS)[number];

/** `coefficient`·n^power: one term of a cost, its other dims at their bindings or left in the formula. */
export interface Term {
  readonly power: number;
  readonly coefficient: Size;
}

/** A cost as a polynomial in n, the length that the axis of the report names. Terms from the highest power down. */
export interface Polynomial {
  readonly terms: readonly Term[];
  /** The whole in words, for example "2·batch·12·64·n² + …". */
  readonly formula: string;
}

/** How the keys that a query may see are limited. */
export interface MaskInfo {
  readonly kind: "none" | "added" | "chosen" | "inside";
  /** true: queries see no later keys. null: an input or something that cannot be read decides. */
  readonly causal: boolean | null;
  /** Number of keys that a query sees at most, where a window limits them. */
  readonly window: number | null;
  /** A bias by relative position is added to the scores. */
  readonly relativeBias: boolean;
  /** What tells: "is_causal = 1", "a constant triangle in onnx::Where_212". */
  readonly evidence: string;
}

/** One attention block: a fused operator, or the nodes that exporters write for it. */
export interface AttentionBlock {
  /** Row key of the node that stands for the block: Softmax, or the fused operator. */
  readonly key: string;
  /** Module path, or the node's name where there is none. */
  readonly label: string;
  readonly path: string;
  readonly form: "fused" | "decomposed";
  /** "Softmax" when decomposed, else the operator with its domain: "com.microsoft.MultiHeadAttention". */
  readonly op: string;
  /** How often the block runs: trips of the loop, or calls of the function that it lies in; 1 elsewhere. */
  readonly runs: Size;
  readonly heads: Size;
  readonly kvHeads: Size;
  readonly headDim: Size;
  readonly valueHeadDim: Size;
  readonly batch: Size;
  readonly queryLength: Size;
  readonly keyLength: Size;
  /** Keys that come from a cache; 0 where there is none. */
  readonly pastLength: Size;
  /** Cross: keys and values come from another sequence than the queries. */
  readonly relation: "self" | "cross";
  readonly mask: MaskInfo;
  /** Row keys of all nodes of the block, without the projections. */
  readonly nodes: readonly string[];
  /** Row keys of the linear layers around it, where they were found. */
  readonly projections: {
    readonly query: readonly string[];
    readonly key: readonly string[];
    readonly value: readonly string[];
    readonly output: readonly string[];
  };
  readonly cost: { readonly [part in AttentionPart]: PartCost };
  readonly polynomial: Polynomial;
  /** Bytes of the scores while they are all in memory; null formula value when a fused kernel streams them. */
  readonly memory: {
    /** batch·heads·queries·keys elements, and how many such tensors the block holds at a time. */
    readonly scoreBytes: Size;
    /** The same for a kernel that streams keys in blocks. */
    readonly streamedBytes: Size;
    /** True where the block, as it stands, holds the whole score matrix. */
    readonly materialised: boolean;
    /** Keys and values kept for each token of the context: 2·kvHeads·headDim elements. */
    readonly kvBytesPerToken: Size;
  };
}

/** A Softmax that looks like attention and is not taken for it, or a block only part of which is understood. */
export interface NotRecognised {
  readonly key: string;
  readonly label: string;
  /** "the scores are not a product of two activations". */
  readonly reason: string;
  /** The first edge that does not fit: the value, the row that makes it and the row that reads it. */
  readonly edge: { readonly value: string; readonly from: string | null; readonly to: string };
}

/** Which length n stands for. */
export interface LengthAxis {
  /** Dims of the model that move together as n, for example ["sequence"]; empty for a model of fixed lengths. */
  readonly dims: readonly string[];
  readonly title: string;
  /** Value of n at the current bindings. */
  readonly current: number;
  /**
   * Set where the file fixes the length and n is what would be if it did not: how it was found, for example
   * "128 is axis 1 of input_ids and both axes of the scores".
   */
  readonly whatIf: string | null;
}

/** prefill: all n tokens at once. decode: one token with n - 1 tokens before it in the cache. */
export type LengthMode = "prefill" | "decode";

export interface AttentionReport {
  readonly revision: number;
  readonly blocks: readonly AttentionBlock[];
  readonly notRecognised: readonly NotRecognised[];
  /** The axes that cost can be drawn against, the first being the one to start with. */
  readonly modes: readonly { readonly mode: LengthMode; readonly axis: LengthAxis }[];
  /** Why there is no axis; null where there is one. */
  readonly noAxis: string | null;
  /** Sums over all blocks, and the whole model beside them. */
  readonly totals: {
    readonly parts: { readonly [part in AttentionPart]: PartCost };
    readonly modelFlops: Amount;
    readonly modelMacs: Amount;
    /** Scores, softmax and weighted sum as a part of the model's FLOPs, 0 to 1; null when unknown. */
    readonly attentionShare: number | null;
    readonly modelPolynomial: Polynomial | null;
    readonly scoreBytesLargest: Size;
    readonly kvBytesPerToken: Size;
  };
}

/** A change of attention that needs no weights to tell its cost. */
export type WhatIf =
  | { readonly kind: "window"; readonly width: number }
  | { readonly kind: "blockLocal"; readonly block: number }
  | { readonly kind: "strided"; readonly window: number; readonly stride: number }
  | { readonly kind: "topK"; readonly k: number }
  | { readonly kind: "heads"; readonly heads: number }
  | { readonly kind: "kvHeads"; readonly kvHeads: number };

export interface CurveQuery {
  readonly mode: LengthMode;
  /** Sizes other than n that the sliders of the panel set; the editor's bindings stay as they are. */
  readonly bindings?: Bindings;
  readonly whatIf?: WhatIf;
}

/** Cost at each of `x`, lengths spaced by their logarithm. */
export interface AttentionCurve {
  readonly revision: number;
  readonly mode: LengthMode;
  readonly x: readonly number[];
  /** FLOPs of everything but the attention blocks: parts that do not grow with n, and parts that do. */
  readonly constant: readonly number[];
  readonly linear: readonly number[];
  /** FLOPs of the projections of the blocks. */
  readonly projections: readonly number[];
  /** FLOPs of scores, softmax, weighted sum and what lies between. */
  readonly attention: readonly number[];
  /** Bytes, all of the model's blocks together for the cache, the largest block for the scores. */
  readonly scoreBytes: readonly number[];
  readonly streamedBytes: readonly number[];
  readonly kvCacheBytes: readonly number[];
  readonly weightBytes: number;
  readonly current: number;
  /** The smallest n at which attention costs more than everything else; null when never below 2^24. */
  readonly crossover: number | null;
  /** The same with the what-if; absent without one. */
  readonly whatIf?: {
    readonly title: string;
    /** How the cost was counted, with the numbers put in. */
    readonly rule: string;
    readonly attention: readonly number[];
    readonly projections: readonly number[];
    readonly scoreBytes: readonly number[];
    readonly kvCacheBytes: readonly number[];
    /** The smallest n from which it costs less than now; null when never. */
    readonly winsFrom: number | null;
  };
}

export interface AttentionApi {
  attention(params: Record<string, never>): AttentionReport;
  attentionCurve(params: CurveQuery): AttentionCurve;
}
