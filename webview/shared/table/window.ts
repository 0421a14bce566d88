/**
 * Tallest element that every browser lays out to the pixel: Chromium stops near 33.5 million, Firefox near 17.8 million.
 */
export const MAX_ELEMENT_PX = 16_000_000;

export interface Geometry {
  readonly total: number;
  readonly rowPx: number;
  readonly viewPx: number;
}

/** Rows `first` up to and without `end`, the first of them standing `topPx` below the content's top edge. */
export interface Window {
  readonly first: number;
  readonly end: number;
  readonly topPx: number;
}

/** Height to give to the content; less than all rows together when those pass what browsers lay out. */
export function contentPx({ total, rowPx }: Geometry): number {
  return Math.min(total * rowPx, MAX_ELEMENT_PX);
}

/** Rows to draw at a scroll position, with `overscan` more on both sides. */
export function windowAt(geometry: Geometry, scrollTop: number, overscan: number): Window {
  const { total, rowPx, viewPx } = geometry;
  const top = Math.max(0, scrollTop);
  const virtualTop = top * stretch(geometry);
  const firstSeen = Math.min(total, Math.floor(virtualTop / rowPx));
  const first = Math.max(0, firstSeen - overscan);
  const end = Math.min(total, Math.ceil((virtualTop + viewPx) / rowPx) + overscan);
  return { first, end: Math.max(first, end), topPx: top + first * rowPx - virtualTop };
}

/** Where to scroll so that a row is in full view; the present position when it is already. */
export function scrollTopFor(geometry: Geometry, scrollTop: number, index: number): number {
  const { rowPx, viewPx } = geometry;
  const scale = stretch(geometry);
  const virtualTop = scrollTop * scale;
  const rowTop = index * rowPx;
  if (rowTop < virtualTop) {
    return rowTop / scale;
  }
  const lowest = rowTop + rowPx - viewPx;
  return lowest > virtualTop ? Math.max(0, lowest) / scale : scrollTop;
}

/** Where to scroll so that a row stands a third below the top. */
export function scrollTopCentred(geometry: Geometry, index: number): number {
  const { total, rowPx, viewPx } = geometry;
  const wanted = index * rowPx - viewPx / 3;
  const most = Math.max(0, total * rowPx - viewPx);
  return Math.min(Math.max(0, wanted), most) / stretch(geometry);
}

/** Pixels of rows that one pixel of scrolling stands for: 1 unless the rows are taller than an element may be. */
function stretch(geometry: Geometry): number {
  const { total, rowPx, viewPx } = geometry;
  const all = total * rowPx;
  const drawn = contentPx(geometry);
  return all <= drawn || drawn <= viewPx ? 1 : (all - viewPx) / (drawn - viewPx);
}
