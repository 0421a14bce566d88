import type { VNode } from "preact";
import type { Amount } from "../../../src/protocol/rows";
import { amountHover, amountText } from "../format/amount";

/** A computed figure: "?" when unknown, "~" before an estimate; hovering it gives the exact value and its formula. */
export function Figure({
  amount,
  title,
  unit,
  format,
}: {
  readonly amount: Amount;
  readonly title: string;
  readonly unit: string;
  readonly format: (value: number) => string;
}): VNode {
  return (
    <span class={`figure ${amount.value === null ? "unknown" : ""}`} title={amountHover(title, unit, amount)}>
      {amountText(amount, format)}
    </span>
  );
}
