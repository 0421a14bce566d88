import type { RowQuery } from "../../protocol/rows";
import { type ModuleNode, moduleTree } from "./modules";
import type { Nesting } from "./nesting";
import type { OrderSource } from "./orderSource";

/** The rows that a filter selects; they do not depend on sorting, folds or dims. */
export class Selection {
  /** Nodes that pass the filter. */
  readonly matching: readonly number[];
  readonly isFiltered: boolean;
  private readonly source: OrderSource;
  private readonly grown: { nested?: Rows; beside?: Rows } = {};

  constructor(source: OrderSource, filter: RowQuery["filter"]) {
    this.source = source;
    this.matching = filterNodes(source, filter);
    this.isFiltered = this.matching.length < source.names.length;
  }

  /** The rows with those of inner nodes below their owners, or beside all others. */
  rows(nested: boolean): Rows {
    if (nested && this.source.nesting.innerNodes > 0) {
      this.grown.nested ??= new Rows(this.source, nestedRows(this.source.nesting, this.matching));
      return this.grown.nested;
    }
    this.grown.beside ??= new Rows(this.source, { roots: this.matching, inside: new Map() });
    return this.grown.beside;
  }
}

interface Nested {
  /** Positions of the rows that stand below no other node. */
  readonly roots: readonly number[];
  /** Positions of the rows below a node. */
  readonly inside: ReadonlyMap<number, readonly number[]>;
}

export class Rows {
  readonly roots: readonly number[];
  readonly inside: ReadonlyMap<number, readonly number[]>;
  private readonly paths: readonly string[];
  private grown: ModuleNode | undefined;

  constructor(source: OrderSource, { roots, inside }: Nested) {
    this.roots = roots;
    this.inside = inside;
    this.paths = source.paths;
  }

  /** The modules of the roots; nodes in it are indexes into `roots`. */
  get tree(): ModuleNode {
    this.grown ??= moduleTree(this.roots.map((position) => this.paths[position]!)).root;
    return this.grown;
  }
}

/** A node that passes is shown with the nodes around it, which say where it is. */
function nestedRows(nesting: Nesting, matching: readonly number[]): Nested {
  const shown = new Set(matching);
  for (const position of matching) {
    for (const owner of nesting.around(position)) {
      shown.add(owner);
    }
  }
  const roots: number[] = [];
  const inside = new Map<number, number[]>();
  for (const position of [...shown].sort((a, b) => a - b)) {
    const owner = nesting.owners[position]!;
    const list = owner < 0 ? roots : inside.get(owner);
    if (list === undefined) {
      inside.set(owner, [position]);
    } else {
      list.push(position);
    }
  }
  return { roots, inside };
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
