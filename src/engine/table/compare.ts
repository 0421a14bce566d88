import type { RowQuery } from "../../protocol/rows";
import type { ModuleNode } from "./modules";
import type { OrderSource } from "./orderSource";

type Sort = NonNullable<RowQuery["sort"]>;

export function nodeComparator(source: OrderSource, sort: Sort): (a: number, b: number) => number {
  const sign = sort.descending ? -1 : 1;
  const text = source.text(sort.column);
  if (text !== undefined) {
    const collator = new Intl.Collator("en", { numeric: true });
    return (a, b) => sign * collator.compare(text[a]!, text[b]!) || a - b;
  }
  const values = source.number(sort.column);
  return (a, b) => compareNumbers(values[a]!, values[b]!, sign) || a - b;
}

/** Unknown amounts stay at the end in both directions: they are neither the largest nor the smallest. */
function compareNumbers(a: number, b: number, sign: number): number {
  if (Number.isNaN(a) || Number.isNaN(b)) {
    return Number(Number.isNaN(a)) - Number(Number.isNaN(b));
  }
  return sign * (a - b);
}

/** Rows of a module and its submodules in order. */
export function sortedChildren(
  source: OrderSource,
  sort: Sort | undefined,
  module: ModuleNode,
  roots: readonly number[],
): readonly (ModuleNode | number)[] {
  if (sort === undefined) {
    return module.children;
  }
  const weight = childWeight(source, sort, roots);
  const sign = sort.descending ? -1 : 1;
  return module.children
    .map((child, place) => ({ child, place, weight: weight(child) }))
    .sort((a, b) => compareWeights(a.weight, b.weight, sign) || a.place - b.place)
    .map(({ child }) => child);
}

function compareWeights(a: number | string, b: number | string, sign: number): number {
  if (typeof a === "string" || typeof b === "string") {
    return sign * String(a).localeCompare(String(b), "en", { numeric: true });
  }
  return compareNumbers(a, b, sign);
}

/** What a child is sorted by: a module by its sum; intensity cannot be summed and takes the largest of its nodes. */
function childWeight(
  source: OrderSource,
  sort: Sort,
  roots: readonly number[],
): (child: ModuleNode | number) => number | string {
  const text = source.text(sort.column);
  if (text !== undefined) {
    return (child) => (typeof child === "number" ? text[roots[child]!]! : child.name);
  }
  const values = source.number(sort.column);
  const combine = sort.column === "intensity" ? Math.max : (a: number, b: number) => a + b;
  return (child) => {
    if (typeof child === "number") {
      return values[roots[child]!]!;
    }
    let result = Number.NaN;
    for (const index of child.nodes) {
      const value = values[roots[index]!]!;
      if (!Number.isNaN(value)) {
        result = Number.isNaN(result) ? value : combine(result, value);
      }
    }
    return result;
  };
}
