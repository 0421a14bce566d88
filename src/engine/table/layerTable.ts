import type { ProfileResult } from "../../protocol/profiler";
import type { ColumnId, LayerRow, RowPage, RowQuery } from "../../protocol/rows";
import { boundShape, symbolicShape } from "../session/shapes";
import { type ModelState, nodeKey } from "../session/state";
import { known, sumKnown } from "./amounts";
import type { ModuleNode } from "./modules";
import { isNested, type Line, moduleKey, type Order, orderLines } from "./order";
import type { OrderSource } from "./orderSource";
import { Selection } from "./selection";
import { macsTrust, type Sums, sumUp } from "./sums";

/** Columns that a change of dims leaves as they are. */
const FIXED: ReadonlySet<ColumnId> = new Set([
  "name",
  "path",
  "op",
  "shape",
  "dtype",
  "params",
  "weightBytes",
  "time",
  "timeShare",
]);

/** The layer table over one state of the model: windows of rows in any order, filter and grouping. */
export class LayerTable {
  private readonly state: ModelState;
  private readonly offersAt: (position: number) => number;
  private readonly edited: ReadonlySet<number>;
  /** Of the nodes alone, and with the graphs that they run. */
  private readonly times: Float64Array;
  private readonly wholeTimes: Float64Array;
  private readonly profile: ProfileResult | null;
  private readonly timeIndex: ReadonlyMap<string, number>;
  private flopsTotal: number;
  private cached: { readonly key: string; readonly order: Order; readonly sortedBy?: ColumnId } | undefined;
  /** By the list of nodes: pages of one query share theirs. Made anew with the figures. */
  private summed = new WeakMap<readonly number[], Sums>();
  private selected: { readonly key: string; readonly selection: Selection } | undefined;

  constructor(parts: {
    readonly state: ModelState;
    readonly profile: ProfileResult | null;
    readonly offersAt: (position: number) => number;
    readonly edited: ReadonlySet<number>;
  }) {
    this.state = parts.state;
    this.profile = parts.profile;
    this.offersAt = parts.offersAt;
    this.edited = parts.edited;
    this.times = new Float64Array(parts.state.nodes.length).fill(Number.NaN);
    this.timeIndex = new Map((parts.profile?.nodes ?? []).map((time, index) => [time.key, index]));
    parts.state.nodes.forEach((node, position) => {
      const index = this.timeIndex.get(nodeKey(node));
      if (index !== undefined) {
        this.times[position] = parts.profile!.nodes[index]!.ms;
      }
    });
    this.wholeTimes = parts.state.nesting.inclusive(this.times);
    this.flopsTotal = sumKnown(this.state.columns.flops, this.state.counted);
  }

  /** To be called when the state was bound anew: the figures and whatever was sorted by them are stale. */
  rebound(): void {
    const sortedBy = this.cached?.sortedBy;
    if (sortedBy !== undefined && !FIXED.has(sortedBy)) {
      this.cached = undefined;
    }
    this.flopsTotal = sumKnown(this.state.columns.flops, this.state.counted);
    this.summed = new WeakMap();
  }

  page(query: RowQuery): RowPage {
    const order = this.order(query);
    const start = Math.max(0, Math.min(query.start, order.lines.length));
    const lines = order.lines.slice(start, start + Math.max(0, query.count));
    const sums = this.sums(order.matching);
    return {
      revision: this.state.revision,
      total: order.lines.length,
      matchingNodes: order.matching.length,
      allNodes: this.state.nodes.length,
      innerNodes: this.state.nesting.innerNodes,
      start,
      rows: lines.map((line) => this.row(line, isNested(query))),
      sum: {
        params: sums.params,
        weightBytes: sums.weightBytes,
        macs: sums.macs,
        flops: sums.flops,
        share: this.share(sums.flops),
        timeMs: sums.timeMs,
        unknownNodes: sums.unknownNodes,
        trust: sums.trust,
        macsTrust: sums.macsTrust,
      },
    };
  }

