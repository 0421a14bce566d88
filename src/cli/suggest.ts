/** Shorter texts are part of everything. */
const SHORTEST_PART = 3;

/** The name among `known` that somebody who wrote `wanted` is likely to have meant. */
export function closest(wanted: string, known: readonly string[]): string | undefined {
  const lower = wanted.toLowerCase();
  const part =
    known.find((name) => name.toLowerCase() === lower) ??
    known.find((name) => endsWithPart(name, wanted)) ??
    (wanted.length < SHORTEST_PART ? undefined : known.find((name) => name.toLowerCase().includes(lower)));
  if (part !== undefined) {
    return part;
  }
  let best: string | undefined;
  let least = Math.max(1, Math.floor(wanted.length / 3)) + 1;
  for (const name of known) {
    if (Math.abs(name.length - wanted.length) < least) {
      const distance = editDistance(lower, name.toLowerCase());
      if (distance < least) {
        best = name;
        least = distance;
      }
    }
  }
  return best;
}

/** "query/MatMul" of "/encoder/layer.0/query/MatMul": people leave out what goes without saying. */
function endsWithPart(name: string, wanted: string): boolean {
  return name.endsWith(wanted) && /[/.:]$/.test(name.slice(0, name.length - wanted.length));
}

/** Insertions, deletions and replacements that make one text of the other. */
function editDistance(a: string, b: string): number {
  let above = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const own = [row];
    for (let column = 1; column <= b.length; column++) {
      const replaced = above[column - 1]! + (a[row - 1] === b[column - 1] ? 0 : 1);
      own.push(Math.min(replaced, above[column]! + 1, own[column - 1]! + 1));
    }
    above = own;
  }
  return above[b.length]!;
}
