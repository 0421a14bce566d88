import type { ColumnId } from "../../../../src/protocol/rows";
import type { Column } from "./columns";

const NARROWEST_NAME = 140;
const WIDEST_NAME = 420;
/** The name stays in place while the rest scrolls under it: it must leave room for that. */
const MOST_OF_VIEW = 0.55;

/** What must be seen beside the name without scrolling, as far as it is shown at all. */
const LEADING: ReadonlySet<ColumnId> = new Set(["op", "flops", "share", "time", "timeShare"]);

/**
 * Width of each column in pixels. One that was resized keeps its width; of the others, those that matter most shrink
 * to be seen whole in a narrow view, and the name takes the room that nobody needs in a wide one.
 */
export function columnPixels(
  columns: readonly Column[],
  chosen: { readonly [column in ColumnId]?: number },
  viewPx: number,
): readonly number[] {
  const mostName = Math.max(NARROWEST_NAME, viewPx * MOST_OF_VIEW);
  const pixels = columns.map(({ id, width }) =>
    id === "name" ? Math.min(chosen[id] ?? width, mostName) : (chosen[id] ?? width),
  );
  const sumOf = (counts: (column: Column) => boolean) =>
    columns.reduce((sum, column, place) => sum + (counts(column) ? pixels[place]! : 0), 0);
  const name = columns.findIndex(({ id }) => id === "name");
  const spare = viewPx - sumOf(() => true);
  if (spare > 0 && name >= 0 && chosen.name === undefined) {
    pixels[name] = Math.min(mostName, Math.max(pixels[name]!, Math.min(WIDEST_NAME, pixels[name]! + spare)));
  }
  const isLeading = ({ id }: Column) => id === "name" || LEADING.has(id);
  // The name comes first: it is the widest, and its end can be read in the details.
  columns.forEach((column, place) => {
    const excess = sumOf(isLeading) - viewPx;
    if (isLeading(column) && excess > 0 && chosen[column.id] === undefined) {
      pixels[place] = Math.max(narrowest(column), pixels[place]! - excess);
    }
  });
  return pixels.map(Math.floor);
}

function narrowest({ id, width, narrowest: own }: Column): number {
  return id === "name" ? NARROWEST_NAME : (own ?? width);
}
