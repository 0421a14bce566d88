import { type Atom, type Expr, type Poly, polyOf } from "./poly";

/** The amount at these values of the symbols; undefined when one has no value or a division by zero arises. */
export function evaluate(expr: Expr, bindings: ReadonlyMap<string, number>): number | undefined {
  if (typeof expr === "number") {
    return expr;
  }
  const value = new Evaluation(bindings).poly(polyOf(expr));
  return Number.isNaN(value) ? undefined : value;
}

/**
 * One pass over many formulas that share parts: every distinct part is evaluated once for each call. The answer has
 * one element for each formula, NaN where a symbol has no value.
 */
export function compile(exprs: readonly Expr[]): (bindings: ReadonlyMap<string, number>) => Float64Array {
  return (bindings) => {
    const evaluation = new Evaluation(bindings);
    const results = new Float64Array(exprs.length);
    for (let i = 0; i < exprs.length; i++) {
      const expr = exprs[i] as Expr;
      results[i] = typeof expr === "number" ? expr : evaluation.poly(polyOf(expr));
    }
    return results;
  };
}

/** Values of atoms, monomials and sums at one set of bindings, each worked out once. */
class Evaluation {
  readonly #bindings: ReadonlyMap<string, number>;
  readonly #polys = new Map<Poly, number>();
  readonly #atoms = new Map<Atom, number>();

  constructor(bindings: ReadonlyMap<string, number>) {
    this.#bindings = bindings;
  }

  poly(poly: Poly): number {
    let value = this.#polys.get(poly);
    if (value === undefined) {
      value = 0;
      for (let i = 0; i < poly.monos.length; i++) {
        const mono = poly.monos[i];
        let product = poly.coeffs[i] ?? 0;
        for (let j = 0; mono !== undefined && j < mono.atoms.length; j++) {
          const base = this.#atom(mono.atoms[j] as Atom);
          const power = mono.powers[j] ?? 1;
          product *= power === 1 ? base : base ** power;
        }
        value += product;
      }
      this.#polys.set(poly, value);
    }
    return value;
  }

  #expr(expr: Expr | undefined): number {
    return expr === undefined ? Number.NaN : typeof expr === "number" ? expr : this.poly(polyOf(expr));
  }

  #atom(atom: Atom): number {
    let value = this.#atoms.get(atom);
    if (value === undefined) {
      value = this.#apply(atom);
      this.#atoms.set(atom, value);
    }
    return value;
  }

  #apply(atom: Atom): number {
    switch (atom.kind) {
      case "symbol":
        return this.#bindings.get(atom.name) ?? Number.NaN;
      case "group":
        return this.#expr(atom.args[0]);
      case "max":
        return Math.max(...atom.args.map((arg) => this.#expr(arg)));
      case "min":
        return Math.min(...atom.args.map((arg) => this.#expr(arg)));
      case "floor":
      case "ceil": {
        const bottom = this.#expr(atom.args[1]);
        const ratio = this.#expr(atom.args[0]) / bottom;
        return bottom === 0 ? Number.NaN : atom.kind === "floor" ? Math.floor(ratio) : Math.ceil(ratio);
      }
    }
  }
}

/** Names of all symbols in the expression. */
export function symbolsOf(expr: Expr): ReadonlySet<string> {
  return typeof expr === "number" ? new Set() : symbolsOfPoly(polyOf(expr));
}

const symbolSets = new WeakMap<Poly, ReadonlySet<string>>();

function symbolsOfPoly(poly: Poly): ReadonlySet<string> {
  let names = symbolSets.get(poly);
  if (names === undefined) {
    const found = new Set<string>();
    for (const mono of poly.monos) {
      for (const atom of mono.atoms) {
        if (atom.kind === "symbol") {
          found.add(atom.name);
        }
        for (const arg of atom.args) {
          for (const name of symbolsOf(arg)) {
            found.add(name);
          }
        }
      }
    }
    names = found;
    symbolSets.set(poly, names);
  }
  return names;
}

/**
 * How fast the amount grows with the symbol: its highest power, where a quotient counts the degree of the numerator
 * less that of the denominator, max the highest and min the lowest degree of its operands (min(s, 256) does not grow).
 */
export function degree(expr: Expr, name: string): number {
  if (typeof expr === "number" || !symbolsOf(expr).has(name)) {
    return 0;
  }
  let highest = 0;
  for (const mono of polyOf(expr).monos) {
    let total = 0;
    mono.atoms.forEach((atom, i) => {
      total += (mono.powers[i] ?? 1) * atomDegree(atom, name);
    });
    highest = Math.max(highest, total);
  }
  return highest;
}

function atomDegree(atom: Atom, name: string): number {
  if (atom.kind === "symbol") {
    return atom.name === name ? 1 : 0;
  }
  const degrees = atom.args.map((arg) => degree(arg, name));
  switch (atom.kind) {
    case "min":
      return Math.min(...degrees);
    case "floor":
    case "ceil":
      return Math.max(0, (degrees[0] ?? 0) - (degrees[1] ?? 0));
    default:
      return Math.max(...degrees);
  }
}
