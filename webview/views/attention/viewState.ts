import type { LengthMode, WhatIf } from "../../../src/protocol/attention";
import type { Bindings } from "../../../src/protocol/engine";
import type { Sort } from "../../shared/table/sort";
import { clampShare } from "../../shared/ui/splitShare";
import { BLOCK_COLUMNS, type BlockColumn } from "./table/columnIds";
import { isWhatIf } from "./whatIf";

/** What the view remembers for a model. */
export interface ViewState {
  /** Null: whatever the engine names first. */
  readonly mode: LengthMode | null;
  readonly axis: string | null;
  /** Cost on a logarithmic axis. */
  readonly isLog: boolean;
  /** Sizes of the curve that differ from the model's. */
  readonly sizes: Bindings;
  readonly whatIf: WhatIf | null;
  readonly sort: Sort<BlockColumn> | null;
  readonly widths: { readonly [column in BlockColumn]?: number };
  readonly split: number;
  readonly detailOpen: boolean;
}

const INITIAL: ViewState = {
  mode: null,
  axis: null,
  isLog: true,
  sizes: {},
  whatIf: null,
  sort: null,
  widths: {},
  split: 0.34,
  detailOpen: true,
};

/** State that was kept, by whatever version; what cannot be understood is as at first. */
export function restoredViewState(kept: unknown): ViewState {
  if (typeof kept !== "object" || kept === null) {
    return INITIAL;
  }
  const fields: { readonly [field: string]: unknown } = { ...kept };
  const { mode, axis, isLog, sizes, whatIf, sort, widths, split, detailOpen } = fields;
  return {
    mode: mode === "prefill" || mode === "decode" ? mode : null,
    axis: typeof axis === "string" ? axis : null,
    isLog: typeof isLog === "boolean" ? isLog : INITIAL.isLog,
    sizes: restoredSizes(sizes),
    whatIf: isWhatIf(whatIf) ? whatIf : null,
    sort: restoredSort(sort),
    widths: restoredWidths(widths),
    split: typeof split === "number" && Number.isFinite(split) ? clampShare(split) : INITIAL.split,
    detailOpen: typeof detailOpen === "boolean" ? detailOpen : INITIAL.detailOpen,
  };
}

function restoredSizes(kept: unknown): Bindings {
  return typeof kept === "object" && kept !== null
    ? Object.fromEntries(
        Object.entries(kept).filter(([, value]) => Number.isSafeInteger(value) && (value as number) > 0),
      )
    : {};
}

function restoredSort(kept: unknown): Sort<BlockColumn> | null {
  if (typeof kept !== "object" || kept === null || !("column" in kept)) {
    return null;
  }
  const column = BLOCK_COLUMNS.find((id) => id === kept.column);
  return column === undefined
    ? null
    : { column, descending: "descending" in kept && kept.descending === true };
}

function restoredWidths(kept: unknown): ViewState["widths"] {
  if (typeof kept !== "object" || kept === null) {
    return {};
  }
  const given: { readonly [column: string]: unknown } = { ...kept };
  return Object.fromEntries(
    BLOCK_COLUMNS.flatMap((column) => {
      const width = given[column];
      return typeof width === "number" && width > 0 && width < 2000 ? [[column, width]] : [];
    }),
  );
}
