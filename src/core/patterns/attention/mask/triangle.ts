/** What a stored mask hides, as far as its pattern is one of these. */
export interface StoredPattern {
  /** Queries see no later keys. */
  readonly causal: boolean;
  /** Keys that a query sees at most, itself included. */
  readonly window: number | undefined;
}

/**
 * Reads a matrix of two values, rows for queries and columns for keys, as a triangle or a band: row i sees columns from
 * i + shift - window + 1 up to i + shift, the last row seeing the last column. Undefined for any other pattern.
 *
 * @param values the matrix, row-major; what stands on the diagonal is what is seen
 */
export function patternOf(
  values: ArrayLike<number>,
  rows: number,
  columns: number,
): StoredPattern | undefined {
  if (rows < 2 || columns < 2 || values.length < rows * columns) {
    return undefined;
  }
  const shift = columns - rows;
  const seen = values[shift]!;
  const isSeen = (row: number, column: number) => values[row * columns + column] === seen;
  const last = rows - 1;
  const firstOfLast = firstSeen(columns, (column) => isSeen(last, column));
  const behind = last + shift - firstOfLast;
  const isBand = firstOfLast > 0;
  let hidden: number | undefined;
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const distance = row + shift - column;
      const inside = distance >= 0 && (!isBand || distance <= behind);
      const value = values[row * columns + column]!;
      if (inside !== (value === seen)) {
        return undefined;
      }
      hidden ??= inside ? undefined : value;
      if (!inside && value !== hidden) {
        return undefined;
      }
    }
  }
  return hidden === undefined ? undefined : { causal: true, window: isBand ? behind + 1 : undefined };
}

function firstSeen(columns: number, isSeen: (column: number) => boolean): number {
  for (let column = 0; column < columns; column++) {
    if (isSeen(column)) {
      return column;
    }
  }
  return columns;
}
