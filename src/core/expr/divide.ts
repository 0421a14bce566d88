import {
  type Atom,
  add,
  compareMonos,
  constantPart,
  divideMonos,
  type Expr,
  fromMap,
  fromTerms,
  functionOf,
  isIntegral,
  isNonNegative,
  type Mono,
  monoOf,
  mul,
  multiplyMonos,
  ONE,
  type Poly,
  polyOf,
  scale,
  sub,
  termsOf,
} from "./poly";

/** Largest denominator under which a fractional coefficient (0.5, 0.3333333) is read as a ratio of integers. */
const MAX_DENOMINATOR = 4096;

/**
 * floor(a / b), rounding towards minus infinity as Python does. Multiples of b are taken out exactly, common factors
 * cancel, nested divisions join. Throws RangeError when b is the number 0.
 */
export function floorDiv(a: Expr, b: Expr): Expr {
  return divide(a, b, "floor");
}

/** ceil(a / b) = floor((a + b - 1) / b) for a number b; an atom of its own for a symbolic b. */
export function ceilDiv(a: Expr, b: Expr): Expr {
  return divide(a, b, "ceil");
}

/** a - b·floor(a / b): has the sign of b, as Python's %. Written out, so that h - mod(h, 7) is found to be a multiple of 7. */
export function mod(a: Expr, b: Expr): Expr {
  return typeof a === "number" && typeof b === "number"
    ? a - b * divideNumbers(a, b, "floor")
    : sub(a, mul(b, floorDiv(a, b)));
}

/** a / b when b divides a without remainder and with integer coefficients; undefined otherwise. b is taken as nonzero. */
export function divideExact(a: Expr, b: Expr): Expr | undefined {
  if (typeof a === "number" && typeof b === "number") {
    return b !== 0 && Number.isInteger(a / b) ? a / b : undefined;
  }
  if (b === 0) {
    return undefined;
  }
  if (a === b) {
    return 1;
  }
  const { quotient, remainder } = reduce(a, b);
  return remainder === 0 ? quotient : undefined;
}

/** Largest integer not above the value; fractional coefficients are read as ratios of small integers. */
export function floor(a: Expr): Expr {
  return isIntegral(a) ? a : floorDiv(a, 1);
}

/** Smallest integer not below the value. */
export function ceil(a: Expr): Expr {
  return isIntegral(a) ? a : ceilDiv(a, 1);
}

type Rounding = "floor" | "ceil";

function divideNumbers(a: number, b: number, rounding: Rounding): number {
  if (b === 0) {
    throw new RangeError("division of a size by zero");
  }
  return (rounding === "floor" ? Math.floor(a / b) : Math.ceil(a / b)) + 0;
}

function divide(a: Expr, b: Expr, rounding: Rounding): Expr {
  if (typeof a === "number" && typeof b === "number") {
    return divideNumbers(a, b, rounding);
  }
  if (b === 0) {
    throw new RangeError("division of a size by zero");
  }
  if (a === 0) {
    return 0;
  }
  if (a === b) {
    return 1;
  }
  if (!isIntegral(a) || !isIntegral(b)) {
    const scaled = toIntegers(a, b);
    return scaled === undefined ? opaque(a, b, rounding) : divide(scaled[0], scaled[1], rounding);
  }
  if (typeof b === "number") {
    return b < 0 ? divideByNumber(scale(a, -1), -b, rounding) : divideByNumber(a, b, rounding);
  }
  return divideBySum(a, polyOf(b), rounding);
}

/** Multiplies both by the least integer that makes all coefficients integers. */
function toIntegers(a: Expr, b: Expr): readonly [Expr, Expr] | undefined {
  const coeffs = [...termsOf(a).coeffs, ...termsOf(b).coeffs];
  for (let q = 2; q <= MAX_DENOMINATOR; q++) {
    if (coeffs.every((coeff) => isNearInteger(coeff * q))) {
      const round = (expr: Expr): Expr => {
        const { monos, coeffs: values } = termsOf(expr);
        return fromTerms(
          monos,
          values.map((coeff) => Math.round(coeff * q)),
        );
      };
      return [round(a), round(b)];
    }
  }
  return undefined;
}

function isNearInteger(value: number): boolean {
  const nearest = Math.round(value);
  return nearest !== 0 && Math.abs(value - nearest) <= 1e-6 * Math.max(1, Math.abs(value));
}

