import type { TensorKey, ValuesQuery } from "../../../../src/protocol/parameters";

export interface MatrixSize {
  readonly rows: number;
  readonly columns: number;
}

/** The part of a matrix that is in view; edges may lie within values while zooming. */
export interface Region {
  readonly row: number;
  readonly column: number;
  readonly rows: number;
  readonly columns: number;
}

/** Closest zoom: so few values across and down. */
const CLOSEST = 4;
/** Most values whose numbers are written out. */
export const MOST_ROWS = 24;
export const MOST_COLUMNS = 16;
/** Cells smaller than this cannot be told apart. */
const CELL_PX = 3;

/** The matrix that a tensor is shown as: leading sizes are flattened, a vector is one row. */
export function matrixOf(dims: readonly number[]): MatrixSize {
  const columns = dims.at(-1) ?? 1;
  return { rows: dims.slice(0, -1).reduce((product, dim) => product * dim, 1), columns };
}

export function whole({ rows, columns }: MatrixSize): Region {
  return { row: 0, column: 0, rows, columns };
}

/** As large as asked for and inside of the matrix. */
export function within(region: Region, size: MatrixSize): Region {
  const side = (start: number, length: number, total: number) => {
    const fit = Math.min(total, Math.max(Math.min(CLOSEST, total), length));
    return { start: Math.min(Math.max(0, start), total - fit), length: fit };
  };
  const down = side(region.row, region.rows, size.rows);
  const across = side(region.column, region.columns, size.columns);
  return { row: down.start, rows: down.length, column: across.start, columns: across.length };
}

/** Zooms by `factor` (below 1: closer) about a point of the view, 0 to 1 across and down, which stays in place. */
export function zoomed(
  region: Region,
  factor: number,
  at: { x: number; y: number },
  size: MatrixSize,
): Region {
  const fit = within({ ...region, rows: region.rows * factor, columns: region.columns * factor }, size);
  return within(
    {
      ...fit,
      row: region.row + at.y * (region.rows - fit.rows),
      column: region.column + at.x * (region.columns - fit.columns),
    },
    size,
  );
}

/** Moves the view by parts of itself. */
export function panned(region: Region, by: { x: number; y: number }, size: MatrixSize): Region {
  return within(
    { ...region, row: region.row + by.y * region.rows, column: region.column + by.x * region.columns },
    size,
  );
}

/** Near enough for its numbers to be written out, about the middle of the view. */
export function closeUp(region: Region, size: MatrixSize): Region {
  const rows = Math.min(region.rows, MOST_ROWS / 2);
  const columns = Math.min(region.columns, MOST_COLUMNS / 2);
  return within(
    {
      row: Math.floor(region.row + (region.rows - rows) / 2),
      column: Math.floor(region.column + (region.columns - columns) / 2),
      rows,
      columns,
    },
    size,
  );
}

export function showsNumbers({ rows, columns }: Region): boolean {
  return rows <= MOST_ROWS && columns <= MOST_COLUMNS;
}

export function isWhole(region: Region, size: MatrixSize): boolean {
  return region.rows >= size.rows && region.columns >= size.columns;
}

/** Asks for the whole values that a region touches, in as many cells as the drawing has room for. */
export function queryOf(
  tensor: TensorKey,
  region: Region,
  size: MatrixSize,
  pixels: { readonly width: number; readonly height: number },
): ValuesQuery {
  const row = Math.floor(region.row);
  const column = Math.floor(region.column);
  return {
    tensor,
    row,
    column,
    rows: Math.min(size.rows, Math.ceil(region.row + region.rows)) - row,
    columns: Math.min(size.columns, Math.ceil(region.column + region.columns)) - column,
    maxRows: Math.max(MOST_ROWS, Math.floor(pixels.height / CELL_PX)),
    maxColumns: Math.max(MOST_COLUMNS, Math.floor(pixels.width / CELL_PX)),
  };
}
