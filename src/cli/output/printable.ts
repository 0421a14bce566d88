/** Control characters and those that reorder text: a name from a file must not steer a terminal or break a line. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not get out
const UNPRINTABLE = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]+/g;

/** One line of text that shows itself and does nothing else. */
export function printable(text: string): string {
  return text.replace(UNPRINTABLE, " ").trim();
}

/** Text of at most `width` characters; what is too long loses its middle, where names of layers say least. */
export function shorten(text: string, width: number): string {
  const characters = [...text];
  if (characters.length <= width) {
    return text;
  }
  if (width <= 1) {
    return "…".slice(0, width);
  }
  const head = Math.floor((width - 1) / 3);
  const tail = width - 1 - head;
  return `${characters.slice(0, head).join("")}…${characters.slice(characters.length - tail).join("")}`;
}

/** Characters of a text as a terminal counts them, all taken to be one cell wide. */
export function widthOf(text: string): number {
  return [...text].length;
}
