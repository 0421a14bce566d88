/** What the width of a column depends on. The one called "name" comes first and stays in place. */
export interface SizedColumn {
  readonly id: string;
  readonly width: number;
  /** How far it may shrink in a narrow view; absent: not at all. */
  readonly narrowest?: number;
}

const NARROWEST_NAME = 140;
const WIDEST_NAME = 420;
/** The name stays in place while the rest scrolls under it: it must leave room for that. */
const MOST_OF_VIEW = 0.55;

/**
 * Width of each column in pixels. One that was resized keeps its width; of the others, those of `leading` shrink to be
 * seen whole in a narrow view, and the name takes the room that nobody needs in a wide one.
 */
export function fittedPixels(
  columns: readonly SizedColumn[],
  chosen: { readonly [column: string]: number | undefined },
  viewPx: number,
  leading: ReadonlySet<string>,
): readonly number[] {
  const mostName = Math.max(NARROWEST_NAME, viewPx * MOST_OF_VIEW);
  const pixels = columns.map(({ id, width }) =>
    id === "name" ? Math.min(chosen[id] ?? width, mostName) : (chosen[id] ?? width),
  );
  const sumOf = (counts: (column: SizedColumn) => boolean) =>
    columns.reduce((sum, column, place) => sum + (counts(column) ? pixels[place]! : 0), 0);
  const name = columns.findIndex(({ id }) => id === "name");
  const spare = viewPx - sumOf(() => true);
  if (spare > 0 && name >= 0 && chosen["name"] === undefined) {
    pixels[name] = Math.min(mostName, Math.max(pixels[name]!, Math.min(WIDEST_NAME, pixels[name]! + spare)));
  }
  const isLeading = ({ id }: SizedColumn) => id === "name" || leading.has(id);
  // The name comes first: it is the widest, and its end can be read in the details.
  columns.forEach((column, place) => {
    const excess = sumOf(isLeading) - viewPx;
    if (isLeading(column) && excess > 0 && chosen[column.id] === undefined) {
      pixels[place] = Math.max(narrowest(column), pixels[place]! - excess);
    }
  });
  return pixels.map(Math.floor);
}

function narrowest({ id, width, narrowest: own }: SizedColumn): number {
  return id === "name" ? NARROWEST_NAME : (own ?? width);
}
