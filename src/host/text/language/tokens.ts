/** A piece of a line of ONNX text, with its place. Names come with what they say when they are in quotes. */
export interface Token {
  readonly kind: "name" | "mark" | "comment";
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

const WORD = /[\p{L}\p{N}_.]/u;
const SPACE = /\s/;

/** The tokens of a line. A comment is the last one. */
export function tokensOf(line: string): readonly Token[] {
  const tokens: Token[] = [];
  for (let at = 0; at < line.length; ) {
    const start = at;
    const character = line[at]!;
    if (SPACE.test(character)) {
      at++;
    } else if (character === "/" && line[at + 1] === "/") {
      tokens.push({ kind: "comment", text: line.slice(at + 2).trim(), start, end: line.length });
      break;
    } else if (character === '"') {
      at = endOfString(line, at);
      tokens.push({ kind: "name", text: unquoted(line.slice(start, at)), start, end: at });
    } else if (WORD.test(character)) {
      while (at < line.length && WORD.test(line[at]!)) {
        at++;
      }
      tokens.push({ kind: "name", text: line.slice(start, at), start, end: at });
    } else {
      at += character === "=" && line[at + 1] === ">" ? 2 : 1;
      tokens.push({ kind: "mark", text: line.slice(start, at), start, end: at });
    }
  }
  return tokens;
}

function endOfString(line: string, start: number): number {
  for (let at = start + 1; at < line.length; at++) {
    if (line[at] === "\\") {
      at++;
    } else if (line[at] === '"') {
      return at + 1;
    }
  }
  return line.length;
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
