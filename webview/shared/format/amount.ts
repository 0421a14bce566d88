import type { Amount, Trust } from "../../../src/protocol/rows";
import { exact, UNKNOWN } from "./units";

const SIGNS: { readonly [trust in Trust]: string } = { exact: "", estimate: "~", unknown: "≥" };

/**
 * A figure with its trust: "?" when unknown, "~" before an estimate, "≥" before a sum whose parts are not all known.
 */
export function trusted(value: number | null, trust: Trust, format: (value: number) => string): string {
  const text = value === null ? UNKNOWN : format(value);
  // "<0.1 %" is no more than a bound already.
  return value === null || text.startsWith("<") ? text : `${SIGNS[trust]}${text}`;
}

export function amountText(amount: Amount, format: (value: number) => string): string {
  return trusted(amount.value, amount.trust, format);
}

const TRUST_WORDS: { readonly [trust in Trust]: string } = {
  exact: "exact, from the operator's definition",
  estimate: "an estimate by a rule of thumb",
  unknown: "without operators that no rule is known for",
};

/** What hovering a figure says: the exact value, the formula it comes from and how far to trust it. */
export function amountHover(title: string, unit: string, amount: Amount): string {
  const value = amount.value === null ? "unknown" : `${exact(amount.value)} ${unit}`.trim();
  const formula = amount.formula === "" || amount.formula === "unknown" ? [] : [`= ${amount.formula}`];
  return [`${title}: ${value}`, ...formula, TRUST_WORDS[amount.trust]].join("\n");
}

export function trustWords(trust: Trust): string {
  return TRUST_WORDS[trust];
}
