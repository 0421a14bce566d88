import { computed, type Signal, signal } from "@preact/signals";
import type { ColumnId, LayerRow, RowDetail, RowPage } from "../../../../src/protocol/rows";
import { RowCache } from "../../../shared/table/rowCache";
import { everything, NOTHING, only, type Selection, selectionOf } from "../../../shared/table/selection";
import { nextSort } from "../../../shared/table/sort";
import { Resource } from "../../../shared/timing/resource";
import type { ModelStore } from "../store/modelStore";
import { ALL_COLUMNS, type Column, columnOf } from "./columns";
import { isFiltering, type LayerFilter, type LayerQuery, layerQuery, NO_FILTER } from "./query";

/** Chosen rows that other panels are told of, or that another panel's choice selects here; more are left out. */
const MAX_SHARED = 64;

/** What the table is to scroll to: an index, and a number that makes the same wish twice two wishes. */
export interface ScrollWish {
  readonly index: number;
  readonly centred: boolean;
  readonly serial: number;
}

/** The layer table: what is asked, the rows at hand, the selection and the detail that goes with it. */
export class LayersStore {
  readonly filter: Signal<LayerFilter> = signal(NO_FILTER);
  readonly selection: Signal<Selection> = signal(NOTHING);
  /** Row whose detail is shown; stays chosen when the order of rows changes. */
  readonly focusKey: Signal<string | null> = signal(null);
  readonly scrollWish: Signal<ScrollWish> = signal({ index: 0, centred: false, serial: 0 });
  /** Grows when a wish to type into the filter comes. */
  readonly filterWish = signal(0);
  /** Grows when rows have come. */
  readonly rowsVersion = signal(0);
  readonly detail = new Resource<RowDetail>();
  readonly query = computed<LayerQuery>(() => layerQuery(this.filter.value, this.store.viewState.value));
  /** Whether some rows stand below others. */
  readonly isTree = computed<boolean>(
    () => this.rowsVersion.value >= 0 && (this.query.value.group || (this.rows.page?.innerNodes ?? 0) > 0),
  );
  readonly columns = computed<readonly Column[]>(() => this.visibleColumns());
  readonly rows: RowCache<RowPage>;
  private readonly store: ModelStore;
  private readonly hovers = new Map<string, RowDetail>();
  private hoverStamp = -1;
  private anchoring: AbortController | undefined;
  private anchoredFor = "";
  /** Keys that this table chose or has followed already. */
  private known: readonly string[] = [];

  constructor(store: ModelStore) {
    this.store = store;
    this.rows = new RowCache<RowPage>(
      () => {
        this.rowsVersion.value++;
        this.followFocus();
      },
      (thrown) => store.fail(thrown),
    );
  }

  /** To be called with what is in view whenever that, the query or the model changes. */
  showRows(first: number, end: number): void {
    const query = this.query.value;
    this.rows.show(
      this.queryKey(),
      {
        fetch: (start, count, signal) =>
          this.store.client.call("rows", { ...query, start, count }, { signal }),
      },
      first,
      end,
    );
  }

  setFilter(change: Partial<LayerFilter>): void {
    this.filter.value = { ...this.filter.value, ...change };
    this.scrollTo(0, false);
  }

  sortBy(column: ColumnId): void {
    const sort = nextSort(this.store.viewState.value.sort, column, columnOf(column).numeric);
    this.store.update({ sort });
    this.scrollTo(0, false);
    const words =
      sort === null
        ? "in file order"
        : `by ${columnOf(column).title}, ${sort.descending ? "largest" : "smallest"} first`;
    this.store.announce(`Layers ${words}.`);
  }

  toggleGroup(): void {
    const group = !this.store.viewState.value.group;
    this.store.update({ group });
    this.store.announce(group ? "Grouped by module." : "Not grouped.");
  }

  foldAll(foldAll: boolean): void {
    this.store.update({ foldAll, innerOpen: !foldAll, toggled: [] });
    this.scrollTo(0, false);
  }

  toggleFold(key: string): void {
    const { toggled } = this.store.viewState.value;
    this.store.update({
      toggled: toggled.includes(key) ? toggled.filter((other) => other !== key) : [...toggled, key],
    });
  }

  setColumn(column: ColumnId, visible: boolean): void {
    const { hidden } = this.store.viewState.value;
    this.store.update({
      hidden: visible ? hidden.filter((other) => other !== column) : [...hidden, column],
    });
  }

  setWidth(column: ColumnId, width: number): void {
    this.store.update({ widths: { ...this.store.viewState.value.widths, [column]: Math.round(width) } });
  }

  select(selection: Selection): void {
    this.selection.value = selection;
    const row = this.rows.row(selection.focus);
    if (row !== undefined) {
      this.focusKey.value = row.key;
      this.known = this.selectedKeys(selection);
      this.store.select(this.known);
    }
  }

  /** Selects the rows that were chosen in another view or panel, unfolding what hides them; a filter stays. */
  async follow(keys: readonly string[]): Promise<void> {
    if (keys === this.known) {
      return;
    }
    this.known = keys;
    const query = this.query.value;
    let toggled = query.toggled ?? [];
    const places = async () => {
      const found: { key: string; index: number }[] = [];
      for (const key of keys.slice(0, MAX_SHARED)) {
        const place = await this.store.client.call("locate", {
          key,
          query: { ...query, toggled, start: 0, count: 0 },
        });
        if (place.index >= 0) {
          toggled = place.toggled;
          found.push({ key, index: place.index });
        }
      }
      return found;
    };
    await places();
    // Only now is everything unfolded that shifts their places.
    const found = await places();
    const first = found[0];
    if (this.known !== keys || first === undefined) {
      return;
    }
    this.store.update({ toggled });
    this.anchoredFor = this.queryKey();
    this.focusKey.value = first.key;
    this.selection.value = selectionOf(found.map(({ index }) => index));
    this.scrollTo(first.index, true);
  }

