import type { ColumnId } from "../../protocol/rows";
import type { Nesting } from "./nesting";

/** What ordering needs to know of the nodes. A text column sorts by string, all others by number, NaN last. */
export interface OrderSource {
  readonly names: readonly string[];
  readonly paths: readonly string[];
  readonly ops: readonly string[];
  readonly text: (column: ColumnId) => readonly string[] | undefined;
  readonly number: (column: ColumnId) => Float64Array;
  readonly nesting: Nesting;
  readonly keyOf: (position: number) => string;
}
