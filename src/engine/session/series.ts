import { smallestWhere } from "../../core/analysis/crossover";
import { sumOf } from "../../core/analysis/sum";
import { compile, degree, type Expr, symbolsOf } from "../../core/expr";
import type { Series } from "../../protocol/engine";
import type { ModelState } from "./state";

const POINTS = 33;
const SMALLEST_RANGE = 2048;

/** How the model's FLOPs grow with one dim, the others kept; null when they do not depend on it. */
export function growthSeries(state: ModelState, dim: string): Series | null {
  const current = state.bindings.get(dim);
  const byDegree: [Expr[], Expr[], Expr[]] = [[], [], []];
  state.nodes.forEach((node, position) => {
    const { flops } = state.inference.cost(node.id);
    if (state.counted[position] === 1 && flops !== undefined) {
      const power = degree(flops, dim);
      byDegree[power > 1 ? 2 : power > 0 ? 1 : 0].push(flops);
    }
  });
  const sums = byDegree.map(sumOf);
  if (current === undefined || !sums.some((sum) => symbolsOf(sum).has(dim))) {
    return null;
  }
  const run = compile(sums);
  const at = (size: number) => run(new Map([...state.bindings, [dim, size]]));
  const last = Math.max(SMALLEST_RANGE, 2 * current);
  const x = Array.from({ length: POINTS }, (_, index) =>
    Math.max(1, Math.round((last * index) / (POINTS - 1))),
  );
  const values = x.map(at);
  const part = (index: number) => values.map((value) => value[index]!);
  return {
    dim,
    x,
    constant: part(0),
    linear: part(1),
    quadratic: part(2),
    current,
    crossover: smallestWhere((size) => {
      const [, linear, quadratic] = at(size);
      return quadratic! > linear!;
    }),
  };
}
