import type { RowQuery } from "../../../../src/protocol/rows";
import type { ViewState } from "../store/viewState";

/** Which layers are shown, beyond order and grouping. Not kept between sessions: a forgotten filter hides layers. */
export interface LayerFilter {
  readonly text: string;
  readonly ops: readonly string[];
  readonly module: string;
}

export const NO_FILTER: LayerFilter = { text: "", ops: [], module: "" };

/** What is asked of the engine, without the window of rows. */
export type LayerQuery = Omit<RowQuery, "start" | "count">;

export function isFiltering(filter: LayerFilter): boolean {
  return filter.text.trim() !== "" || filter.ops.length > 0 || filter.module !== "";
}

/** The query for a filter and a view's state; parts that say nothing are left out, so that equal queries have equal keys. */
export function layerQuery(
  filter: LayerFilter,
  {
    group,
    sort,
    toggled,
    foldAll,
    innerOpen,
  }: Pick<ViewState, "group" | "sort" | "toggled" | "foldAll" | "innerOpen">,
): LayerQuery {
  const text = filter.text.trim();
  return {
    group,
    ...(sort === null ? {} : { sort }),
    ...(isFiltering(filter)
      ? {
          filter: {
            ...(text === "" ? {} : { text }),
            ...(filter.ops.length === 0 ? {} : { ops: [...filter.ops].sort() }),
            ...(filter.module === "" ? {} : { module: filter.module }),
          },
        }
      : {}),
    inner: innerOpen ? "open" : "folded",
    ...(toggled.length === 0 ? {} : { toggled: [...toggled].sort() }),
    ...(group ? { foldAll } : {}),
  };
}

/** A filter of the overview's, as the table's own. */
export function filterOf(part: NonNullable<RowQuery["filter"]>): LayerFilter {
  return { text: part.text ?? "", ops: part.ops ?? [], module: part.module ?? "" };
}
