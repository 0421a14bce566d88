import type { Effect } from "../../protocol/actions";
import { bytes, count } from "../units";

/** Problems named in a sentence; the rest are counted. */
const PROBLEMS_NAMED = 2;

/** The change of size in a few characters: "9.4 MiB → 2.4 MiB (−75 %)". */
export function sizeWords({ before, after }: Effect): string {
  return change(before.weightBytes, after.weightBytes, bytes);
}

/** What calls would do to the figures of the model, in one line, and what would be wrong with it then. */
export function effectWords(effect: Effect): string {
  const { label, before, after, newProblems } = effect;
  const figures = [
    `weights ${sizeWords(effect)}`,
    `parameters ${change(before.params, after.params, count)}`,
    `MACs ${change(before.macs, after.macs, count)}`,
    `nodes ${change(before.nodes, after.nodes, (value) => value.toLocaleString("en"))}`,
  ];
  const more = newProblems.length - PROBLEMS_NAMED;
  const problems = newProblems.slice(0, PROBLEMS_NAMED).join(" ");
  return (
    `${label}: ${figures.join(", ")}.` +
    (problems === "" ? "" : ` New problems: ${problems}${more > 0 ? ` And ${more} more.` : ""}`)
  );
}

function change(before: number | null, after: number | null, words: (value: number) => string): string {
  const [from, to] = [before, after].map((value) => (value === null ? "unknown" : words(value)));
  if (before === after) {
    return `${from} as before`;
  }
  const percent = before === null || after === null || before === 0 ? 0 : (after / before - 1) * 100;
  const sign = percent < 0 ? "−" : "+";
  const shown = Math.abs(percent) < 0.05 ? "" : ` (${sign}${Number(Math.abs(percent).toPrecision(2))} %)`;
  return `${from} → ${to}${shown}`;
}
