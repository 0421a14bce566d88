import type { ColumnId, RowQuery } from "../../protocol/rows";
import { type ModuleNode, moduleTree } from "./modules";

/** One line before it is drawn: a node's position, or a module. */
export type Line =
  | { readonly kind: "node"; readonly position: number; readonly depth: number }
  | {
      readonly kind: "module";
      readonly module: ModuleNode;
      readonly nodes: readonly number[];
      readonly expanded: boolean;
    };

/** What ordering needs to know of the nodes. A text column sorts by string, all others by number, NaN last. */
export interface OrderSource {
  readonly names: readonly string[];
  readonly paths: readonly string[];
  readonly ops: readonly string[];
  readonly text: (column: ColumnId) => readonly string[] | undefined;
  readonly number: (column: ColumnId) => Float64Array;
}

export interface Order {
  readonly lines: readonly Line[];
  readonly matching: readonly number[];
}

export function moduleKey(path: string): string {
  return `m${path}`;
}

/** The nodes that a filter selects and the modules that they span; neither depends on sorting, folds or dims. */
export class Selection {
  readonly matching: readonly number[];
  private readonly paths: readonly string[];
  private grown: ModuleNode | undefined;

  constructor(source: OrderSource, filter: RowQuery["filter"]) {
    this.matching = filterNodes(source, filter);
    this.paths = source.paths;
  }

  /** Nodes in it are indexes into `matching`. */
  get tree(): ModuleNode {
    this.grown ??= moduleTree(this.matching.map((position) => this.paths[position]!)).root;
    return this.grown;
  }
}

/** The lines that a query shows of a selection, sorted and folded; windows are cut from the answer. */
export function orderLines(
  source: OrderSource,
  query: Omit<RowQuery, "start" | "count">,
  selection: Selection,
): Order {
  const { matching } = selection;
  if (!query.group) {
    const sorted =
      query.sort === undefined ? matching : [...matching].sort(nodeComparator(source, query.sort));
    return { lines: sorted.map((position) => ({ kind: "node", position, depth: 0 })), matching };
  }
  return { lines: groupedLines(source, query, selection), matching };
}

function filterNodes(source: OrderSource, filter: RowQuery["filter"]): number[] {
  const text = filter?.text?.trim().toLowerCase() ?? "";
  const ops = filter?.ops === undefined || filter.ops.length === 0 ? undefined : new Set(filter.ops);
  const module = filter?.module ?? "";
  const matching: number[] = [];
  for (let position = 0; position < source.names.length; position++) {
    const path = source.paths[position]!;
    const inModule = module === "" || path === module || path.startsWith(`${module}.`);
    const isOp = ops === undefined || ops.has(source.ops[position]!);
    if (inModule && isOp && (text === "" || containsText(source, position, text))) {
      matching.push(position);
    }
  }
  return matching;
}

function containsText(source: OrderSource, position: number, text: string): boolean {
  return (
    source.names[position]!.toLowerCase().includes(text) ||
    source.paths[position]!.toLowerCase().includes(text) ||
    source.ops[position]!.toLowerCase().includes(text)
  );
}

type Sort = NonNullable<RowQuery["sort"]>;

function nodeComparator(source: OrderSource, sort: Sort): (a: number, b: number) => number {
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

function groupedLines(
  source: OrderSource,
  query: Omit<RowQuery, "start" | "count">,
  { matching, tree }: Selection,
): Line[] {
  const toggled = new Set(query.toggled ?? []);
  const isOpen = (path: string) => toggled.has(moduleKey(path)) === (query.foldAll ?? false);
  const lines: Line[] = [];
  const emit = (module: ModuleNode, depth: number): void => {
    for (const child of sortedChildren(source, query.sort, module, matching)) {
      if (typeof child === "number") {
        lines.push({ kind: "node", position: matching[child]!, depth });
        continue;
      }
      const expanded = isOpen(child.path);
      lines.push({
        kind: "module",
        module: child,
        nodes: child.nodes.map((index) => matching[index]!),
        expanded,
      });
      if (expanded) {
        emit(child, depth + 1);
      }
    }
  };
  emit(tree, 0);
  return lines;
}

function sortedChildren(
  source: OrderSource,
  sort: Sort | undefined,
  module: ModuleNode,
  matching: readonly number[],
): readonly (ModuleNode | number)[] {
  if (sort === undefined) {
    return module.children;
  }
  const weight = childWeight(source, sort, matching);
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
  matching: readonly number[],
): (child: ModuleNode | number) => number | string {
  const text = source.text(sort.column);
  if (text !== undefined) {
    return (child) => (typeof child === "number" ? text[matching[child]!]! : child.name);
  }
  const values = source.number(sort.column);
  const combine = sort.column === "intensity" ? Math.max : (a: number, b: number) => a + b;
  return (child) => {
    if (typeof child === "number") {
      return values[matching[child]!]!;
    }
    let result = Number.NaN;
    for (const index of child.nodes) {
      const value = values[matching[index]!]!;
      if (!Number.isNaN(value)) {
        result = Number.isNaN(result) ? value : combine(result, value);
      }
    }
    return result;
  };
}
