import { COLUMN_IDS, type ColumnId, type LayerRow } from "../../protocol/rows";

type Cell = string | number | null;

const CELLS: { readonly [column in ColumnId]: (row: LayerRow) => Cell } = {
  name: (row) => row.name,
  path: (row) => row.path,
  op: (row) => row.op,
  shape: (row) => row.shape,
  dtype: (row) => row.dtype,
  params: (row) => row.params,
  weightBytes: (row) => row.weightBytes,
  macs: (row) => row.macs,
  flops: (row) => row.flops,
  share: (row) => row.share,
  readBytes: (row) => row.readBytes,
  writeBytes: (row) => row.writeBytes,
  intensity: (row) => row.intensity,
  time: (row) => row.timeMs,
  timeShare: (row) => row.timeShare,
};

/** Rows as text for other programs; amounts are exact, an unknown one is an empty cell (null in JSON). */
export function exportRows(rows: Iterable<LayerRow>, format: "csv" | "json" | "tsv"): string {
  if (format === "json") {
    return `${JSON.stringify([...rows].map(jsonRow), null, 2)}\n`;
  }
  const separator = format === "csv" ? "," : "\t";
  const lines = [["kind", ...COLUMN_IDS].join(separator)];
  for (const row of rows) {
    const cells = [row.kind, ...COLUMN_IDS.map((column) => CELLS[column](row))];
    lines.push(cells.map((cell) => quoted(cell, separator)).join(separator));
  }
  return `${lines.join("\n")}\n`;
}

function jsonRow(row: LayerRow): { readonly [column: string]: Cell } {
  return Object.fromEntries([
    ["kind", row.kind],
    ...COLUMN_IDS.map((column) => [column, CELLS[column](row)]),
  ]);
}

/** RFC 4180 quoting. A spreadsheet runs text that starts like a formula, and names come from a file nobody vouched for. */
function quoted(cell: Cell, separator: string): string {
  if (cell === null) {
    return "";
  }
  if (typeof cell === "number") {
    return String(cell);
  }
  const text = /^[=+\-@\t\r]/.test(cell) ? `'${cell}` : cell;
  if (separator === "\t") {
    return text.replace(/[\t\r\n]+/g, " ");
  }
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
