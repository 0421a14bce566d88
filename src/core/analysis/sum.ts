import { addAll, type Expr, mul } from "../expr";

/** The sum of a figure over many nodes as one formula; layers that repeat are multiplied instead of added again. */
export function sumOf(exprs: Iterable<Expr | undefined>): Expr {
  const counts = new Map<Expr | string, { readonly expr: Expr; count: number }>();
  for (const expr of exprs) {
    if (expr === undefined || expr === 0) {
      continue;
    }
    const key = typeof expr === "number" ? expr : expr.key;
    const entry = counts.get(key);
    if (entry === undefined) {
      counts.set(key, { expr, count: 1 });
    } else {
      entry.count++;
    }
  }
  return addAll([...counts.values()].map(({ expr, count }) => mul(count, expr)));
}
