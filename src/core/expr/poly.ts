/**
 * A non-negative-integer amount: a plain number when it is known, otherwise a polynomial over named dims and over
 * floordiv, ceildiv, max and min of such polynomials. Immutable and canonical: equal amounts built in different ways
 * compare equal by `equal`. Intermediate values of shape arithmetic may be negative or, in float tensors, fractions:
 * coefficients are any finite numbers, and rules that need integers check for them.
 */
export type Expr = number | Sum;

/** Opaque: use the functions of core/expr. Interned, so that equal sums are the same object; the key lives as long as the process. */
export interface Sum {
  readonly key: string;
}

/** An indivisible factor: a symbol, or a function of polynomials. `group` is a sum kept unexpanded because expanding it would explode. */
export interface Atom {
  readonly id: number;
  readonly kind: "symbol" | "floor" | "ceil" | "max" | "min" | "group";
  /** The symbol's name; "" otherwise. */
  readonly name: string;
  readonly args: readonly Expr[];
  readonly nonNegative: boolean;
}

/** A product of powers of atoms, atoms in the order of `compareAtoms`. */
export interface Mono {
  readonly id: number;
  readonly atoms: readonly Atom[];
  readonly powers: readonly number[];
  readonly degree: number;
  readonly nonNegative: boolean;
  /** Cache of products by the other factor's id. */
  readonly products: Map<number, Mono>;
}

/** The inside of a Sum: terms with the largest monomial first, the constant last. */
export interface Poly extends Sum {
  readonly id: number;
  readonly monos: readonly Mono[];
  readonly coeffs: readonly number[];
  /** All coefficients are integers, and so is every value, since atoms are integers. */
  readonly integral: boolean;
  /** Proven from coefficients and atoms alone, symbols taken as >= 0. */
  readonly nonNegative: boolean;
}

/** Products of more terms than this keep a factor unexpanded: a hostile file must not make us expand 2^n terms. */
const MAX_PRODUCT_TERMS = 2000;
const MEMO_LIMIT = 1 << 16;
const PAIR = 2 ** 26;

const symbols = new Map<string, Poly>();
const atoms = new Map<string, Atom>();
const monos = new Map<string, Mono>();
const polys = new Map<string, Poly>();
const sums = new Map<number, Expr>();
const products = new Map<number, Expr>();

/** The empty product: carries the constant term. */
export const ONE: Mono = {
  id: 0,
  atoms: [],
  powers: [],
  degree: 0,
  nonNegative: true,
  products: new Map(),
};

export function polyOf(sum: Sum): Poly {
  return sum as Poly;
}

/** A named size, taken as an integer >= 0 (the length of a cache may be 0). */
export function symbol(name: string): Expr {
  let poly = symbols.get(name);
  if (poly === undefined) {
    const atom: Atom = { id: atoms.size, kind: "symbol", name, args: [], nonNegative: true };
    atoms.set(`s${name}`, atom);
    poly = ofAtom(atom);
    symbols.set(name, poly);
  }
  return poly;
}

/** The interned function of polynomials; the caller has simplified it already. */
export function functionOf(
  kind: Exclude<Atom["kind"], "symbol">,
  args: readonly Expr[],
  nonNegative: boolean,
): Expr {
  const key = `${kind}(${args.map(keyOf).join(";")})`;
  let atom = atoms.get(key);
  if (atom === undefined) {
    atom = { id: atoms.size, kind, name: "", args, nonNegative };
    atoms.set(key, atom);
  }
  return ofAtom(atom);
}

/** Identity of an expression as text; equal expressions have equal keys. */
export function keyOf(expr: Expr): string {
  return typeof expr === "number" ? `=${expr}` : `p${polyOf(expr).id}`;
}

/** The atom alone, as an expression. */
export function ofAtom(atom: Atom): Poly {
  return intern([monoOf([atom], [1])], [1]);
}

