/** Rows `from` to `to`, both included. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** Chosen rows by place: the row with the focus, where a range began, and all that is selected, in order, not touching. */
export interface Selection {
  readonly focus: number;
  readonly anchor: number;
  readonly spans: readonly Span[];
}

export const NOTHING: Selection = { focus: -1, anchor: -1, spans: [] };

export function only(index: number): Selection {
  return { focus: index, anchor: index, spans: [{ from: index, to: index }] };
}

/** The rows at these places, in any order; the focus is on the one named first. */
export function selectionOf(indexes: readonly number[]): Selection {
  const [first] = indexes;
  return first === undefined
    ? NOTHING
    : { focus: first, anchor: first, spans: merged(indexes.map((index) => ({ from: index, to: index }))) };
}

/** From the anchor to a row, in place of what was selected. */
export function extended({ anchor }: Selection, index: number): Selection {
  const start = anchor < 0 ? index : anchor;
  return {
    focus: index,
    anchor: start,
    spans: [{ from: Math.min(start, index), to: Math.max(start, index) }],
  };
}

/** One row more, or one less when it was selected. */
export function toggled(selection: Selection, index: number): Selection {
  const spans = isSelected(selection, index)
    ? selection.spans.flatMap(({ from, to }) =>
        index < from || index > to
          ? [{ from, to }]
          : [
              { from, to: index - 1 },
              { from: index + 1, to },
            ].filter((span) => span.from <= span.to),
      )
    : merged([...selection.spans, { from: index, to: index }]);
  return { focus: index, anchor: index, spans };
}

export function everything(selection: Selection, total: number): Selection {
  return total === 0 ? NOTHING : { ...selection, spans: [{ from: 0, to: total - 1 }] };
}

export function isSelected({ spans }: Selection, index: number): boolean {
  return spans.some(({ from, to }) => index >= from && index <= to);
}

export function selectedCount({ spans }: Selection): number {
  return spans.reduce((sum, { from, to }) => sum + to - from + 1, 0);
}

function merged(spans: readonly Span[]): Span[] {
  const result: Span[] = [];
  for (const span of [...spans].sort((a, b) => a.from - b.from)) {
    const last = result.at(-1);
    if (last !== undefined && span.from <= last.to + 1) {
      result[result.length - 1] = { from: last.from, to: Math.max(last.to, span.to) };
    } else {
      result.push(span);
    }
  }
  return result;
}