  /** Where a row is under a query, with the folds that must change to make it visible. */
  locate(key: string, query: RowQuery): { readonly index: number; readonly toggled: readonly string[] } {
    const toggled = new Set(query.toggled ?? []);
    const open = (row: string, isUsual: boolean) => (isUsual ? toggled.delete(row) : toggled.add(row));
    const position = this.positionOf(key);
    let outermost = position;
    if (position !== undefined && isNested(query)) {
      for (const owner of this.state.nesting.around(position)) {
        open(nodeKey(this.state.nodes[owner]!), query.inner === "open");
        outermost = owner;
      }
    }
    if (query.group) {
      const path = outermost === undefined ? parentPath(key.slice(1)) : this.state.paths[outermost];
      for (let at = path; at !== undefined && at !== ""; at = parentPath(at)) {
        open(moduleKey(at), query.foldAll !== true);
      }
    }
    const opened = { ...query, toggled: [...toggled] };
    const index = this.order(opened).lines.findIndex((line) => this.lineKey(line) === key);
    return { index, toggled: opened.toggled };
  }

  /** Every row of the query, for export. */
  *allRows(query: RowQuery): Generator<LayerRow> {
    for (const line of this.order(query).lines) {
      yield this.row(line, isNested(query));
    }
  }

  nodeRow(position: number): LayerRow {
    return this.row({ kind: "node", position, depth: 0, expanded: false, inner: 0 }, false);
  }

  sums(positions: readonly number[]): Sums {
    let sums = this.summed.get(positions);
    if (sums === undefined) {
      sums = sumUp(this.state, positions, this.wholeTimes);
      this.summed.set(positions, sums);
    }
    return sums;
  }

  private order(query: RowQuery): Order {
    const { start: _start, count: _count, ...rest } = query;
    const key = JSON.stringify(rest);
    if (this.cached?.key !== key) {
      const source = this.orderSource(isNested(rest));
      const order = orderLines(source, rest, this.selection(source, rest.filter));
      this.cached = { key, order, ...(query.sort === undefined ? {} : { sortedBy: query.sort.column }) };
    }
    return this.cached.order;
  }

  private selection(source: OrderSource, filter: RowQuery["filter"]): Selection {
    const key = JSON.stringify(filter ?? {});
    if (this.selected?.key !== key) {
      this.selected = { key, selection: new Selection(source, filter) };
    }
    return this.selected.selection;
  }

  private orderSource(nested: boolean): OrderSource {
    const { nesting, nodes, names, paths } = this.state;
    const ops = nodes.map((node) => node.opType);
    const textColumns: { readonly [column in ColumnId]?: () => readonly string[] } = {
      name: () => names,
      path: () => paths,
      op: () => ops,
      shape: () => nodes.map((_, position) => symbolicShape(this.outputFact(position))),
      dtype: () => nodes.map((_, position) => this.outputFact(position).dtype ?? ""),
    };
    return {
      names,
      paths,
      ops,
      text: (column) => textColumns[column]?.(),
      number: (column) => this.numberColumn(column, nested),
      nesting,
      keyOf: (position) => nodeKey(nodes[position]!),
    };
  }

  private numberColumn(column: ColumnId, nested: boolean): Float64Array {
    const { columns, amounts } = this.state;
    switch (column) {
      case "params":
        return amounts.params;
      case "weightBytes":
        return amounts.weightBytes;
      case "macs":
        return columns.macs;
      case "readBytes":
        return columns.readBytes;
      case "writeBytes":
        return columns.writeBytes;
      case "intensity":
        return columns.flops.map((flops, position) =>
          intensity(flops, columns.readBytes[position]!, columns.writeBytes[position]!),
        );
      case "time":
      case "timeShare":
        return nested ? this.wholeTimes : this.times;
      default:
        return columns.flops;
    }
  }

  /** @param nested whether the rows of what a node runs stand below its own */
  private row(line: Line, nested: boolean): LayerRow {
    return line.kind === "node" ? this.nodeLine(line, nested) : this.moduleLine(line);
  }