/** Symbols by name, so that results do not depend on what was built first; functions after them. */
export function compareAtoms(a: Atom, b: Atom): number {
  if (a === b) {
    return 0;
  }
  if (a.kind === "symbol" && b.kind === "symbol") {
    return a.name < b.name ? -1 : 1;
  }
  if (a.kind === "symbol" || b.kind === "symbol") {
    return a.kind === "symbol" ? -1 : 1;
  }
  return a.id - b.id;
}

/** Graded lexicographic order, largest first: an admissible order, so that polynomial division ends. */
export function compareMonos(a: Mono, b: Mono): number {
  if (a === b) {
    return 0;
  }
  if (a.degree !== b.degree) {
    return b.degree - a.degree;
  }
  for (let i = 0; ; i++) {
    const x = a.atoms[i];
    const y = b.atoms[i];
    if (x === undefined || y === undefined) {
      return 0;
    }
    if (x !== y) {
      return compareAtoms(x, y);
    }
    const difference = (b.powers[i] ?? 0) - (a.powers[i] ?? 0);
    if (difference !== 0) {
      return difference;
    }
  }
}

/** The interned monomial; atoms must be sorted, powers >= 1. */
export function monoOf(factors: readonly Atom[], powers: readonly number[]): Mono {
  if (factors.length === 0) {
    return ONE;
  }
  let key = "";
  for (let i = 0; i < factors.length; i++) {
    key += `${factors[i]?.id}^${powers[i]} `;
  }
  let mono = monos.get(key);
  if (mono === undefined) {
    mono = {
      id: monos.size + 1,
      atoms: factors,
      powers,
      degree: powers.reduce((total, power) => total + power, 0),
      nonNegative: factors.every((atom, i) => atom.nonNegative || (powers[i] ?? 0) % 2 === 0),
      products: new Map(),
    };
    monos.set(key, mono);
  }
  return mono;
}

export function multiplyMonos(a: Mono, b: Mono): Mono {
  if (a === ONE) {
    return b;
  }
  if (b === ONE) {
    return a;
  }
  let product = a.products.get(b.id);
  if (product === undefined) {
    const factors: Atom[] = [];
    const powers: number[] = [];
    let i = 0;
    let j = 0;
    while (i < a.atoms.length || j < b.atoms.length) {
      const x = a.atoms[i];
      const y = b.atoms[j];
      const order = x === undefined ? 1 : y === undefined ? -1 : compareAtoms(x, y);
      factors.push((order <= 0 ? x : y) as Atom);
      powers.push((order <= 0 ? (a.powers[i] ?? 0) : 0) + (order >= 0 ? (b.powers[j] ?? 0) : 0));
      i += order <= 0 ? 1 : 0;
      j += order >= 0 ? 1 : 0;
    }
    product = monoOf(factors, powers);
    a.products.set(b.id, product);
  }
  return product;
}

/** a / b, or undefined when b does not divide a. */
export function divideMonos(a: Mono, b: Mono): Mono | undefined {
  if (b === ONE) {
    return a;
  }
  if (a === b) {
    return ONE;
  }
  const powers = [...a.powers];
  for (let j = 0; j < b.atoms.length; j++) {
    const i = a.atoms.indexOf(b.atoms[j] as Atom);
    if (i < 0 || (powers[i] ?? 0) < (b.powers[j] ?? 0)) {
      return undefined;
    }
    powers[i] = (powers[i] ?? 0) - (b.powers[j] ?? 0);
  }
  return monoOf(
    a.atoms.filter((_, i) => (powers[i] ?? 0) > 0),
    powers.filter((power) => power > 0),
  );
}

function intern(monosIn: readonly Mono[], coeffs: readonly number[]): Poly {
  let key = "";
  for (let i = 0; i < monosIn.length; i++) {
    key += `${coeffs[i]}*${monosIn[i]?.id} `;
  }
  let poly = polys.get(key);
  if (poly === undefined) {
    let integral = true;
    let nonNegative = true;
    for (let i = 0; i < monosIn.length; i++) {
      const coeff = coeffs[i] ?? 0;
      integral = integral && Number.isInteger(coeff);
      nonNegative = nonNegative && coeff >= 0 && (monosIn[i] as Mono).nonNegative;
    }
    poly = { key, id: polys.size, monos: monosIn, coeffs, integral, nonNegative };
    polys.set(key, poly);
  }
  return poly;
}