function divideByNumber(a: Expr, b: number, rounding: Rounding): Expr {
  if (b === 1) {
    return a;
  }
  if (rounding === "ceil") {
    return divideByNumber(add(a, b - 1), b, "floor");
  }
  if (typeof a === "number") {
    return divideNumbers(a, b, "floor");
  }
  const poly = polyOf(a);
  if ((poly.coeffs[0] ?? 0) < 0) {
    // floor(-x / b) = -ceil(x / b) keeps formulas free of negative numerators.
    return scale(divideByNumber(add(scale(a, -1), b - 1), b, "floor"), -1);
  }
  const outMonos: Mono[] = [];
  const outCoeffs: number[] = [];
  const restMonos: Mono[] = [];
  const restCoeffs: number[] = [];
  for (let i = 0; i < poly.monos.length; i++) {
    const mono = poly.monos[i] as Mono;
    const coeff = poly.coeffs[i] ?? 0;
    // Towards zero for terms, so that floor(3·s/4) stays itself; downwards for the constant, so that it is unique.
    const taken = mono === ONE ? Math.floor(coeff / b) : Math.trunc(coeff / b);
    if (taken !== 0) {
      outMonos.push(mono);
      outCoeffs.push(taken);
    }
    if (coeff - taken * b !== 0) {
      restMonos.push(mono);
      restCoeffs.push(coeff - taken * b);
    }
  }
  const taken = fromTerms(outMonos, outCoeffs);
  const rest = fromTerms(restMonos, restCoeffs);
  if (typeof rest === "number") {
    return add(taken, divideNumbers(rest, b, "floor"));
  }
  if (taken !== 0) {
    return add(taken, divideByNumber(rest, b, "floor"));
  }
  return floorAtom(polyOf(rest), b);
}

/** Numerator reduced modulo b already. */
function floorAtom(numerator: Poly, b: number): Expr {
  const constant = constantPart(numerator);
  let common = b;
  for (let i = 0; i < numerator.monos.length; i++) {
    if (numerator.monos[i] !== ONE) {
      common = gcd(common, Math.abs(numerator.coeffs[i] ?? 0));
    }
  }
  if (common > 1) {
    // floor((g·x + c) / (g·m)) = floor((x + floor(c / g)) / m) for integers x.
    const body = scale(sub(numerator, constant), 1 / common);
    return divideByNumber(add(body, Math.floor(constant / common)), b / common, "floor");
  }
  const inner = soleFloor(numerator);
  if (inner !== undefined) {
    // floor((floor(x / m) + c) / n) = floor((x + c·m) / (m·n)) for positive m.
    return divide(add(inner.top, scale(inner.bottom, constant)), scale(inner.bottom, b), "floor");
  }
  return functionOf("floor", [numerator, b], numerator.nonNegative);
}

/** The division d when the expression is d or d + constant. */
function soleFloor(poly: Poly): { readonly top: Expr; readonly bottom: Expr } | undefined {
  const first = poly.monos[0] as Mono;
  const atom = first.atoms[0];
  const alone = poly.monos.length === 1 || (poly.monos.length === 2 && poly.monos[1] === ONE);
  if (!alone || poly.coeffs[0] !== 1 || first.degree !== 1 || atom?.kind !== "floor") {
    return undefined;
  }
  const [top, bottom] = atom.args;
  return top === undefined || bottom === undefined || !isNonNegative(bottom) ? undefined : { top, bottom };
}

function divideBySum(a: Expr, b: Poly, rounding: Rounding): Expr {
  const { quotient, remainder } = reduce(a, b);
  if (remainder === 0) {
    return quotient;
  }
  // For a divisor of several terms, taking multiples out may lengthen the formula: only when it shortens it.
  if (quotient !== 0 && (b.monos.length === 1 || termsOf(remainder).monos.length < termsOf(a).monos.length)) {
    return add(quotient, divide(remainder, b, rounding));
  }
  const common = commonFactor(a, b);
  if (common !== undefined) {
    return divide(exactTerms(a, common), exactTerms(b, common), rounding);
  }
  if (rounding === "floor" && typeof a !== "number") {
    const inner = soleFloor(polyOf(a));
    if (inner !== undefined && b.nonNegative) {
      const top = add(inner.top, mul(inner.bottom, constantPart(a)));
      return divide(top, mul(inner.bottom, b), "floor");
    }
  }
  return opaque(a, b, rounding);
}

function opaque(a: Expr, b: Expr, rounding: Rounding): Expr {
  return functionOf(rounding, [a, b], isNonNegative(a) && isNonNegative(b));
}

interface Factor {
  readonly coeff: number;
  readonly mono: Mono;
}

/** Greatest integer and monomial that divide every term of both; undefined when that is 1. */
function commonFactor(a: Expr, b: Expr): Factor | undefined {
  const factor = content([a, b]);
  return factor.coeff === 1 && factor.mono === ONE ? undefined : factor;
}

