import { COLUMN_IDS, type ColumnId } from "../../../../src/protocol/rows";
import { clampShare } from "../../../shared/ui/splitShare";

export const VIEWS = ["overview", "layers", "attention", "parameters", "profile"] as const;
export type ViewId = (typeof VIEWS)[number];

export interface Sort {
  readonly column: ColumnId;
  readonly descending: boolean;
}

/** What a view remembers between times the model is opened. */
export interface ViewState {
  readonly view: ViewId;
  readonly group: boolean;
  readonly foldAll: boolean;
  /** What nodes run is shown below them; folded otherwise. */
  readonly innerOpen: boolean;
  /** Keys of modules whose fold differs from `foldAll`, and of nodes where it differs from `innerOpen`. */
  readonly toggled: readonly string[];
  readonly sort: Sort | null;
  readonly hidden: readonly ColumnId[];
  readonly widths: { readonly [column in ColumnId]?: number };
  /** Part of the room that the detail pane has. */
  readonly split: number;
  readonly detailOpen: boolean;
}

const MAX_TOGGLED = 1000;

export function initialViewState(groupByModule: boolean): ViewState {
  return {
    view: "overview",
    group: groupByModule,
    foldAll: false,
    innerOpen: false,
    toggled: [],
    sort: null,
    hidden: ["readBytes", "writeBytes"],
    widths: {},
    split: 0.36,
    detailOpen: true,
  };
}

/** State that was kept, by whatever version, on top of `base`; what cannot be understood is left out. */
export function restoredViewState(kept: unknown, base: ViewState): ViewState {
  if (typeof kept !== "object" || kept === null) {
    return base;
  }
  const fields: { readonly [field: string]: unknown } = { ...kept };
  const flag = (field: "group" | "foldAll" | "innerOpen" | "detailOpen") =>
    typeof fields[field] === "boolean" ? fields[field] : base[field];
  const split = fields["split"];
  return {
    view: VIEWS.find((view) => view === fields["view"]) ?? base.view,
    group: flag("group"),
    foldAll: flag("foldAll"),
    innerOpen: flag("innerOpen"),
    toggled: Array.isArray(fields["toggled"])
      ? fields["toggled"].filter((key) => typeof key === "string").slice(0, MAX_TOGGLED)
      : base.toggled,
    sort: restoredSort(fields["sort"]),
    hidden: Array.isArray(fields["hidden"])
      ? COLUMN_IDS.filter((column) => (fields["hidden"] as unknown[]).includes(column))
      : base.hidden,
    widths: restoredWidths(fields["widths"]),
    split: typeof split === "number" && Number.isFinite(split) ? clampShare(split) : base.split,
    detailOpen: flag("detailOpen"),
  };
}

function restoredSort(kept: unknown): Sort | null {
  if (typeof kept !== "object" || kept === null || !("column" in kept)) {
    return null;
  }
  const column = COLUMN_IDS.find((id) => id === kept.column);
  return column === undefined
    ? null
    : { column, descending: "descending" in kept && kept.descending === true };
}

function restoredWidths(kept: unknown): ViewState["widths"] {
  if (typeof kept !== "object" || kept === null) {
    return {};
  }
  const widths: { [column in ColumnId]?: number } = {};
  for (const column of COLUMN_IDS) {
    const width = (kept as { readonly [column: string]: unknown })[column];
    if (typeof width === "number" && Number.isFinite(width)) {
      widths[column] = width;
    }
  }
  return widths;
}
