import { symbolsOf } from "./evaluate";
import { type Expr, fromMap, type Mono, monoOf, termsOf } from "./poly";

/** `factor`·symbol^power. */
export interface PowerTerm {
  readonly power: number;
  readonly factor: Expr;
}

/**
 * The amount as a sum of factors times powers of the symbol, highest power first, every power once. Factors are free of
 * the symbol, but for functions of it such as floor(n/7), which are no power: these stay whole in the factor.
 */
export function coefficients(expr: Expr, name: string): readonly PowerTerm[] {
  if (!symbolsOf(expr).has(name)) {
    return expr === 0 ? [] : [{ power: 0, factor: expr }];
  }
  const byPower = new Map<number, Map<Mono, number>>();
  const { monos, coeffs } = termsOf(expr);
  monos.forEach((mono, i) => {
    const at = mono.atoms.findIndex((atom) => atom.kind === "symbol" && atom.name === name);
    const power = mono.powers[at] ?? 0;
    const rest = at < 0 ? mono : monoOf(without(mono.atoms, at), without(mono.powers, at));
    const terms = byPower.get(power) ?? new Map<Mono, number>();
    byPower.set(power, terms.set(rest, (terms.get(rest) ?? 0) + (coeffs[i] ?? 0)));
  });
  return [...byPower]
    .map(([power, terms]) => ({ power, factor: fromMap(terms) }))
    .sort((a, b) => b.power - a.power);
}

const without = <T>(list: readonly T[], at: number): readonly T[] => list.filter((_, i) => i !== at);
