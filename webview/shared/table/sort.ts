export interface Sort<Id extends string> {
  readonly column: Id;
  readonly descending: boolean;
}

/** The sort after a click on a header: numbers start with the largest, then the other way, then file order. */
export function nextSort<Id extends string>(
  sort: Sort<Id> | null,
  column: Id,
  numeric: boolean,
): Sort<Id> | null {
  if (sort?.column !== column) {
    return { column, descending: numeric };
  }
  return sort.descending === numeric ? { column, descending: !numeric } : null;
}
