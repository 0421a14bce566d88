/** Names that the textual syntax takes without quotes. */
const PLAIN = /^[A-Za-z_][A-Za-z0-9_.]*$/;
/** What an editor may take for a line end, hides, or lets turn the writing direction; JSON escapes only some of it. */
const UNSAFE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/** A value or operator name as the text shows it; what is not an identifier is quoted, and stays on one line. */
export function textName(name: string): string {
  return PLAIN.test(name) ? name : quotedText(name);
}

/** A text in quotes, on one line whatever it contains. */
export function quotedText(text: string): string {
  return JSON.stringify(text).replace(UNSAFE, escaped);
}

/** A text for a comment: as it is, but on one line. */
export function oneLine(text: string): string {
  return text.replace(UNSAFE, escaped);
}

function escaped(character: string): string {
  return Array.from(
    { length: character.length },
    (_, unit) => `\\u${character.charCodeAt(unit).toString(16).padStart(4, "0")}`,
  ).join("");
}
