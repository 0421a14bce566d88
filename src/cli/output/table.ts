export interface TableColumn {
  readonly title: string;
  readonly align: "left" | "right";
  /** Longer cells lose their middle, where names of layers say least. */
  readonly maxWidth?: number;
}

/** Columns padded to their widest cell, two spaces between. */
export function renderTable(columns: readonly TableColumn[], rows: readonly (readonly string[])[]): string {
  const cells = rows.map((row) => columns.map((column, index) => shorten(row[index] ?? "", column.maxWidth)));
  const widths = columns.map((column, index) =>
    cells.reduce((width, row) => Math.max(width, row[index]!.length), column.title.length),
  );
  const line = (row: readonly string[]) =>
    row
      .map((cell, index) =>
        columns[index]!.align === "right" ? cell.padStart(widths[index]!) : cell.padEnd(widths[index]!),
      )
      .join("  ")
      .trimEnd();
  const rule = widths.map((width) => "─".repeat(width)).join("  ");
  return [line(columns.map((column) => column.title)), rule, ...cells.map(line)].join("\n");
}

function shorten(text: string, maxWidth = Number.POSITIVE_INFINITY): string {
  if (text.length <= maxWidth) {
    return text;
  }
  const head = Math.floor((maxWidth - 1) / 3);
  return `${text.slice(0, head)}…${text.slice(text.length - (maxWidth - 1 - head))}`;
}
