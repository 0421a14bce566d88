import { TENSOR_COLUMNS, type TensorColumn } from "../../../src/protocol/parameters";
import type { Measure } from "../../shared/charts/tiles";
import type { Sort } from "../../shared/table/sort";
import { clampShare } from "../../shared/ui/splitShare";

/** How the map's tiles are nested. */
export const GROUPINGS = ["module", "op", "dtype"] as const;
export type Grouping = (typeof GROUPINGS)[number];

/** What the view remembers between times the model is opened. */
export interface ViewState {
  readonly grouping: Grouping;
  readonly measure: Measure;
  readonly sort: Sort<TensorColumn> | null;
  readonly widths: { readonly [column in TensorColumn]?: number };
  /** Part of the room that the details of a tensor have. */
  readonly split: number;
  readonly detailOpen: boolean;
  readonly chartsOpen: boolean;
  /** Histograms count by logarithm. */
  readonly logCounts: boolean;
}

export const INITIAL: ViewState = {
  grouping: "module",
  measure: "bytes",
  sort: { column: "bytes", descending: true },
  widths: {},
  split: 0.38,
  detailOpen: true,
  chartsOpen: true,
  logCounts: false,
};

/** State that was kept, by whatever version; what cannot be understood is left out. */
export function restoredViewState(kept: unknown): ViewState {
  if (typeof kept !== "object" || kept === null) {
    return INITIAL;
  }
  const fields: { readonly [field: string]: unknown } = { ...kept };
  const flag = (field: "detailOpen" | "chartsOpen" | "logCounts") =>
    typeof fields[field] === "boolean" ? fields[field] : INITIAL[field];
  const split = fields["split"];
  return {
    grouping: GROUPINGS.find((grouping) => grouping === fields["grouping"]) ?? INITIAL.grouping,
    measure: fields["measure"] === "params" ? "params" : "bytes",
    sort: fields["sort"] === null ? null : restoredSort(fields["sort"]),
    widths: restoredWidths(fields["widths"]),
    split: typeof split === "number" && Number.isFinite(split) ? clampShare(split) : INITIAL.split,
    detailOpen: flag("detailOpen"),
    chartsOpen: flag("chartsOpen"),
    logCounts: flag("logCounts"),
  };
}

function restoredSort(kept: unknown): Sort<TensorColumn> | null {
  if (typeof kept !== "object" || kept === null || !("column" in kept)) {
    return INITIAL.sort;
  }
  const column = TENSOR_COLUMNS.find((id) => id === kept.column);
  return column === undefined
    ? INITIAL.sort
    : { column, descending: "descending" in kept && kept.descending === true };
}

function restoredWidths(kept: unknown): ViewState["widths"] {
  if (typeof kept !== "object" || kept === null) {
    return {};
  }
  const widths: { [column in TensorColumn]?: number } = {};
  for (const column of TENSOR_COLUMNS) {
    const width = (kept as { readonly [column: string]: unknown })[column];
    if (typeof width === "number" && Number.isFinite(width)) {
      widths[column] = width;
    }
  }
  return widths;
}
