import type { Axis } from "../../core/analysis/attention/axes";
import { boundAt } from "../../core/analysis/attention/axes";
import type { Figures } from "../../core/analysis/attention/parts";
import { inPowers } from "../../core/analysis/attention/polynomial";
import { type Expr, evaluate, format, substitute } from "../../core/expr";
import type { PartCost, Polynomial, Polynomials, Size } from "../../protocol/attention";
import { amount } from "./detail";

type Bound = ReadonlyMap<string, number>;

export function sizeOf(expr: Expr | undefined, bindings: Bound): Size {
  return expr === undefined
    ? { value: null, formula: "unknown" }
    : { value: evaluate(expr, bindings) ?? null, formula: format(expr) };
}

export function partCost({ macs, flops, bytes, trust }: Figures, bindings: Bound): PartCost {
  return {
    macs: amount(macs, trust, bindings),
    flops: amount(flops, trust, bindings),
    bytes: amount(bytes, trust, bindings),
  };
}

/** Formulas in n; layers that repeat have the same, so that each is worked out once. */
export class InLength {
  readonly axis: Axis;
  readonly name: string;
  private readonly made = new Map<string, ReturnType<typeof inPowers>>();

  constructor(axis: Axis, name: string) {
    this.axis = axis;
    this.name = name;
  }

  /** The amount with n in the place of the dims that it decides. */
  put(expr: Expr): Expr {
    return substitute(expr, this.axis.replaced);
  }

  formula(expr: Expr): string {
    return this.powers(expr).formula;
  }

  polynomials(
    { flops, macs, bytes }: { readonly [figure in "flops" | "macs" | "bytes"]: Expr | undefined },
    bindings: Bound,
  ): Polynomials {
    const current = evaluate(this.axis.now, bindings) ?? 0;
    const bound = boundAt(this.axis, this.name, current, bindings);
    const of = (expr: Expr | undefined) => (expr === undefined ? null : this.polynomial(expr, bound));
    return { flops: of(flops), macs: of(macs), bytes: of(bytes) };
  }

  private polynomial(expr: Expr, bound: Bound): Polynomial {
    const { terms, formula, exact } = this.powers(expr);
    return {
      terms: terms.map(({ power, factor }) => ({ power, coefficient: sizeOf(factor, bound) })),
      formula,
      exact,
    };
  }

  private powers(expr: Expr): ReturnType<typeof inPowers> {
    const key = typeof expr === "number" ? `=${expr}` : expr.key;
    const known = this.made.get(key);
    if (known !== undefined) {
      return known;
    }
    const powers = inPowers(this.put(expr), this.name);
    this.made.set(key, powers);
    return powers;
  }
}
