import { computed, type Signal, signal } from "@preact/signals";
import type { TreemapNode } from "../../../src/protocol/engine";
import type {
  ParametersReport,
  TensorColumn,
  TensorKey,
  TensorPage,
  TensorRow,
  TensorStatistics,
} from "../../../src/protocol/parameters";
import type { ErrorData } from "../../../src/protocol/problem";
import { errorDataOf } from "../../../src/rpc/error";
import type { GridWish } from "../../shared/table/DataGrid";
import { RowCache } from "../../shared/table/rowCache";
import { NOTHING, type Selection } from "../../shared/table/selection";
import { nextSort } from "../../shared/table/sort";
import { tabSeparated } from "../../shared/table/tsv";
import { LongCall } from "../../shared/timing/longCall";
import { Resource } from "../../shared/timing/resource";
import type { ViewContext } from "../../shared/view/context";
import { NO_FILTER, type TensorFilter, tensorQuery } from "./query";
import { COLUMNS, columnOf } from "./table/columns";
import { labelsTo, trailOf } from "./trail";
import { ValuesModel } from "./values/valuesModel";
import { type Grouping, restoredViewState, type ViewState } from "./viewState";
import { keyOf } from "./words";

const NONE: Record<string, never> = {};
const REMEMBERED_AS = "parameters";
/** Tensors whose names hold another's, looked through for that one. */
const MAX_ALIKE = 500;
/** Rows of at most so many chosen tensors are chosen in the layer table. */
const MAX_SELECTED = 500;

/** All that the view knows of the tensors, and the only place of it that talks to the other side. */
export class ParametersStore {
  readonly view: ViewContext;
  readonly viewState: Signal<ViewState>;
  readonly report = new Resource<ParametersReport>();
  readonly filter: Signal<TensorFilter> = signal(NO_FILTER);
  /** Labels of the tiles that were opened, from the outermost. */
  readonly trail: Signal<readonly string[]> = signal([]);
  readonly selection: Signal<Selection> = signal(NOTHING);
  /** Tensor whose details are shown. */
  readonly focus: Signal<TensorRow | null> = signal(null);
  readonly wish: Signal<GridWish> = signal({ index: 0, serial: 0 });
  readonly rows: RowCache<TensorPage>;
  /** Grows when rows have come. */
  readonly rowsVersion = signal(0);
  readonly rowsError: Signal<ErrorData | null> = signal(null);
  readonly comparison = new LongCall<ParametersReport>();
  readonly reading = new LongCall<TensorStatistics>();
  /** Which tensor `reading` is about. */
  readonly readingOf: Signal<string | null> = signal(null);
  readonly query = computed(() => tensorQuery(this.filter.value, this.viewState.value.sort));
  /** State of the model that what is shown must be of: edits change it, other sizes do not. */
  readonly revision = computed(() => this.view.summary.value?.revision ?? -1);
  /** Rows chosen anywhere: the tensors that they read are marked. */
  readonly chosenRows = computed<ReadonlySet<string>>(() => new Set(this.view.selection.value));
  /** Grows when the same query would be answered differently: contents were compared. */
  private readonly known = signal(0);
  private readonly statistics = new Map<string, TensorStatistics>();
  private readonly statisticsVersion = signal(0);
  private readonly valuesOf = new Map<string, ValuesModel>();

  constructor(view: ViewContext) {
    this.view = view;
    this.viewState = signal(restoredViewState(view.remembered(REMEMBERED_AS)));
    this.rows = new RowCache<TensorPage>(
      () => {
        this.rowsError.value = null;
        this.rowsVersion.value++;
      },
      (thrown) => {
        this.rowsError.value = errorDataOf(thrown);
      },
    );
    this.view.client.on("tensorProgress", ({ task, bytesDone, bytesTotal }) => {
      (task === "compare" ? this.comparison : this.reading).progressed(bytesDone, bytesTotal);
    });
  }

  update(change: Partial<ViewState>): void {
    const next = { ...this.viewState.value, ...change };
    this.viewState.value = next;
    this.view.remember(REMEMBERED_AS, next);
  }

