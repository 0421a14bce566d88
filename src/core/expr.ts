/**
 * A non-negative-integer amount: a plain number when it is known, otherwise a polynomial over named dims and over
 * floordiv, ceildiv, mod, max and min of such polynomials. Immutable and canonical: equal amounts built in different
 * ways compare equal by `equal`.
 */
export type Expr = number | Sum;

/** Opaque: use the functions of this file. */
export interface Sum {
  readonly key: string;
}

export declare function symbol(name: string): Expr;
export declare function add(...terms: readonly Expr[]): Expr;
export declare function sub(a: Expr, b: Expr): Expr;
export declare function mul(...factors: readonly Expr[]): Expr;
export declare function floorDiv(a: Expr, b: Expr): Expr;
export declare function ceilDiv(a: Expr, b: Expr): Expr;
export declare function mod(a: Expr, b: Expr): Expr;
export declare function max(a: Expr, b: Expr): Expr;
export declare function min(a: Expr, b: Expr): Expr;
export declare function equal(a: Expr, b: Expr): boolean;
/** Undefined when a symbol has no value. */
export declare function evaluate(expr: Expr, bindings: ReadonlyMap<string, number>): number | undefined;
export declare function symbolsOf(expr: Expr): ReadonlySet<string>;
/** Highest power of the symbol; Infinity never: inside div, mod, max, min the degree of its operands counts. */
export declare function degree(expr: Expr, name: string): number;
/** For people: "2·batch·sequence²·768". */
export declare function format(expr: Expr): string;
/** Reads what `format` writes, and the forms exporters put into dim_param: "past + sequence", "s0*2", "floor(h/2)". Undefined when it is not one. */
export declare function parse(text: string): Expr | undefined;
/** One pass over many formulas that share parts; the answer is NaN where a symbol has no value. */
export declare function compile(
  exprs: readonly Expr[],
): (bindings: ReadonlyMap<string, number>) => Float64Array;
