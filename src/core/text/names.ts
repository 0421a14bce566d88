/** Names that the textual syntax takes without quotes. */
const PLAIN = /^[A-Za-z_][A-Za-z0-9_.]*$/;

/** A value or operator name as the text shows it; what is not an identifier is quoted, and stays on one line. */
export function textName(name: string): string {
  return PLAIN.test(name) ? name : JSON.stringify(name);
}