  loadReport(): void {
    const revision = this.revision.value;
    if (revision >= 0) {
      this.report.load(`${revision} ${this.known.value}`, (signal) =>
        this.view.client.call("parameters", NONE, { signal }),
      );
    }
  }

  /** Names what rows are asked for: whatever changes it asks anew. */
  queryKey(): string {
    return `${this.revision.value} ${this.known.value} ${JSON.stringify(this.query.value)}`;
  }

  /** To be called with what is in view whenever that, the query or the model changes. */
  showRows(first: number, end: number): void {
    const query = this.query.value;
    this.rows.show(
      this.queryKey(),
      {
        fetch: (start, count, signal) =>
          this.view.client.call("tensors", { ...query, start, count }, { signal }),
      },
      first,
      end,
    );
  }

  setFilter(change: Partial<TensorFilter>): void {
    this.filter.value = { ...this.filter.value, ...change };
    this.selection.value = NOTHING;
    this.scrollToTop();
  }

  clearFilter(): void {
    this.trail.value = [];
    this.setFilter(NO_FILTER);
  }

  sortBy(column: TensorColumn): void {
    const { title, numeric } = columnOf(column);
    const sort = nextSort(this.viewState.value.sort, column, numeric);
    this.update({ sort });
    this.selection.value = NOTHING;
    this.scrollToTop();
    const words =
      sort === null ? "in file order" : `by ${title}, ${sort.descending ? "largest" : "smallest"} first`;
    this.view.announce(`Tensors ${words}.`);
  }

  setWidth(column: TensorColumn, width: number): void {
    this.update({ widths: { ...this.viewState.value.widths, [column]: Math.round(width) } });
  }

  group(grouping: Grouping): void {
    this.update({ grouping });
    this.goTo([]);
  }

  /** The tree of tiles under the present grouping. */
  tree(report: ParametersReport): TreemapNode {
    return { module: report.byModule, op: report.byOp, dtype: report.byDtype }[this.viewState.value.grouping];
  }

  /** Goes to a tile below what is shown; one without parts narrows the table alone. */
  openTile(report: ParametersReport, tile: TreemapNode): void {
    const shown = trailOf(this.tree(report), this.trail.value);
    const way = labelsTo(shown.at(-1)!, tile);
    if (way === undefined) {
      return;
    }
    const labels = [...shown.slice(1).map(({ label }) => label), ...way];
    if (tile.children.length > 0) {
      this.goTo(labels);
    } else {
      this.narrow(labels, tile);
      void this.showNamed(tile.label);
    }
  }

  /** Shows the tiles at the end of a way, and in the table what they stand for. */
  goTo(labels: readonly string[]): void {
    const report = this.report.value.value;
    this.trail.value = labels;
    if (report !== null) {
      this.narrow(labels, trailOf(this.tree(report), labels).at(-1)!);
    }
  }

  back(): void {
    this.goTo(this.trail.value.slice(0, -1));
  }

  select(selection: Selection): void {
    this.selection.value = selection;
    const row = this.rows.row(selection.focus);
    if (row !== undefined) {
      this.focus.value = row;
    }
    this.view.select(this.rowsReading(selection));
  }

  /** Details of a tensor that may not be among the rows. */
  async showNamed(name: string): Promise<void> {
    await this.view.attempt(async () => {
      const page = await this.view.client.call("tensors", {
        filter: { text: name },
        start: 0,
        count: MAX_ALIKE,
      });
      const found = page.rows.find(({ tensor }) => tensor.name === name);
      if (found !== undefined) {
        this.focus.value = found;
        this.view.select(found.usedBy.map(({ key }) => key));
      }
    });
  }

  async compare(): Promise<void> {
    await this.comparison.start((signal) => this.view.client.call("compareTensors", NONE, { signal }));
    const state = this.comparison.state.value;
    if (state.kind === "done") {
      this.known.value++;
      const { wastedBytes } = state.value.copies;
      this.view.announce(wastedBytes > 0 ? "Copies were found." : "No copies were found.");
    }
  }

