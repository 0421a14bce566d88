import type { ColumnId } from "../../../../src/protocol/rows";
import { fittedPixels } from "../../../shared/table/columnWidths";
import type { Column } from "./columns";

/** What must be seen beside the name without scrolling, as far as it is shown at all. */
const LEADING: ReadonlySet<ColumnId> = new Set(["op", "flops", "share", "time", "timeShare"]);

/** Width of each column in pixels: what a layer is and costs is seen whole in a narrow view. */
export function columnPixels(
  columns: readonly Column[],
  chosen: { readonly [column in ColumnId]?: number },
  viewPx: number,
): readonly number[] {
  return fittedPixels(columns, chosen, viewPx, LEADING);
}
