import { ceil, ceilDiv, floor, floorDiv, mod } from "./divide";
import { max, min } from "./extrema";
import { add, type Expr, isIntegral, mul, scale, sub, symbol } from "./poly";

/** Longer text than this is a name, not a formula; also bounds the recursion. */
const MAX_TEXT = 2000;
const MAX_DEPTH = 64;
const MAX_POWER = 16;

type Token =
  | { readonly kind: "number"; readonly value: number }
  | { readonly kind: "name"; readonly text: string }
  | { readonly kind: "power"; readonly value: number }
  | { readonly kind: "op"; readonly text: string };

const TOKEN =
  /\s*(?:(\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)|([\p{L}_][\p{L}\d_.:]*)|([⁰¹²³⁴⁵⁶⁷⁸⁹]+)|(\*\*|\/\/|[-+*/%·×^(),]))/uy;
/** Names that only look like a difference or a quotient. */
const JOINED_NAMES = /[\p{L}_]-[\p{L}_]|^\p{L}+\/\p{L}+$/u;
const SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹";

/**
 * Reads what `format` writes, and the forms exporters put into dim_param: "past + sequence", "s0*2", "floor(h/2)",
 * "(s1//2)", "Min(s0, 256)", "Mod(h, 7)". `/` is division; a fraction at the end is rounded down. Undefined when the
 * text is not a formula: "batch-size" and "n/a" are names, since exporters write spaces around a minus between names.
 */
export function parse(text: string): Expr | undefined {
  if (text.length > MAX_TEXT || JOINED_NAMES.test(text)) {
    return undefined;
  }
  const tokens = tokenize(text);
  if (tokens === undefined || tokens.length === 0) {
    return undefined;
  }
  try {
    const parser = new Parser(tokens);
    const expr = parser.sum(0);
    return parser.atEnd() ? roundDown(expr) : undefined;
  } catch (thrown) {
    if (thrown instanceof RangeError || thrown instanceof NotAFormula) {
      return undefined;
    }
    throw thrown;
  }
}

/** The size that a dim_param names: the formula it spells, or a symbol of that name. */
export function dimension(text: string): Expr {
  const expr = parse(text);
  return expr === undefined ? symbol(text) : expr;
}

class NotAFormula extends Error {}

function roundDown(expr: Expr): Expr {
  return isIntegral(expr) ? expr : floor(expr);
}

function tokenize(text: string): readonly Token[] | undefined {
  const tokens: Token[] = [];
  const source = text.trimEnd();
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < source.length) {
    const match = TOKEN.exec(source);
    if (match === null) {
      return undefined;
    }
    const [, number, name, power, op] = match;
    if (number !== undefined) {
      tokens.push({ kind: "number", value: Number(number) });
    } else if (name !== undefined) {
      tokens.push({ kind: "name", text: name });
    } else if (power !== undefined) {
      tokens.push({ kind: "power", value: Number([...power].map((c) => SUPERSCRIPTS.indexOf(c)).join("")) });
    } else {
      tokens.push({ kind: "op", text: op ?? "" });
    }
  }
  return tokens;
}

const FUNCTIONS: { readonly [name: string]: (args: readonly Expr[]) => Expr | undefined } = {
  floor: ([a, b]) => (a === undefined ? undefined : b === undefined ? floor(a) : floorDiv(a, b)),
  ceil: ([a, b]) => (a === undefined ? undefined : b === undefined ? ceil(a) : ceilDiv(a, b)),
  max: (args) => (args.length === 0 ? undefined : args.reduce(max)),
  min: (args) => (args.length === 0 ? undefined : args.reduce(min)),
  mod: ([a, b]) => (a === undefined || b === undefined ? undefined : mod(a, b)),
  floordiv: ([a, b]) => (a === undefined || b === undefined ? undefined : floorDiv(a, b)),
  ceildiv: ([a, b]) => (a === undefined || b === undefined ? undefined : ceilDiv(a, b)),
};
const ALIASES: { readonly [name: string]: string } = {
  ceiling: "ceil",
  ceiltoint: "ceil",
  floortoint: "floor",
  trunctoint: "floor",
  cleandiv: "floordiv",
  intdiv: "floordiv",
  pythonmod: "mod",
};

