import { coefficients, type Expr, format, type PowerTerm, symbolsOf } from "../../expr";

const SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹";

/** An amount as powers of one symbol, highest first. */
export interface InPowers {
  readonly terms: readonly PowerTerm[];
  readonly formula: string;
  /** False where the symbol stands inside a function and so in a factor. */
  readonly exact: boolean;
}

/** "1536·batch·n² + 3538944·batch·n": factors as formulas of the other dims. */
export function inPowers(expr: Expr, name: string): InPowers {
  const terms = coefficients(expr, name);
  return {
    terms,
    formula:
      terms.length === 0 ? "0" : joined(terms.map(({ power, factor }) => termText(factor, name, power))),
    exact: terms.every(({ factor }) => !symbolsOf(factor).has(name)),
  };
}

function termText(factor: Expr, name: string, power: number): string {
  const text = format(factor);
  const raised = power === 0 ? "" : power === 1 ? name : name + superscript(power);
  if (raised === "" || text === "1") {
    return raised || text;
  }
  if (text === "-1") {
    return `-${raised}`;
  }
  return `${isSum(text) ? `(${text})` : text}·${raised}`;
}

const superscript = (power: number) =>
  [...String(power)].map((digit) => SUPERSCRIPTS[Number(digit)]).join("");

/** Whether a plus or minus stands outside of all parentheses. */
function isSum(text: string): boolean {
  let depth = 0;
  for (let i = 0; i < text.length; i++) {
    depth += text[i] === "(" ? 1 : text[i] === ")" ? -1 : 0;
    if (depth === 0 && (text.startsWith(" + ", i) || text.startsWith(" - ", i))) {
      return true;
    }
  }
  return false;
}

function joined(terms: readonly string[]): string {
  return terms
    .map((term, i) => (i === 0 ? term : term.startsWith("-") ? ` - ${term.slice(1)}` : ` + ${term}`))
    .join("");
}
