import { content, exactTerms } from "./divide";
import {
  type Atom,
  constantPart,
  type Expr,
  isIntegral,
  type Mono,
  ONE,
  type Poly,
  polyOf,
  sub,
  termsOf,
} from "./poly";

const SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹";
/** Formulas are for people: beyond this nesting or this many factors only "…" is written. */
const MAX_DEPTH = 12;
const MAX_FACTORS = 300;

/**
 * For people: "768·batch·sequence²", "past + sequence", "floor(h/2)", "12·batch·sequence·(past + sequence)". Factors
 * that all terms share are taken out; symbols stand in alphabetical order, higher powers first.
 */
export function format(expr: Expr): string {
  if (typeof expr === "number") {
    return formatNumber(expr);
  }
  const poly = polyOf(expr);
  let text = texts.get(poly);
  if (text === undefined) {
    text = formatSum(expr, { depth: 0, budget: { left: MAX_FACTORS } });
    texts.set(poly, text);
  }
  return text;
}

/** Rules and shapes of a model say the same few formulas over and over. */
const texts = new WeakMap<Poly, string>();

/** How deep the text is nested, and how many factors may still be written. */
interface Place {
  readonly depth: number;
  readonly budget: { left: number };
}

function formatSum(expr: Expr, at: Place): string {
  if (typeof expr === "number") {
    return formatNumber(expr);
  }
  if (at.depth > MAX_DEPTH || at.budget.left <= 0) {
    return "…";
  }
  const poly = polyOf(expr);
  if (poly.monos.length > 1 && isIntegral(poly)) {
    const factor = content([poly]);
    // A number alone is only taken out of sums without a constant: 2·(past + sequence), but 4·batch + 6.
    const worth = factor.coeff !== 1 && (poly.coeffs[0] ?? 0) > 0 && constantPart(poly) === 0;
    if (factor.mono !== ONE || worth) {
      const common = formatTerm(factor.mono, factor.coeff, at);
      return `${common}·(${formatTerms(polyOf(exactTerms(poly, factor) as Poly), at)})`;
    }
  }
  return formatTerms(poly, at);
}

function formatTerms(poly: Poly, at: Place): string {
  const terms: { readonly mono: Mono; readonly coeff: number; readonly text: string }[] = [];
  for (const [i, mono] of poly.monos.entries()) {
    const coeff = poly.coeffs[i] ?? 0;
    const full = at.budget.left <= 0;
    terms.push({ mono, coeff, text: full ? "…" : formatTerm(mono, Math.abs(coeff), at) });
    if (full) {
      break;
    }
  }
  terms.sort((a, b) => {
    const sign = Number(a.coeff < 0) - Number(b.coeff < 0);
    const bySize = b.mono.degree - a.mono.degree || sign;
    return bySize !== 0 ? bySize : a.text < b.text ? -1 : 1;
  });
  let text = "";
  for (const [i, term] of terms.entries()) {
    const minus = term.coeff < 0;
    text += i === 0 ? `${minus ? "-" : ""}${term.text}` : ` ${minus ? "-" : "+"} ${term.text}`;
  }
  return text;
}

function formatTerm(mono: Mono, coeff: number, at: Place): string {
  const write = (named: boolean): string[] =>
    mono.atoms
      .flatMap((atom, i) =>
        (atom.kind === "symbol") === named ? [formatPower(atom, mono.powers[i] ?? 1, at)] : [],
      )
      .sort();
  const factors = [...write(true), ...write(false)];
  return coeff === 1 && factors.length > 0 ? factors.join("·") : [formatNumber(coeff), ...factors].join("·");
}

function formatPower(atom: Atom, power: number, at: Place): string {
  at.budget.left--;
  const base = formatAtom(atom, { ...at, depth: at.depth + 1 });
  if (power === 1) {
    return base;
  }
  const digits = [...String(power)].map((digit) => SUPERSCRIPTS[Number(digit)] ?? "").join("");
  return base + digits;
}

function formatAtom(atom: Atom, at: Place): string {
  switch (atom.kind) {
    case "symbol":
      return atom.name;
    case "group":
      return `(${formatSum(atom.args[0] ?? 0, at)})`;
    case "floor":
    case "ceil":
      return formatQuotient(atom, at);
    default:
      return `${atom.kind}(${atom.args
        .map((arg) => formatSum(arg, at))
        .sort()
        .join(", ")})`;
  }
}

function formatQuotient(atom: Atom, at: Place): string {
  const [top = 0, bottom = 1] = atom.args;
  if (atom.kind === "floor" && typeof bottom === "number" && constantPart(top) === bottom - 1) {
    return `ceil(${operand(sub(top, bottom - 1), at)}/${bottom})`;
  }
  return `${atom.kind}(${operand(top, at)}/${operand(bottom, at, true)})`;
}

function operand(expr: Expr, at: Place, divisor = false): string {
  const text = formatSum(expr, at);
  const { monos, coeffs } = termsOf(expr);
  const single = monos.length <= 1 && (coeffs[0] ?? 0) >= 0;
  const plain = !divisor || typeof expr === "number" || ((monos[0] as Mono).degree === 1 && coeffs[0] === 1);
  return single && plain ? text : `(${text})`;
}

function formatNumber(value: number): string {
  return Number.isInteger(value) && Math.abs(value) < 1e21 ? BigInt(value).toString() : String(value);
}
