import type { WhatIf } from "../../../protocol/attention";
import { ModelError } from "../../errors";
import type { BlockAt } from "./whatIf";

/** @throws ModelError when a number is no size */
export function checkWhatIf(whatIf: WhatIf): void {
  for (const [name, value] of Object.entries(whatIf)) {
    if (name !== "kind" && (!Number.isSafeInteger(value) || Number(value) < 1)) {
      throw new ModelError("usage", `${name} must be a whole number of at least 1, not ${String(value)}.`);
    }
  }
}

export function titleOf(whatIf: WhatIf): string {
  switch (whatIf.kind) {
    case "window":
      return `Sliding window of ${whatIf.width}`;
    case "blockLocal":
      return `Blocks of ${whatIf.block}`;
    case "strided":
      return `Window of ${whatIf.window} and every ${ordinal(whatIf.stride)} key`;
    case "topK":
      return `The ${whatIf.k} largest scores`;
    case "heads":
      return whatIf.heads === 1 ? "1 head" : `${whatIf.heads} heads`;
    case "kvHeads":
      return whatIf.kvHeads === 1
        ? "1 head of keys and values"
        : `${whatIf.kvHeads} heads of keys and values`;
  }
}

/** How the cost is counted, with the numbers of the block that costs most put in. */
export function ruleOf(whatIf: WhatIf, { keys, heads, kvHeads, pairs }: BlockAt): string {
  switch (whatIf.kind) {
    case "window":
      return (
        `Each query sees min(${keys}, ${whatIf.width}) = ${Math.min(keys, whatIf.width)} keys instead of ${keys}; ` +
        "the first queries, which see fewer, count as much. Scores, masks, softmax and weighted sum shrink with the " +
        "keys, and the cache forgets what left the window. Projections stay."
      );
    case "blockLocal":
      return (
        `Each query sees the min(${keys}, ${whatIf.block}) = ${Math.min(keys, whatIf.block)} keys of its block instead ` +
        `of ${keys}; a last block that is not full counts as full. Scores, masks, softmax and weighted sum shrink with ` +
        "the keys, and the cache keeps one block. Projections stay."
      );
    case "strided": {
      const far = Math.max(0, keys - whatIf.window);
      const seen = Math.min(keys, whatIf.window) + Math.ceil(far / whatIf.stride);
      return (
        `Each query sees its ${Math.min(keys, whatIf.window)} nearest keys and every ${ordinal(whatIf.stride)} of the ` +
        `other ${far}: ${seen} instead of ${keys}. Scores, masks, softmax and weighted sum shrink with the keys. ` +
        "Every key is seen by some query, so that the cache stays. Projections stay."
      );
    }
    case "topK":
      return (
        `All ${keys} scores of a query are computed, since only they tell which ${Math.min(keys, whatIf.k)} are the ` +
        `largest; choosing counts one comparison for each of ${pairs} scores. Softmax and weighted sum shrink to ` +
        "those. Score matrix, cache and projections stay."
      );
    case "heads":
      return (
        `${whatIf.heads} heads instead of ${heads}, each as wide as now: scores, masks, softmax, weighted sum and all ` +
        "projections shrink with them. Heads of keys and values shrink alike, to at least 1."
      );
    case "kvHeads":
      return (
        `${Math.min(whatIf.kvHeads, heads)} heads of keys and values instead of ${kvHeads}, shared among ${heads} heads ` +
        "of queries: their projections and the cache shrink. Scores, softmax and weighted sum stay: sharing saves " +
        "memory, not arithmetic."
      );
  }
}

function ordinal(value: number): string {
  const tens = value % 100;
  const suffix = tens >= 11 && tens <= 13 ? "th" : (["th", "st", "nd", "rd"][value % 10] ?? "th");
  return `${value}${suffix}`;
}
