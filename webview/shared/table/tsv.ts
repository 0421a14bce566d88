/**
 * Lines of cells as tab-separated text. A spreadsheet runs text that starts like a formula, and names come from a file
 * that nobody vouched for.
 */
export function tabSeparated(lines: readonly (readonly string[])[]): string {
  const clean = (text: string) => text.replace(/[\t\r\n]+/g, " ").replace(/^[=+\-@]/, "'$&");
  return lines.map((cells) => cells.map(clean).join("\t")).join("\n");
}
