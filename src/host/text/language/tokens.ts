/** A piece of a line of ONNX text, with its place. Names come with what they say when they are in quotes. */
export interface Token {
  readonly kind: "name" | "mark" | "comment";
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

/** In this order: spaces, a comment, a text in quotes that may be open, a word, an arrow, any other mark. */
const TOKEN = /\s+|\/\/.*|"(?:[^"\\]|\\.)*"?|[\w.]+|=>|[^\s]/suy;

/** The tokens of a line. A comment is the last one. Names that are no identifiers stand in quotes. */
export function tokensOf(line: string): readonly Token[] {
  const tokens: Token[] = [];
  TOKEN.lastIndex = 0;
  for (let start = 0; start < line.length; start = TOKEN.lastIndex) {
    const [text] = TOKEN.exec(line) ?? [""];
    const end = start + text.length;
    const first = text.charCodeAt(0);
    if (first === QUOTE) {
      tokens.push({ kind: "name", text: unquoted(text), start, end });
    } else if (first === SLASH && text.length > 1) {
      tokens.push({ kind: "comment", text: text.slice(2).trim(), start, end });
    } else if (text.length > 1 ? text !== "=>" && !isSpace(first) : isWord(first)) {
      tokens.push({ kind: "name", text, start, end });
    } else if (!isSpace(first)) {
      tokens.push({ kind: "mark", text, start, end });
    }
  }
  return tokens;
}

const QUOTE = 0x22;
const SLASH = 0x2f;

function isSpace(code: number): boolean {
  return code <= 0x20 || code === 0xa0;
}

function isWord(code: number): boolean {
  return (
    (code >= 0x30 && code <= 0x39) ||
    (code >= 0x41 && code <= 0x5a) ||
    (code >= 0x61 && code <= 0x7a) ||
    code === 0x5f ||
    code === 0x2e
  );
}

function unquoted(text: string): string {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "string" ? value : text;
  } catch {
    // An open string at the end of a line that somebody is writing.
    return text;
  }
}
