import type { TensorQuery, TensorRole } from "../../../src/protocol/parameters";
import type { ViewState } from "./viewState";

/** Which tensors are shown; "" lets all pass. Not kept between sessions: a forgotten filter hides tensors. */
export interface TensorFilter {
  readonly text: string;
  readonly module: string;
  readonly op: string;
  readonly dtype: string;
  readonly role: TensorRole | "";
}

export const NO_FILTER: TensorFilter = { text: "", module: "", op: "", dtype: "", role: "" };

/** What is asked of the engine, without the window of rows. */
export type TensorSelectionQuery = Omit<TensorQuery, "start" | "count">;

export function isFiltering(filter: TensorFilter): boolean {
  return Object.values(filter).some((part) => part.trim() !== "");
}

/** Parts that say nothing are left out, so that equal queries have equal keys. */
export function tensorQuery(filter: TensorFilter, sort: ViewState["sort"]): TensorSelectionQuery {
  const text = filter.text.trim();
  return {
    ...(sort === null ? {} : { sort }),
    ...(isFiltering(filter)
      ? {
          filter: {
            ...(text === "" ? {} : { text }),
            ...(filter.module === "" ? {} : { module: filter.module }),
            ...(filter.op === "" ? {} : { op: filter.op }),
            ...(filter.dtype === "" ? {} : { dtype: filter.dtype }),
            ...(filter.role === "" ? {} : { role: filter.role }),
          },
        }
      : {}),
  };
}
