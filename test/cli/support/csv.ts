/** Rows of a CSV text (RFC 4180) by the names in its first line; every row must have a cell for each. */
export function parseCsv(text: string): { readonly [column: string]: string }[] {
  const [names = [], ...rows] = parseLines(text);
  return rows.map((cells, index) => {
    if (cells.length !== names.length) {
      throw new Error(`Row ${index} has ${cells.length} cells, not ${names.length}.`);
    }
    return Object.fromEntries(names.map((name, column) => [name, cells[column]!]));
  });
}

function parseLines(text: string): string[][] {
  const lines: string[][] = [];
  let line: string[] = [];
  for (const [, quoted, plain, end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r?\n|$)/g)) {
    if (end === "" && quoted === undefined && plain === "" && line.length === 0) {
      break;
    }
    line.push(quoted?.replaceAll('""', '"') ?? plain ?? "");
    if (end !== ",") {
      lines.push(line);
      line = [];
    }
  }
  return lines;
}