/** Greatest integer and monomial that divide every term of all expressions, which have integer coefficients. */
export function content(exprs: readonly Expr[]): Factor {
  let coeff = 0;
  let mono: Mono | undefined;
  for (const expr of exprs) {
    const { monos, coeffs } = termsOf(expr);
    for (let i = 0; i < monos.length; i++) {
      coeff = gcd(coeff, Math.abs(coeffs[i] ?? 0));
      mono = mono === undefined ? (monos[i] as Mono) : commonMono(mono, monos[i] as Mono);
    }
  }
  return { coeff: coeff === 0 ? 1 : coeff, mono: mono ?? ONE };
}

function commonMono(a: Mono, b: Mono): Mono {
  if (a === b || a === ONE) {
    return a;
  }
  const shared = a.powers.map((power, i) => {
    const j = b.atoms.indexOf(a.atoms[i] as Atom);
    return j < 0 ? 0 : Math.min(power, b.powers[j] ?? 0);
  });
  return monoOf(
    a.atoms.filter((_, i) => (shared[i] ?? 0) > 0),
    shared.filter((power) => power > 0),
  );
}

/** Divides every term by a factor that is known to divide it. */
export function exactTerms(expr: Expr, factor: Factor): Expr {
  const { monos, coeffs } = termsOf(expr);
  return fromTerms(
    monos.map((mono) => divideMonos(mono, factor.mono) as Mono),
    coeffs.map((coeff) => coeff / factor.coeff),
  );
}

/** Polynomial division with integer coefficients: a = quotient·b + remainder, as far as leading terms divide. */
function reduce(a: Expr, b: Expr): { readonly quotient: Expr; readonly remainder: Expr } {
  const divisor = termsOf(b);
  const leading = divisor.monos[0] as Mono;
  const leadingCoeff = divisor.coeffs[0] ?? 1;
  const dividend = termsOf(a);
  if (divisor.monos.length === 1) {
    return reduceByMono(dividend, leading, leadingCoeff);
  }
  const rest = new Map<Mono, number>();
  dividend.monos.forEach((mono, i) => {
    rest.set(mono, dividend.coeffs[i] ?? 0);
  });
  const quotient = new Map<Mono, number>();
  const remainder = new Map<Mono, number>();
  // Every step lowers the largest monomial, but sparse high powers could still make it long: then nothing is taken out.
  for (let step = 0; rest.size > 0; step++) {
    if (step > 500) {
      return { quotient: 0, remainder: a };
    }
    let top: Mono | undefined;
    for (const mono of rest.keys()) {
      top = top === undefined || compareMonos(mono, top) < 0 ? mono : top;
    }
    const mono = top as Mono;
    const coeff = rest.get(mono) ?? 0;
    const ratio = divideMonos(mono, leading);
    const times = ratio === undefined ? 0 : Math.trunc(coeff / leadingCoeff);
    if (ratio === undefined || times === 0) {
      remainder.set(mono, coeff);
      rest.delete(mono);
      continue;
    }
    quotient.set(ratio, (quotient.get(ratio) ?? 0) + times);
    divisor.monos.forEach((part, i) => {
      const target = multiplyMonos(ratio, part);
      const value = (rest.get(target) ?? 0) - times * (divisor.coeffs[i] ?? 0);
      if (value === 0) {
        rest.delete(target);
      } else {
        rest.set(target, value);
      }
    });
    const left = rest.get(mono);
    if (left !== undefined) {
      remainder.set(mono, left);
      rest.delete(mono);
    }
  }
  return { quotient: fromMap(quotient), remainder: fromMap(remainder) };
}

function reduceByMono(
  dividend: { readonly monos: readonly Mono[]; readonly coeffs: readonly number[] },
  divisor: Mono,
  divisorCoeff: number,
): { readonly quotient: Expr; readonly remainder: Expr } {
  const taken = new Map<Mono, number>();
  const rest = new Map<Mono, number>();
  dividend.monos.forEach((mono, i) => {
    const coeff = dividend.coeffs[i] ?? 0;
    const ratio = divideMonos(mono, divisor);
    const times = ratio === undefined ? 0 : Math.trunc(coeff / divisorCoeff);
    if (ratio !== undefined && times !== 0) {
      taken.set(ratio, times);
    }
    if (coeff - times * divisorCoeff !== 0 || ratio === undefined) {
      rest.set(mono, coeff - times * divisorCoeff);
    }
  });
  return { quotient: fromMap(taken), remainder: fromMap(rest) };
}

function gcd(a: number, b: number): number {
  let x = a;
  let y = b;
  while (y !== 0) {
    [x, y] = [y, x % y];
  }
  return x;
}
