import { sumOf } from "../../core/analysis/sum";
import { type Expr, format } from "../../core/expr";
import type { NodeCost } from "../../core/infer/types";
import type { Amount, Trust } from "../../protocol/rows";

const FORMULA_SHOWN = 4000;

/** A total over the nodes whose figure is known, `value` being their sum at the bindings. */
export function totalOf(
  costs: readonly NodeCost[],
  figure: (cost: NodeCost) => Expr | undefined,
): (value: number) => Amount {
  const known = costs.filter((cost) => figure(cost) !== undefined);
  if (known.length === 0 && costs.length > 0) {
    return () => ({ value: null, formula: "unknown", trust: "unknown" });
  }
  const formula = shortened(format(sumOf(known.map(figure))));
  const isEstimate = known.some((cost) => cost.trust === "estimate" && figure(cost) !== 0);
  const trust: Trust = isEstimate ? "estimate" : "exact";
  return (value) => ({ value, formula, trust });
}

function shortened(formula: string): string {
  return formula.length <= FORMULA_SHOWN ? formula : `${formula.slice(0, FORMULA_SHOWN)}…`;
}
