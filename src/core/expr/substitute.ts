import { ceilDiv, floorDiv } from "./divide";
import { symbolsOf } from "./evaluate";
import { max, min } from "./extrema";
import { type Atom, addAll, type Expr, mulAll, ofAtom, polyOf } from "./poly";

/** The expression with symbols replaced by other expressions, simplified anew; symbols without an entry stay. */
export function substitute(expr: Expr, replacements: ReadonlyMap<string, Expr>): Expr {
  if (typeof expr === "number" || !touches(expr, replacements)) {
    return expr;
  }
  const done = new Map<Atom, Expr>();
  const replace = (part: Expr): Expr => {
    if (typeof part === "number" || !touches(part, replacements)) {
      return part;
    }
    const poly = polyOf(part);
    return addAll(
      poly.monos.map((mono, i) =>
        mulAll([
          poly.coeffs[i] ?? 0,
          ...mono.atoms.flatMap((atom, j) => new Array<Expr>(mono.powers[j] ?? 1).fill(replaceAtom(atom))),
        ]),
      ),
    );
  };
  const replaceAtom = (atom: Atom): Expr => {
    let value = done.get(atom);
    if (value === undefined) {
      value = rebuild(atom, replacements, replace);
      done.set(atom, value);
    }
    return value;
  };
  return replace(expr);
}

function touches(expr: Expr, replacements: ReadonlyMap<string, Expr>): boolean {
  for (const name of symbolsOf(expr)) {
    if (replacements.has(name)) {
      return true;
    }
  }
  return false;
}

function rebuild(atom: Atom, replacements: ReadonlyMap<string, Expr>, replace: (part: Expr) => Expr): Expr {
  const args = atom.args.map(replace);
  const [first = 0, second = 1] = args;
  switch (atom.kind) {
    case "symbol":
      return replacements.get(atom.name) ?? ofAtom(atom);
    case "group":
      return first;
    case "floor":
      return floorDiv(first, second);
    case "ceil":
      return ceilDiv(first, second);
    case "max":
      return args.reduce(max);
    case "min":
      return args.reduce(min);
  }
}
