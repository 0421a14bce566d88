/** A terminal that does not say how wide it is, and whatever reads a pipe. */
const USUAL_COLUMNS = 120;
const FEWEST_COLUMNS = 40;

/** Characters that a line may have. */
export function outputWidth(wide = false): number {
  if (wide) {
    return Number.POSITIVE_INFINITY;
  }
  const columns = process.stdout.isTTY ? process.stdout.columns : Number(process.env["COLUMNS"]);
  return Math.max(FEWEST_COLUMNS, columns || USUAL_COLUMNS);
}
