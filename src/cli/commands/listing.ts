import { exportRows } from "../../engine/session/exportRows";
import type { ColumnId, LayerRow } from "../../protocol/rows";
import type { CliEngine, RowsWanted } from "../engine";

export interface ListingOptions {
  readonly top?: number;
  readonly group?: boolean;
}

/**
 * The rows that a user asked for: all layers in file order, or the `top` of them by `column`; grouped, these stand
 * under their modules.
 */
export async function listedRows(
  engine: CliEngine,
  { top, group = false }: ListingOptions,
  column: ColumnId,
): Promise<readonly LayerRow[]> {
  const query = rowsQuery({ top, group }, column);
  if (!group || top === undefined) {
    return engine.rows(query, top);
  }
  const wanted = new Set((await engine.rows({ ...query, group: false }, top)).map((row) => row.key));
  return withModules(await engine.rows(query), wanted);
}

/** The same rows as CSV, with a line that names the columns. */
export async function* csvPieces(
  engine: CliEngine,
  options: ListingOptions,
  column: ColumnId,
): AsyncGenerator<string> {
  if (options.group && options.top !== undefined) {
    yield exportRows(await listedRows(engine, options, column), "csv");
    return;
  }
  let isFirst = true;
  for await (const page of engine.pages(rowsQuery(options, column), options.top)) {
    const text = exportRows(page, "csv");
    yield isFirst ? text : text.slice(text.indexOf("\n") + 1);
    isFirst = false;
  }
}

function rowsQuery(
  { top, group = false }: { readonly top?: number | undefined; readonly group?: boolean },
  column: ColumnId,
): RowsWanted {
  return { group, ...(top === undefined ? {} : { sort: { column, descending: true } }) };
}

/** The wanted layers and the modules above them, in order. */
function withModules(rows: readonly LayerRow[], wanted: ReadonlySet<string>): LayerRow[] {
  const kept = new Set<LayerRow>();
  const open: LayerRow[] = [];
  for (const row of rows) {
    while (open.length > 0 && open.at(-1)!.depth >= row.depth) {
      open.pop();
    }
    if (row.kind === "module") {
      open.push(row);
    } else if (wanted.has(row.key)) {
      for (const line of [...open, row]) {
        kept.add(line);
      }
    }
  }
  return [...kept];
}