/** The expression with these terms: sorted, distinct monomials, no zero coefficients. */
export function fromTerms(monosIn: readonly Mono[], coeffs: readonly number[]): Expr {
  if (monosIn.length === 0) {
    return 0;
  }
  if (monosIn.length === 1 && monosIn[0] === ONE) {
    return coeffs[0] ?? 0;
  }
  return intern(monosIn, coeffs);
}

/** The expression with these terms in any order. */
export function fromMap(terms: ReadonlyMap<Mono, number>): Expr {
  const kept: Mono[] = [];
  for (const [mono, coeff] of terms) {
    if (coeff !== 0) {
      kept.push(mono);
    }
  }
  kept.sort(compareMonos);
  return fromTerms(
    kept,
    kept.map((mono) => terms.get(mono) ?? 0),
  );
}

/** Terms of any expression, a number being its own constant term. */
export function termsOf(expr: Expr): { readonly monos: readonly Mono[]; readonly coeffs: readonly number[] } {
  if (typeof expr === "number") {
    return expr === 0 ? { monos: [], coeffs: [] } : { monos: [ONE], coeffs: [expr] };
  }
  return polyOf(expr);
}

function addTwo(a: Expr, b: Expr): Expr {
  if (typeof a === "number") {
    if (typeof b === "number") {
      return a + b;
    }
    return a === 0 ? b : addConstant(polyOf(b), a);
  }
  if (typeof b === "number") {
    return b === 0 ? a : addConstant(polyOf(a), b);
  }
  const x = polyOf(a);
  const y = polyOf(b);
  const pair = x.id < y.id ? x.id * PAIR + y.id : y.id * PAIR + x.id;
  let sum = sums.get(pair);
  if (sum === undefined) {
    sum = merge(x, y);
    remember(sums, pair, sum);
  }
  return sum;
}

function merge(x: Poly, y: Poly): Expr {
  const outMonos: Mono[] = [];
  const outCoeffs: number[] = [];
  let i = 0;
  let j = 0;
  while (i < x.monos.length || j < y.monos.length) {
    const p = x.monos[i];
    const q = y.monos[j];
    const order = p === undefined ? 1 : q === undefined ? -1 : compareMonos(p, q);
    const coeff = (order <= 0 ? (x.coeffs[i] ?? 0) : 0) + (order >= 0 ? (y.coeffs[j] ?? 0) : 0);
    if (coeff !== 0) {
      outMonos.push((order <= 0 ? p : q) as Mono);
      outCoeffs.push(coeff);
    }
    i += order <= 0 ? 1 : 0;
    j += order >= 0 ? 1 : 0;
  }
  return fromTerms(outMonos, outCoeffs);
}

function addConstant(poly: Poly, value: number): Expr {
  const last = poly.monos.length - 1;
  if (poly.monos[last] !== ONE) {
    return intern([...poly.monos, ONE], [...poly.coeffs, value]);
  }
  const coeff = (poly.coeffs[last] ?? 0) + value;
  if (coeff === 0) {
    return fromTerms(poly.monos.slice(0, last), poly.coeffs.slice(0, last));
  }
  return intern(poly.monos, [...poly.coeffs.slice(0, last), coeff]);
}

function remember(memo: Map<number, Expr>, pair: number, value: Expr): void {
  if (memo.size >= MEMO_LIMIT) {
    memo.clear();
  }
  memo.set(pair, value);
}

/** Sum of all terms. */
export function add(...terms: readonly Expr[]): Expr {
  return addAll(terms);
}

