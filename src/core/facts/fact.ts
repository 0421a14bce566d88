import type { Expr } from "../expr";
import type { DType } from "../tensor/dtype";

/** A size: a number, a formula over named dims, or undefined when nothing is known. */
export type Dim = Expr | undefined;

/**
 * What is known of a value. An absent field is "unknown", never a default.
 * `small` is the content of a small tensor, row-major, element by element: shapes travel through graphs as such
 * tensors, so the elements may be formulas; undefined where an element is unknown. Booleans are 0 and 1. Elements of
 * float tensors may be fractions, numbers or formulas with fractional coefficients: whoever makes a size of them
 * rounds first (`floor`, `ceil` of core/expr) or refuses what is not integral.
 */
export interface Fact {
  readonly kind?: "tensor" | "sequence" | "optional" | "optional sequence" | "map";
  readonly dtype?: DType;
  readonly shape?: readonly Dim[];
  readonly small?: readonly (Expr | undefined)[];
  /** Of a sequence: how many tensors it holds. Type and shape are those that all of them share. */
  readonly length?: Expr;
}

/** Nothing is known. */
export const UNKNOWN: Fact = {};
