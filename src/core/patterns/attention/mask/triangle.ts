/** Which keys a stored mask lets each query see, counted from the query. */
export interface StoredPattern {
  readonly from: number | undefined;
  readonly to: number | undefined;
}

/**
 * Reads a matrix of two values, rows for queries and columns for keys, as a triangle or a band along the diagonal that
 * ends at the last row and the last column. Undefined for any other pattern.
 *
 * @param values the matrix, row-major; what stands on the diagonal is what is seen
 */
export function patternOf(
  values: ArrayLike<number>,
  rows: number,
  columns: number,
): StoredPattern | undefined {
  const shift = columns - rows;
  if (rows < 2 || shift < 0 || values.length < rows * columns) {
    return undefined;
  }
  const seen = values[shift];
  const isSeen = (row: number, column: number) => values[row * columns + column] === seen;
  let ahead = 0;
  while (shift + ahead + 1 < columns && isSeen(0, shift + ahead + 1)) {
    ahead++;
  }
  let behind = 0;
  while (columns - 1 - behind - 1 >= 0 && isSeen(rows - 1, columns - 1 - behind - 1)) {
    behind++;
  }
  let hidden: number | undefined;
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const distance = column - row - shift;
      const isInside = distance <= ahead && distance >= -behind;
      const value = values[row * columns + column]!;
      hidden ??= isInside ? undefined : value;
      if (isInside !== (value === seen) || (!isInside && value !== hidden)) {
        return undefined;
      }
    }
  }
  return hidden === undefined
    ? undefined
    : {
        from: behind < columns - 1 ? -behind : undefined,
        to: shift + ahead < columns - 1 ? ahead : undefined,
      };
}