class Parser {
  readonly #tokens: readonly Token[];
  #at = 0;
  #rounding: "floor" | "ceil" = "floor";
  /** Quotients by a symbol since the last rounding function opened. */
  #quotients = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  atEnd(): boolean {
    return this.#at === this.#tokens.length;
  }

  sum(depth: number): Expr {
    if (depth > MAX_DEPTH) {
      throw new NotAFormula();
    }
    let total = this.#product(depth);
    for (;;) {
      const before = this.#quotients;
      if (this.#take("+")) {
        total = add(total, this.#product(depth));
        this.#refuse(before > 0 && this.#quotients > before);
      } else if (this.#take("-")) {
        total = sub(total, this.#product(depth));
        this.#refuse(this.#quotients > before);
      } else {
        return total;
      }
    }
  }

  #product(depth: number): Expr {
    const before = this.#quotients;
    const minus = this.#take("-");
    let value = this.#power(depth);
    if (minus) {
      this.#refuse(this.#quotients > before);
      value = scale(value, -1);
    }
    for (;;) {
      const operator = ["*", "·", "×", "//", "%", "/"].find((text) => this.#take(text));
      if (operator === undefined) {
        return value;
      }
      const right = this.#power(depth);
      this.#refuse(this.#quotients > before);
      value = this.#apply(operator, value, right);
    }
  }

  #apply(operator: string, left: Expr, right: Expr): Expr {
    switch (operator) {
      case "//":
        return floorDiv(left, right);
      case "%":
        return mod(left, right);
      case "/":
        return this.#divided(left, right);
      default:
        return mul(left, right);
    }
  }

  /**
   * A fraction with a number below stays a fraction until something rounds it. With a symbol below it is rounded at
   * once, the way that the function around it rounds: right only when nothing but one sum stands between them.
   */
  #divided(top: Expr, bottom: Expr): Expr {
    if (typeof bottom === "number") {
      this.#refuse(bottom === 0);
      return scale(top, 1 / bottom);
    }
    this.#quotients++;
    return this.#rounding === "ceil" ? ceilDiv(top, bottom) : floorDiv(top, bottom);
  }

  #refuse(wrong: boolean): void {
    if (wrong) {
      throw new NotAFormula();
    }
  }

  #power(depth: number): Expr {
    const base = this.#primary(depth);
    const token = this.#tokens[this.#at];
    if (token?.kind === "power") {
      this.#at++;
      return power(base, token.value);
    }
    if (this.#take("**") || this.#take("^")) {
      const exponent = this.#primary(depth);
      return power(base, exponent);
    }
    return base;
  }

  #primary(depth: number): Expr {
    const token = this.#tokens[this.#at++];
    if (token?.kind === "number") {
      return token.value;
    }
    if (token?.kind === "name") {
      return this.#take("(") ? this.#call(token.text, depth) : symbol(token.text);
    }
    if (token?.kind === "op" && token.text === "(") {
      const inner = this.sum(depth + 1);
      this.#expect(")");
      return inner;
    }
    throw new NotAFormula();
  }

  #call(name: string, depth: number): Expr {
    const lower = name.toLowerCase();
    const known = ALIASES[lower] ?? lower;
    const outer = this.#rounding;
    const quotients = this.#quotients;
    this.#quotients = 0;
    this.#rounding = known === "ceil" ? "ceil" : "floor";
    const args = [this.sum(depth + 1)];
    while (this.#take(",")) {
      args.push(this.sum(depth + 1));
    }
    this.#rounding = outer;
    this.#quotients = quotients;
    this.#expect(")");
    const value = Object.hasOwn(FUNCTIONS, known) ? FUNCTIONS[known]?.(args) : undefined;
    if (value === undefined) {
      throw new NotAFormula();
    }
    return value;
  }

  #take(text: string): boolean {
    const token = this.#tokens[this.#at];
    if (token?.kind === "op" && token.text === text) {
      this.#at++;
      return true;
    }
    return false;
  }

  #expect(text: string): void {
    if (!this.#take(text)) {
      throw new NotAFormula();
    }
  }
}

function power(base: Expr, exponent: Expr): Expr {
  if (typeof exponent !== "number" || !Number.isInteger(exponent) || exponent < 0 || exponent > MAX_POWER) {
    throw new NotAFormula();
  }
  return mul(...new Array<Expr>(exponent).fill(base));
}
