/**
 * A formula with numbers in the place of names: "2·batch·n² + n" → "2·1·128² + 128". Names are matched whole, the longest
 * first, so that "past" does not take a part of "past_sequence".
 */
export function withNumbers(formula: string, values: { readonly [name: string]: number }): string {
  const names = Object.keys(values).sort((a, b) => b.length - a.length);
  if (names.length === 0) {
    return formula;
  }
  const pattern = names.map((name) => name.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")).join("|");
  return formula.replace(
    new RegExp(`(?<![\\p{L}\\p{Nd}_.])(?:${pattern})(?![\\p{L}\\p{Nd}_.])`, "gu"),
    (name) => String(values[name]),
  );
}
