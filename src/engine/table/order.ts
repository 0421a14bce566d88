import type { RowQuery } from "../../protocol/rows";
import { nodeComparator, sortedChildren } from "./compare";
import type { ModuleNode } from "./modules";
import type { OrderSource } from "./orderSource";
import type { Rows, Selection } from "./selection";

/** One line before it is drawn: a node's position, or a module. */
export type Line =
  | {
      readonly kind: "node";
      readonly position: number;
      readonly depth: number;
      readonly expanded: boolean;
      /** Rows that fold and unfold below it. */
      readonly inner: number;
    }
  | {
      readonly kind: "module";
      readonly module: ModuleNode;
      readonly depth: number;
      /** Positions of the nodes below it that pass the filter, those inside other nodes included. */
      readonly nodes: readonly number[];
      readonly expanded: boolean;
    };

export interface Order {
  readonly lines: readonly Line[];
  readonly matching: readonly number[];
}

type OrderQuery = Omit<RowQuery, "start" | "count">;

export function moduleKey(path: string): string {
  return `m${path}`;
}

/** Whether the rows of what a node runs stand below its own. */
export function isNested({ inner }: Pick<RowQuery, "inner">): boolean {
  return inner === "folded" || inner === "open";
}

/** The lines that a query shows of a selection, sorted and folded; windows are cut from the answer. */
export function orderLines(source: OrderSource, query: OrderQuery, selection: Selection): Order {
  const { matching } = selection;
  return { lines: new Lines(source, query, selection).all(), matching };
}

/** Makes the lines of one query. */
class Lines {
  private readonly source: OrderSource;
  private readonly query: OrderQuery;
  private readonly rows: Rows;
  private readonly matching: ReadonlySet<number> | undefined;
  private readonly toggled: ReadonlySet<string>;
  private readonly compare: ((a: number, b: number) => number) | undefined;
  private readonly lines: Line[] = [];

  constructor(source: OrderSource, query: OrderQuery, selection: Selection) {
    this.source = source;
    this.query = query;
    this.rows = selection.rows(isNested(query));
    this.matching = selection.isFiltered ? new Set(selection.matching) : undefined;
    this.toggled = new Set(query.toggled ?? []);
    this.compare = query.sort === undefined ? undefined : nodeComparator(source, query.sort);
  }

  all(): readonly Line[] {
    if (this.query.group) {
      this.modules(this.rows.tree, 0);
    } else {
      this.nodes(this.rows.roots, 0);
    }
    return this.lines;
  }

  private nodes(positions: readonly number[], depth: number): void {
    const sorted = this.compare === undefined ? positions : [...positions].sort(this.compare);
    for (const position of sorted) {
      this.node(position, depth);
    }
  }

  private node(position: number, depth: number): void {
    const inside = this.rows.inside.get(position);
    const expanded = inside !== undefined && this.showsInside(position);
    const inner = this.matching === undefined ? (inside?.length ?? 0) : 0;
    this.lines.push({ kind: "node", position, depth, expanded, inner });
    if (expanded) {
      this.nodes(inside, depth + 1);
    }
  }

  /** A filter shows whatever it selects. */
  private showsInside(position: number): boolean {
    const isToggled = this.toggled.has(this.source.keyOf(position));
    return this.matching !== undefined || isToggled !== (this.query.inner === "open");
  }

  private modules(module: ModuleNode, depth: number): void {
    const { roots } = this.rows;
    for (const child of sortedChildren(this.source, this.query.sort, module, roots)) {
      if (typeof child === "number") {
        this.node(roots[child]!, depth);
        continue;
      }
      const expanded = this.toggled.has(moduleKey(child.path)) === (this.query.foldAll ?? false);
      this.lines.push({ kind: "module", module: child, depth, nodes: this.below(child), expanded });
      if (expanded) {
        this.modules(child, depth + 1);
      }
    }
  }

  private below(module: ModuleNode): readonly number[] {
    const { roots, inside } = this.rows;
    const own = module.nodes.map((index) => roots[index]!);
    if (inside.size === 0) {
      return own;
    }
    const all: number[] = [];
    const add = (position: number): void => {
      if (this.matching?.has(position) !== false) {
        all.push(position);
      }
      inside.get(position)?.forEach(add);
    };
    own.forEach(add);
    return all;
  }
}
