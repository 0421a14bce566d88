import type { Dim } from "../facts/fact";

/** Sizes of one attention block, however it is written: one fused node or a region of several. */
export interface AttentionSizes {
  readonly batch: Dim;
  /** Query heads. */
  readonly heads: Dim;
  /** Heads of keys and values: equal to `heads`, or fewer when groups of query heads share them. */
  readonly kvHeads: Dim;
  /** Width of one head of queries and keys. */
  readonly headDim: Dim;
  /** Width of one head of values. */
  readonly vHeadDim: Dim;
  readonly queryLength: Dim;
  /** Keys that each query sees: those of the past included, at most the window where there is one. */
  readonly keyLength: Dim;
}
