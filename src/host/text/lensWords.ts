import type { Offer } from "../../protocol/actions";
import type { AttentionLens, CostLens, ModelSummary } from "../../protocol/engine";
import { bytes, count, duration, percent } from "../units";

/** "31 % · 2.4 GFLOPs · 9.4 MiB", with the measured time if there is one; a module says that it is one. */
export function costWords({ kind, share, flops, weightBytes, timeMs }: CostLens): string {
  const parts = [
    percent(share),
    count(flops, "FLOPs"),
    ...(weightBytes > 0 ? [bytes(weightBytes)] : []),
    ...(timeMs === null ? [] : [duration(timeMs)]),
  ];
  return `${kind === "module" ? "module: " : ""}${parts.join(" · ")}`;
}

/** "attention: 12 × 64, 128 queries, 128 keys · 8.1 % · 1.2 GFLOPs", without what is not known. */
export function attentionWords(lens: AttentionLens): string {
  const { heads, headDim, queries, keys, flops, share } = lens;
  const number = (value: number) => value.toLocaleString("en");
  const sizes = [
    ...(heads === null || headDim === null ? [] : [`${number(heads)} × ${number(headDim)}`]),
    ...(queries === null ? [] : [`${number(queries)} queries`]),
    ...(keys === null ? [] : [`${number(keys)} keys`]),
  ].join(", ");
  const cost = [
    ...(share === null ? [] : [percent(share)]),
    ...(flops === null ? [] : [count(flops, "FLOPs")]),
  ];
  return (
    ["attention", ...(sizes === "" ? [] : [sizes])].join(": ") + cost.map((part) => ` · ${part}`).join("")
  );
}

/** The title of a fix, with what it saves. */
export function fixWords({ title, weightBytesBefore, weightBytesAfter }: Offer): string {
  const saved = weightBytesBefore - weightBytesAfter;
  return saved > 0 ? `${title} (−${bytes(saved)})` : title;
}

/** "22.4 GFLOPs · 25.6 M parameters · 97.5 MiB" */
export function totalsWords({ totals }: Pick<ModelSummary, "totals">): string {
  return [
    count(totals.flops.value, "FLOPs"),
    `${count(totals.params)} parameters`,
    bytes(totals.weightBytes),
  ].join(" · ");
}
