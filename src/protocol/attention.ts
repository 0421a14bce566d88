import type { Bindings } from "./engine";
import type { Amount } from "./rows";

/** A size at the current bindings, with its formula. value is null when unknown or unbound. */
export interface Size {
  readonly value: number | null;
  readonly formula: string;
}

/** A part of a block: multiply-accumulates, all FLOPs with them, and the bytes that its nodes read and write. */
export interface PartCost {
  readonly macs: Amount;
  readonly flops: Amount;
  readonly bytes: Amount;
}

/**
 * What a block is made of; the parts add up to the cost of its nodes. A fused operator moves its bytes as a whole: they
 * stand in `other`, with all that it does beside the other parts (masks, rotary embeddings).
 */
export const ATTENTION_PARTS = ["projections", "scores", "softmax", "weightedSum", "other"] as const;
export type AttentionPart = (typeof ATTENTION_PARTS)[number];

/** `coefficient`·n^power: one term of a cost, its other dims at their bindings or left in the formula. */
export interface Term {
  readonly power: number;
  readonly coefficient: Size;
}

/** A cost as a polynomial in n. Terms from the highest power down. */
export interface Polynomial {
  readonly terms: readonly Term[];
  /** The whole in words, for example "1536·batch·n² + 3538944·batch·n". */
  readonly formula: string;
  /** False where n stands in a function that is no power, such as floor(n/7) or min(n, 512): that one is then part of a coefficient. */
  readonly exact: boolean;
}

/** Figures as polynomials in n, the length of the first axis of the report; null where the figure is unknown. */
export interface Polynomials {
  readonly flops: Polynomial | null;
  readonly macs: Polynomial | null;
  /** Read and written. */
  readonly bytes: Polynomial | null;
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
  /** Of the whole block, its projections included. */
  readonly polynomials: Polynomials;
  readonly memory: {
    /** Scores while they are all in memory: batch·heads·queries·keys elements, as many such tensors as the block holds at a time. */
    readonly scoreBytes: Size;
    /** What a kernel that streams keys in blocks keeps instead: maximum and sum of each query, as float32. */
    readonly streamedBytes: Size;
    /** Score matrices that the block, as it stands, holds at a time; 0 for a fused operator, whose kernel may stream. */
    readonly scoreTensors: number;
    /** Keys and values of one token of the context: kvHeads·(headDim + valueHeadDim) elements. */
    readonly kvBytesPerToken: Size;
    /** Whether decoding keeps them: the block is causal, has a past, or belongs to a model that does. */
    readonly cached: boolean;
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
  /** Names it in a query. */
  readonly id: string;
  /** Dims of the model that n decides, for example ["sequence"]: no slider moves them. Empty for a model of fixed lengths. */
  readonly dims: readonly string[];
  /** What each of them is: "sequence = n", "past = n - 1". */
  readonly rules: readonly string[];
  readonly title: string;
  /** What n counts. */
  readonly unit: "tokens" | "pixels";
  /** Value of n at the current bindings. */
  readonly current: number;
  /** The length at which a table of positions in the file ends; null where none was found. What is drawn beyond is what would be. */
  readonly limit: number | null;
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
    readonly modelPolynomials: Polynomials;
    readonly scoreBytesLargest: Size;
    /** Of all blocks whose keys and values decoding keeps. */
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
  /** Id of an axis of that mode; the first one when absent. */
  readonly axis?: string;
  /** Sizes other than n that the sliders of the panel set; the editor's bindings stay as they are. */
  readonly bindings?: Bindings;
  readonly whatIf?: WhatIf;
}

/** Cost at each of `x`, lengths spaced by their logarithm. */
export interface AttentionCurve {
  readonly revision: number;
  readonly mode: LengthMode;
  readonly axis: string;
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
  /** The formula in n behind each list, for hovering: other dims by their names. */
  readonly formulas: {
    readonly [list in
      | "constant"
      | "linear"
      | "projections"
      | "attention"
      | "scoreBytes"
      | "streamedBytes"
      | "kvCacheBytes"]: string;
  };
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
    /** FLOPs of the whole model at the current length, now and with the change. */
    readonly flopsNow: number;
    readonly flopsThen: number;
    /** The smallest n from which it costs less than now; null when never. */
    readonly winsFrom: number | null;
  };
}

export interface AttentionApi {
  attention(params: Record<string, never>): AttentionReport;
  attentionCurve(params: CurveQuery): AttentionCurve;
}
