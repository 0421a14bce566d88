/** A piece of Python source: what matters for reading calls and their arguments, and nothing more. */
export interface PythonToken {
  readonly kind: "name" | "string" | "mark";
  /** Of a string: its value; undefined where only running the program tells. */
  readonly text: string | undefined;
  /** Offsets in the source. */
  readonly start: number;
  readonly end: number;
}

const PIECE =
  /#[^\n]*|([A-Za-z]{0,2})('''|"""|'|")|([\p{L}_][\p{L}\p{N}_]*)|[\d][\w.]*|[^\s\p{L}\p{N}_#'"]/gu;
const PREFIXES = /^(?:r|u|b|f|br|rb|fr|rf)?$/i;

/** The tokens of a source, without comments, numbers and white space. A string that does not end ends the list. */
export function pythonTokens(source: string): PythonToken[] {
  const tokens: PythonToken[] = [];
  const pattern = new RegExp(PIECE);
  for (let match = pattern.exec(source); match !== null; match = pattern.exec(source)) {
    const [whole, prefix = "", quote, name] = match;
    const start = match.index;
    if (quote !== undefined && PREFIXES.test(prefix)) {
      const opened = start + whole.length;
      const close = endOf(source, opened, quote);
      if (close < 0) {
        return tokens;
      }
      const end = close + quote.length;
      tokens.push({ kind: "string", text: stringValue(source.slice(opened, close), prefix), start, end });
      pattern.lastIndex = end;
    } else if (quote !== undefined) {
      // A name that touches a string is no prefix of it; the string is read next.
      tokens.push({ kind: "name", text: prefix, start, end: start + prefix.length });
      pattern.lastIndex = start + prefix.length;
    } else if (name !== undefined) {
      tokens.push({ kind: "name", text: name, start, end: start + whole.length });
    } else if (!/^[#\d]/.test(whole)) {
      tokens.push({ kind: "mark", text: whole, start, end: start + whole.length });
    }
  }
  return tokens;
}

/** Where the quote that ends a string begins; -1 where it does not end. */
function endOf(source: string, from: number, quote: string): number {
  for (let at = from; at < source.length; at++) {
    if (source[at] === "\\") {
      at++;
    } else if (source[at] === "\n" && quote.length === 1) {
      return -1;
    } else if (source.startsWith(quote, at)) {
      return at;
    }
  }
  return -1;
}

function stringValue(body: string, prefix: string): string | undefined {
  if (/b/i.test(prefix) || (/f/i.test(prefix) && body.includes("{"))) {
    return undefined;
  }
  return /r/i.test(prefix)
    ? body
    : body.replace(/\\([\s\S])/g, (whole, one: string) => ESCAPES[one] ?? whole);
}

const ESCAPES: { readonly [letter: string]: string } = {
  "\\": "\\",
  "'": "'",
  '"': '"',
  n: "\n",
  t: "\t",
  "\n": "",
};