  selectAll(): void {
    this.selection.value = everything(this.selection.value, this.rows.page?.total ?? 0);
  }

  scrollTo(index: number, centred: boolean): void {
    this.scrollWish.value = { index, centred, serial: this.scrollWish.value.serial + 1 };
  }

  wishFilter(): void {
    this.store.openView("layers");
    this.filterWish.value++;
  }

  /** Shows and selects a row, opening folded modules and dropping a filter that hides it. */
  async reveal(key: string): Promise<void> {
    this.store.openView("layers");
    let place = await this.locate(key);
    if (place !== undefined && place.index < 0 && isFiltering(this.filter.value)) {
      this.filter.value = NO_FILTER;
      place = await this.locate(key);
    }
    if (place === undefined || place.index < 0) {
      this.store.announce("That layer is not in the model any more.");
      return;
    }
    this.store.update({ toggled: place.toggled });
    this.anchoredFor = this.queryKey();
    this.focusKey.value = key;
    this.selection.value = only(place.index);
    this.store.update({ detailOpen: true });
    this.scrollTo(place.index, true);
  }

  loadDetail(): void {
    const key = this.focusKey.value;
    if (key === null) {
      this.detail.clear();
    } else {
      this.detail.load(`${this.store.stamp.value} ${key}`, (signal) => this.fetchDetail(key, signal));
    }
  }

  /** A row's detail for its hovers: formulas are not part of rows. */
  async hoverDetail(key: string): Promise<RowDetail | undefined> {
    const stamp = this.store.stamp.value;
    if (this.hoverStamp !== stamp) {
      this.hovers.clear();
      this.hoverStamp = stamp;
    }
    const known = this.hovers.get(key);
    if (known !== undefined) {
      return known;
    }
    try {
      const detail = await this.fetchDetail(key);
      if (this.hoverStamp === stamp) {
        this.hovers.set(key, detail);
      }
      return detail;
    } catch {
      // A hover that cannot be filled in stays as it is; the detail pane reports what is wrong.
      return undefined;
    }
  }

  /** Selected rows, in order, wherever they are. */
  async selectedRows(): Promise<readonly LayerRow[]> {
    const query = this.query.value;
    const rows: LayerRow[] = [];
    for (const { from, to } of this.selection.value.spans) {
      const page = await this.store.client.call("rows", { ...query, start: from, count: to - from + 1 });
      rows.push(...page.rows);
    }
    return rows;
  }

  async export(format: "csv" | "json"): Promise<void> {
    await this.store.attempt(async () => {
      const query = { ...this.query.value, start: 0, count: 0 };
      const { text } = await this.store.client.call("exportRows", { query, format });
      const model = this.store.summary.value?.fileName ?? "model";
      const suggestedName = `${model.replace(/\.onnx$/i, "")}-layers.${format}`;
      const { path } = await this.store.client.call("exportFile", { suggestedName, text });
      if (path !== null) {
        this.store.announce(`Exported to ${path}.`);
      }
    });
  }

  /** Keys of the selected rows that are at hand. */
  private selectedKeys(selection: Selection): readonly string[] {
    const keys: string[] = [];
    for (const { from, to } of selection.spans) {
      for (let index = from; index <= to && keys.length < MAX_SHARED; index++) {
        const row = this.rows.row(index);
        if (row !== undefined) {
          keys.push(row.key);
        }
      }
    }
    return keys;
  }

  private fetchDetail(key: string, signal?: AbortSignal): Promise<RowDetail> {
    return this.store.client.call("detail", { key }, signal === undefined ? {} : { signal });
  }

  private async locate(key: string, signal?: AbortSignal) {
    const query = { ...this.query.value, start: 0, count: 0 };
    return this.store.attempt(() =>
      this.store.client.call("locate", { key, query }, signal === undefined ? {} : { signal }),
    );
  }

  private queryKey(): string {
    return `${this.store.stamp.value} ${JSON.stringify(this.query.value)}`;
  }

  /** Rows of another order have come: the selection follows the row that had the focus. */
  private followFocus(): void {
    const key = this.focusKey.value;
    const shown = this.rows.shownKey;
    if (shown === undefined || shown === this.anchoredFor) {
      return;
    }
    this.anchoredFor = shown;
    const { focus } = this.selection.value;
    if (key === null || this.rows.row(focus)?.key === key) {
      return;
    }
    this.anchoring?.abort();
    const abort = new AbortController();
    this.anchoring = abort;
    const query = { ...this.query.value, start: 0, count: 0 };
    this.store.client.call("locate", { key, query }, { signal: abort.signal }).then(
      ({ index, toggled }) => {
        const isSeen = sameKeys(toggled, query.toggled ?? []);
        if (!abort.signal.aborted) {
          this.selection.value = index >= 0 && isSeen ? only(index) : NOTHING;
        }
      },
      () => {},
    );
  }

  private visibleColumns(): readonly Column[] {
    const { hidden, group } = this.store.viewState.value;
    const hasTimes = (this.store.summary.value?.profile ?? null) !== null;
    return ALL_COLUMNS.filter(
      (column) =>
        column.id === "name" ||
        (!hidden.includes(column.id) && (hasTimes || !column.measured) && !(group && column.id === "path")),
    );
  }
}

function sameKeys(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((key) => b.includes(key));
}