  /** What was read of a tensor at this state of the model. */
  statisticsOf({ tensor }: TensorRow): TensorStatistics | undefined {
    return this.statisticsVersion.value >= 0 ? this.statistics.get(this.stateKey(tensor)) : undefined;
  }

  async read({ tensor }: TensorRow): Promise<void> {
    const key = this.stateKey(tensor);
    this.readingOf.value = keyOf(tensor);
    await this.reading.start((signal) => this.view.client.call("tensorStatistics", { tensor }, { signal }));
    const state = this.reading.state.value;
    if (state.kind === "done" && keyOf(state.value.tensor) === keyOf(tensor)) {
      this.statistics.set(key, state.value);
      this.statisticsVersion.value++;
      this.valuesOf.get(key)?.know(largestOf(state.value));
      this.view.announce(`The values of ${tensor.name} were read.`);
    }
  }

  values(row: TensorRow): ValuesModel {
    const key = this.stateKey(row.tensor);
    let model = this.valuesOf.get(key);
    if (model === undefined) {
      model = new ValuesModel(row, (query, signal) =>
        this.view.client.call("tensorValues", query, { signal }),
      );
      const known = this.statistics.get(key);
      if (known !== undefined) {
        model.know(largestOf(known));
      }
      // One at a time: pictures of values are large, and rarely looked at twice.
      for (const other of this.valuesOf.values()) {
        other.stop();
      }
      this.valuesOf.clear();
      this.valuesOf.set(key, model);
    }
    return model;
  }

  /** Copies the chosen rows as text that a spreadsheet takes. */
  async copy(): Promise<void> {
    const { spans } = this.selection.value;
    const query = this.query.value;
    await this.view.attempt(async () => {
      const pages = await Promise.all(
        spans.map(({ from, to }) =>
          this.view.client.call("tensors", { ...query, start: from, count: to - from + 1 }),
        ),
      );
      const rows = pages.flatMap((page) => page.rows);
      const text = tabSeparated([
        COLUMNS.map(({ title }) => title),
        ...rows.map((row) => COLUMNS.map((column) => column.plain(row))),
      ]);
      await this.view.client.call("copy", { text });
      this.view.announce(rows.length === 1 ? "Copied one tensor." : `Copied ${rows.length} tensors.`);
    });
  }

  /** Whether its details are shown. */
  isShown({ tensor }: TensorRow): boolean {
    return this.focus.value !== null && keyOf(this.focus.value.tensor) === keyOf(tensor);
  }

  /** Whether a chosen row reads it. */
  isMarked(row: TensorRow): boolean {
    const chosen = this.chosenRows.value;
    return (
      chosen.size > 0 &&
      (row.usedBy.some(({ key }) => chosen.has(key)) || modulesOf(row.path).some((key) => chosen.has(key)))
    );
  }

  private rowsReading({ spans }: Selection): readonly string[] {
    const keys = new Set<string>();
    let left = MAX_SELECTED;
    for (const { from, to } of spans) {
      for (let index = from; index <= to && left > 0; index++, left--) {
        for (const { key } of this.rows.row(index)?.usedBy ?? []) {
          keys.add(key);
        }
      }
    }
    return [...keys];
  }

  private narrow(labels: readonly string[], end: TreemapNode): void {
    const { grouping } = this.viewState.value;
    const kind = labels[0] ?? "";
    this.setFilter({
      module: grouping === "module" ? end.path : "",
      op: grouping === "op" ? kind : "",
      dtype: grouping === "dtype" ? kind : "",
    });
  }

  private scrollToTop(): void {
    this.wish.value = { index: 0, serial: this.wish.value.serial + 1 };
  }

  private stateKey(tensor: TensorKey): string {
    return `${this.revision.value} ${keyOf(tensor)}`;
  }
}

function largestOf({ min, max }: TensorStatistics): number {
  return Math.max(Math.abs(min ?? 0), Math.abs(max ?? 0));
}

/** Row keys of the modules around a path. */
function modulesOf(path: string): readonly string[] {
  if (path === "") {
    return [];
  }
  const parts = path.split(".");
  return parts.map((_, place) => `m${parts.slice(0, place + 1).join(".")}`);
}
