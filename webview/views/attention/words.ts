import type { AttentionBlock, AttentionPart, MaskInfo, Size } from "../../../src/protocol/attention";
import { exact, UNKNOWN } from "../../shared/format/units";

export const PART_WORDS: { readonly [part in AttentionPart]: string } = {
  projections: "Projections",
  scores: "Scores",
  softmax: "Softmax",
  weightedSum: "Weighted sum",
  other: "Between",
};

/** A size in all its digits: "?" where it is not known. */
export function sizeText({ value }: Size): string {
  return value === null ? UNKNOWN : exact(value);
}

export function sizeHover(title: string, size: Size): string {
  const known = size.value === null ? "unknown" : exact(size.value);
  return size.formula === "unknown" || /^[\d.]+$/.test(size.formula)
    ? `${title}: ${known}`
    : `${title}: ${known}\n= ${size.formula}`;
}

export function maskText({ kind, causal, window, relativeBias }: MaskInfo): string {
  return [
    causal === true ? "causal" : causal === null ? "as an input says" : kind === "none" ? "none" : "added",
    ...(window === null ? [] : [`window ${exact(window)}`]),
    ...(relativeBias ? ["relative bias"] : []),
  ].join(", ");
}

/** Keys of all rows of a block: its own and its projections'. */
export function rowsOf({ nodes, projections }: AttentionBlock): readonly string[] {
  const { query, key, value, output } = projections;
  return [...new Set([...nodes, ...query, ...key, ...value, ...output])];
}

/** Whether one of the rows is the block's, or a module that it lies in. */
export function belongsTo(block: AttentionBlock, keys: readonly string[]): boolean {
  const rows = new Set(rowsOf(block));
  return keys.some(
    (key) =>
      rows.has(key) ||
      (key.startsWith("m") && (block.path === key.slice(1) || block.path.startsWith(`${key.slice(1)}.`))),
  );
}