/** As `add`; linear in the number of terms also when there are very many. */
export function addAll(terms: readonly Expr[]): Expr {
  if (terms.length <= 4) {
    let total: Expr = 0;
    for (const term of terms) {
      total = addTwo(total, term);
    }
    return total;
  }
  const map = new Map<Mono, number>();
  for (const term of terms) {
    if (typeof term === "number") {
      map.set(ONE, (map.get(ONE) ?? 0) + term);
      continue;
    }
    const poly = polyOf(term);
    for (let i = 0; i < poly.monos.length; i++) {
      const mono = poly.monos[i] as Mono;
      map.set(mono, (map.get(mono) ?? 0) + (poly.coeffs[i] ?? 0));
    }
  }
  return fromMap(map);
}

/** a - b; may be negative. */
export function sub(a: Expr, b: Expr): Expr {
  return typeof a === "number" && typeof b === "number" ? a - b : addTwo(a, scale(b, -1));
}

export function scale(expr: Expr, factor: number): Expr {
  if (typeof expr === "number") {
    return expr * factor + 0;
  }
  if (factor === 1) {
    return expr;
  }
  if (factor === 0) {
    return 0;
  }
  const poly = polyOf(expr);
  return intern(
    poly.monos,
    poly.coeffs.map((coeff) => coeff * factor),
  );
}

function multiplyTwo(a: Expr, b: Expr): Expr {
  if (typeof a === "number") {
    return scale(b, a);
  }
  if (typeof b === "number") {
    return scale(a, b);
  }
  const x = polyOf(a);
  const y = polyOf(b);
  const pair = x.id < y.id ? x.id * PAIR + y.id : y.id * PAIR + x.id;
  let product = products.get(pair);
  if (product === undefined) {
    product = expand(x, y);
    remember(products, pair, product);
  }
  return product;
}

function expand(x: Poly, y: Poly): Expr {
  if (x.monos.length === 1 && y.monos.length === 1) {
    return intern(
      [multiplyMonos(x.monos[0] as Mono, y.monos[0] as Mono)],
      [(x.coeffs[0] ?? 0) * (y.coeffs[0] ?? 0)],
    );
  }
  if (x.monos.length * y.monos.length > MAX_PRODUCT_TERMS && x.integral && y.integral) {
    return expand(grouped(x), grouped(y));
  }
  const map = new Map<Mono, number>();
  for (let i = 0; i < x.monos.length; i++) {
    for (let j = 0; j < y.monos.length; j++) {
      const mono = multiplyMonos(x.monos[i] as Mono, y.monos[j] as Mono);
      map.set(mono, (map.get(mono) ?? 0) + (x.coeffs[i] ?? 0) * (y.coeffs[j] ?? 0));
    }
  }
  return fromMap(map);
}

function grouped(poly: Poly): Poly {
  return poly.monos.length === 1 ? poly : polyOf(functionOf("group", [poly], poly.nonNegative) as Sum);
}

/** Product of all factors; 1 for none. */
export function mul(...factors: readonly Expr[]): Expr {
  return mulAll(factors);
}

/** As `mul`, for a list: the element count of a shape. */
export function mulAll(factors: readonly Expr[]): Expr {
  let constant = 1;
  let product: Expr = 1;
  for (const factor of factors) {
    if (typeof factor === "number") {
      constant *= factor;
    } else {
      product = product === 1 ? factor : multiplyTwo(product, factor);
    }
  }
  return scale(product, constant);
}

/** True when both are the same amount by the rules of this file; false does not prove that they differ. */
export function equal(a: Expr, b: Expr): boolean {
  return a === b;
}

/** True when the amount is proven to be >= 0, every symbol taken as >= 0. */
export function isNonNegative(expr: Expr): boolean {
  return typeof expr === "number" ? expr >= 0 : polyOf(expr).nonNegative;
}

/** True when every value of the amount is an integer. */
export function isIntegral(expr: Expr): boolean {
  return typeof expr === "number" ? Number.isInteger(expr) : polyOf(expr).integral;
}

/** The constant term. */
export function constantPart(expr: Expr): number {
  if (typeof expr === "number") {
    return expr;
  }
  const poly = polyOf(expr);
  const last = poly.monos.length - 1;
  return poly.monos[last] === ONE ? (poly.coeffs[last] ?? 0) : 0;
}
