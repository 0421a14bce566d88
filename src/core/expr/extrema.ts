import { content, exactTerms } from "./divide";
import {
  add,
  type Expr,
  fromMap,
  functionOf,
  isIntegral,
  isNonNegative,
  keyOf,
  type Mono,
  mul,
  polyOf,
  sub,
  termsOf,
} from "./poly";

type Kind = "max" | "min";

/** The larger one. Operands that are proven not to be it, with symbols taken as >= 0, fall away. */
export function max(a: Expr, b: Expr): Expr {
  return typeof a === "number" && typeof b === "number" ? Math.max(a, b) : extremum("max", [a, b]);
}

/** The smaller one; see `max`. */
export function min(a: Expr, b: Expr): Expr {
  return typeof a === "number" && typeof b === "number" ? Math.min(a, b) : extremum("min", [a, b]);
}

function extremum(kind: Kind, operands: readonly Expr[]): Expr {
  const kept = undominated(kind, flatten(kind, operands));
  if (kept.length === 1) {
    return kept[0] as Expr;
  }
  const shared = sharedTerms(kept);
  if (shared !== 0) {
    const bodies = kept.map((operand) => sub(operand, shared));
    return add(shared, extremum(kind, bodies));
  }
  if (kept.every(isIntegral)) {
    const factor = content(kept);
    if ((factor.coeff !== 1 || factor.mono.degree > 0) && factor.mono.nonNegative) {
      const scale = fromMap(new Map([[factor.mono, factor.coeff]]));
      const bodies = kept.map((operand) => exactTerms(operand, factor));
      return mul(scale, extremum(kind, bodies));
    }
  }
  const sorted = [...kept].sort((x, y) => (keyOf(x) < keyOf(y) ? -1 : 1));
  const nonNegative = kind === "max" ? sorted.some(isNonNegative) : sorted.every(isNonNegative);
  return functionOf(kind, sorted, nonNegative);
}

/** max(max(a, b), c) has three operands. */
function flatten(kind: Kind, operands: readonly Expr[]): readonly Expr[] {
  const flat = new Set<Expr>();
  for (const operand of operands) {
    const poly = typeof operand === "number" ? undefined : polyOf(operand);
    const mono = poly?.monos[0];
    const atom = mono?.atoms[0];
    const alone = poly?.monos.length === 1 && poly.coeffs[0] === 1 && mono?.degree === 1;
    for (const part of alone && atom?.kind === kind ? atom.args : [operand]) {
      flat.add(part);
    }
  }
  return [...flat];
}

function undominated(kind: Kind, operands: readonly Expr[]): readonly Expr[] {
  const kept: Expr[] = [];
  for (const operand of operands) {
    if (kept.some((other) => beats(kind, other, operand))) {
      continue;
    }
    for (let i = kept.length - 1; i >= 0; i--) {
      if (beats(kind, operand, kept[i] as Expr)) {
        kept.splice(i, 1);
      }
    }
    kept.push(operand);
  }
  return kept;
}

function beats(kind: Kind, winner: Expr, loser: Expr): boolean {
  return isNonNegative(kind === "max" ? sub(winner, loser) : sub(loser, winner));
}

/** Terms that all operands have with the same coefficient: max(s + 3, t + 3) = max(s, t) + 3. */
function sharedTerms(operands: readonly Expr[]): Expr {
  const [first, ...others] = operands;
  const shared = new Map<Mono, number>();
  const { monos, coeffs } = termsOf(first ?? 0);
  monos.forEach((mono, i) => {
    const coeff = coeffs[i] ?? 0;
    const everywhere = others.every((other) => {
      const terms = termsOf(other);
      const at = terms.monos.indexOf(mono);
      return at >= 0 && terms.coeffs[at] === coeff;
    });
    if (everywhere) {
      shared.set(mono, coeff);
    }
  });
  return fromMap(shared);
}