  private nodeLine(
    { position, depth, expanded, inner }: Line & { readonly kind: "node" },
    nested: boolean,
  ): LayerRow {
    const { nesting, nodes, names, paths, columns, amounts, bindings } = this.state;
    const node = nodes[position]!;
    const fact = this.outputFact(position);
    const key = nodeKey(node);
    const owner = nesting.owners[position]!;
    const time = known((nested ? this.wholeTimes : this.times)[position]);
    const index = this.timeIndex.get(key);
    const flops = columns.flops[position]!;
    return {
      key,
      kind: "node",
      depth,
      expanded,
      inner,
      runBy: owner < 0 ? null : nodeKey(nodes[owner]!),
      nodes: 1,
      name: names[position]!,
      path: paths[position]!,
      op: node.opType,
      domain: node.domain,
      shape: symbolicShape(fact),
      boundShape: boundShape(fact, bindings),
      dtype: fact.dtype ?? "?",
      params: amounts.params[position]!,
      weightBytes: amounts.weightBytes[position]!,
      macs: known(columns.macs[position]),
      flops: known(flops),
      readBytes: known(columns.readBytes[position]),
      writeBytes: known(columns.writeBytes[position]),
      share: Number.isNaN(flops) ? null : this.share(flops),
      intensity: known(intensity(flops, columns.readBytes[position]!, columns.writeBytes[position]!)),
      trust: amounts.trust[position]!,
      macsTrust: macsTrust(this.state, position),
      unknownNodes: Number.isNaN(flops) ? 1 : 0,
      timeMs: time,
      timeKind:
        index !== undefined
          ? this.profile!.nodes[index]!.kind
          : time !== null
            ? "measured"
            : this.profile === null
              ? null
              : "unmapped",
      timeShare: this.timeShare(time),
      offers: this.offersAt(position),
      edited: this.edited.has(node.id),
    };
  }

  private moduleLine(line: Line & { readonly kind: "module" }): LayerRow {
    const sums = this.sums(line.nodes);
    const module: ModuleNode = line.module;
    return {
      key: moduleKey(module.path),
      kind: "module",
      depth: line.depth,
      expanded: line.expanded,
      inner: 0,
      runBy: null,
      nodes: line.nodes.length,
      name: module.name,
      path: module.path,
      op: "",
      domain: "",
      shape: "",
      boundShape: "",
      dtype: "",
      params: sums.params,
      weightBytes: sums.weightBytes,
      macs: sums.macs,
      flops: sums.flops,
      readBytes: sums.readBytes,
      writeBytes: sums.writeBytes,
      share: this.share(sums.flops),
      intensity: known(intensity(sums.flops, sums.readBytes, sums.writeBytes)),
      trust: sums.trust,
      macsTrust: sums.macsTrust,
      unknownNodes: sums.unknownNodes,
      timeMs: sums.timeMs,
      timeKind: sums.timeMs === null ? null : "measured",
      timeShare: this.timeShare(sums.timeMs),
      offers: line.nodes.reduce((count, position) => count + this.offersAt(position), 0),
      edited: line.nodes.some((position) => this.edited.has(this.state.nodes[position]!.id)),
    };
  }

  private outputFact(position: number) {
    const node = this.state.nodes[position]!;
    const output = node.outputs.find((name) => name !== "");
    return output === undefined ? {} : this.state.inference.fact(this.state.graphs[position]!, output);
  }

  private share(flops: number): number | null {
    return this.flopsTotal > 0 ? flops / this.flopsTotal : null;
  }

  private timeShare(ms: number | null): number | null {
    const total = this.profile?.nodesMs ?? 0;
    return ms === null || total <= 0 ? null : ms / total;
  }

  private lineKey(line: Line): string {
    return line.kind === "node" ? nodeKey(this.state.nodes[line.position]!) : moduleKey(line.module.path);
  }

  private positionOf(key: string): number | undefined {
    return key.startsWith("m") ? undefined : this.state.positionOf.get(Number(key.slice(1)));
  }
}

function parentPath(path: string): string | undefined {
  const cut = path.lastIndexOf(".");
  return cut < 0 ? undefined : path.slice(0, cut);
}

function intensity(flops: number, readBytes: number, writeBytes: number): number {
  const bytes = readBytes + writeBytes;
  return bytes > 0 ? flops / bytes : Number.NaN;
}
