import { computed, type Signal, signal } from "@preact/signals";
import type {
  AttentionBlock,
  AttentionCurve,
  AttentionReport,
  CurveQuery,
  LengthAxis,
  LengthMode,
} from "../../../src/protocol/attention";
import type { DimControl } from "../../../src/protocol/engine";
import type { ErrorData } from "../../../src/protocol/problem";
import { errorDataOf } from "../../../src/rpc/error";
import type { GridWish } from "../../shared/table/DataGrid";
import { type Page, RowCache } from "../../shared/table/rowCache";
import { NOTHING, only, type Selection } from "../../shared/table/selection";
import { nextSort } from "../../shared/table/sort";
import { tabSeparated } from "../../shared/table/tsv";
import { LatestCall } from "../../shared/timing/latestCall";
import { Resource } from "../../shared/timing/resource";
import type { ViewContext } from "../../shared/view/context";
import type { BlockColumn } from "./table/columnIds";
import { type BlockRow, blockRows, COLUMNS, columnOf } from "./table/columns";
import { restoredViewState, type ViewState } from "./viewState";
import { belongsTo, rowsOf } from "./words";

const NONE: Record<string, never> = {};
const REMEMBERED_AS = "attention";

/** A report, and the change of figures that it was asked for after. */
export interface StampedReport extends AttentionReport {
  readonly stamp: number;
}

/** All that the view knows, and the only place of it that talks to the other side. */
export class AttentionStore {
  readonly view: ViewContext;
  readonly viewState: Signal<ViewState>;
  readonly report = new Resource<StampedReport>();
  readonly curve: Signal<AttentionCurve | null> = signal(null);
  readonly curveError: Signal<ErrorData | null> = signal(null);
  readonly selection: Signal<Selection> = signal(NOTHING);
  readonly wish: Signal<GridWish> = signal({ index: 0, serial: 0 });
  /** Key of the block whose details are shown. */
  readonly focusKey: Signal<string | null> = signal(null);
  readonly rows: RowCache<Page<BlockRow>>;
  readonly rowsVersion = signal(0);
  /** Modes that the model has, each once. */
  readonly modes = computed<readonly LengthMode[]>(() => [
    ...new Set(this.report.value.value?.modes.map(({ mode }) => mode) ?? []),
  ]);
  readonly mode = computed<LengthMode | null>(() => {
    const { mode } = this.viewState.value;
    return this.modes.value.find((one) => one === mode) ?? this.modes.value[0] ?? null;
  });
  /** Lengths that the present mode can be drawn against. */
  readonly axes = computed<readonly LengthAxis[]>(() =>
    (this.report.value.value?.modes ?? [])
      .filter(({ mode }) => mode === this.mode.value)
      .map(({ axis }) => axis),
  );
  readonly axis = computed<LengthAxis | null>(
    () => this.axes.value.find(({ id }) => id === this.viewState.value.axis) ?? this.axes.value[0] ?? null,
  );
  /** Sizes beside the length, as the curve has them. */
  readonly otherSizes = computed<readonly DimControl[]>(() => {
    const decided = this.axis.value?.dims ?? [];
    const own = this.viewState.value.sizes;
    return this.view.sizes.value
      .filter(({ name }) => !decided.includes(name))
      .map((dim) => ({ ...dim, value: own[dim.name] ?? dim.value, defaultValue: dim.value }));
  });
  readonly hasOwnSizes = computed(() =>
    this.otherSizes.value.some(({ value, defaultValue }) => value !== defaultValue),
  );
  readonly query = computed<CurveQuery | null>(() => {
    const mode = this.mode.value;
    const axis = this.axis.value;
    const { whatIf } = this.viewState.value;
    if (mode === null || axis === null) {
      return null;
    }
    const bindings = Object.fromEntries(this.otherSizes.value.map(({ name, value }) => [name, value]));
    return { mode, axis: axis.id, bindings, ...(whatIf === null ? {} : { whatIf }) };
  });
  readonly focus = computed<AttentionBlock | null>(
    () => this.report.value.value?.blocks.find(({ key }) => key === this.focusKey.value) ?? null,
  );
  /** Blocks with a row that is chosen anywhere. */
  readonly marked = computed<ReadonlySet<string>>(() => {
    const chosen = this.view.selection.value;
    const blocks = this.report.value.value?.blocks ?? [];
    return new Set(
      chosen.length === 0 ? [] : blocks.filter((block) => belongsTo(block, chosen)).map(({ key }) => key),
    );
  });
  private readonly curves: LatestCall<CurveQuery>;

  constructor(view: ViewContext) {
    this.view = view;
    this.viewState = signal(restoredViewState(view.remembered(REMEMBERED_AS)));
    this.rows = new RowCache<Page<BlockRow>>(
      () => this.rowsVersion.value++,
      () => {},
    );
    this.curves = new LatestCall(
      (query) => this.fetchCurve(query),
      (callback) => requestAnimationFrame(callback),
    );
  }

  update(change: Partial<ViewState>): void {
    const next = { ...this.viewState.value, ...change };
    this.viewState.value = next;
    this.view.remember(REMEMBERED_AS, next);
  }

  loadReport(): void {
    const stamp = this.view.stamp.value;
    if (stamp > 0) {
      this.report.load(String(stamp), async (signal) => ({
        ...(await this.view.client.call("attention", NONE, { signal })),
        stamp,
      }));
    }
  }

  /** Fetches the curve of the present query; wishes that come faster than answers are dropped but for the newest. */
  loadCurve(): void {
    const query = this.query.value;
    if (this.view.stamp.value > 0 && query !== null) {
      this.curves.push(query);
    }
  }

  setSize(name: string, value: number): void {
    const bound = this.view.sizes.value.find((dim) => dim.name === name)?.value;
    const { [name]: _, ...rest } = this.viewState.value.sizes;
    this.update({ sizes: value === bound ? rest : { ...rest, [name]: value } });
  }

  showRows(first: number, end: number): void {
    const report = this.report.value.value;
    if (report === null) {
      return;
    }
    const blocks = blockRows(report, this.viewState.value.sort);
    this.rows.show(
      this.rowsKey(),
      {
        fetch: async (start, count) => ({
          total: blocks.length,
          start,
          rows: blocks.slice(start, start + count),
        }),
      },
      first,
      end,
    );
  }

  /** Names what rows are asked for: whatever changes it asks anew. */
  rowsKey(): string {
    return `${this.report.value.value?.stamp ?? 0} ${JSON.stringify(this.viewState.value.sort)}`;
  }

  sortBy(column: BlockColumn): void {
    const { title, numeric } = columnOf(column);
    const sort = nextSort(this.viewState.value.sort, column, numeric);
    this.update({ sort });
    this.selection.value = NOTHING;
    const words =
      sort === null ? "in file order" : `by ${title}, ${sort.descending ? "largest" : "smallest"} first`;
    this.view.announce(`Blocks ${words}.`);
  }

  setWidth(column: BlockColumn, width: number): void {
    this.update({ widths: { ...this.viewState.value.widths, [column]: Math.round(width) } });
  }

  /** Chooses blocks, and their rows in all panels of the model. */
  select(selection: Selection): void {
    this.selection.value = selection;
    const focus = this.rows.row(selection.focus);
    if (focus !== undefined) {
      this.focusKey.value = focus.block.key;
    }
    this.view.select(this.chosen(selection).flatMap(({ block }) => rowsOf(block)));
  }

  async copyBlocks(): Promise<void> {
    const rows = this.chosen(this.selection.value);
    const lines = [
      COLUMNS.map(({ title }) => title),
      ...rows.map((row) => COLUMNS.map((column) => column.plain(row))),
    ];
    await this.view.attempt(() => this.view.client.call("copy", { text: tabSeparated(lines) }));
    this.view.announce(rows.length === 1 ? "Copied 1 block." : `Copied ${rows.length} blocks.`);
  }

  /** Rows were chosen elsewhere: shows the first block that they belong to. */
  follow(): void {
    const marked = this.marked.value;
    const report = this.report.value.value;
    if (marked.size === 0 || report === null || marked.has(this.focusKey.peek() ?? "")) {
      return;
    }
    const rows = blockRows(report, this.viewState.peek().sort);
    const index = rows.findIndex(({ block }) => marked.has(block.key));
    this.focusKey.value = rows[index]!.block.key;
    this.selection.value = only(index);
    this.wish.value = { index, serial: this.wish.peek().serial + 1 };
  }

  /** Writes a file where the user wants it. */
  async export(
    ending: string,
    content: { readonly text: string } | { readonly base64: string },
  ): Promise<void> {
    await this.view.attempt(async () => {
      const model = (this.view.summary.value?.fileName ?? "model").replace(/\.onnx$/i, "");
      const { path } = await this.view.client.call("exportFile", {
        suggestedName: `${model}-${ending}`,
        ...content,
      });
      if (path !== null) {
        this.view.announce(`Exported to ${path}.`);
      }
    });
  }

  private chosen({ spans }: Selection): readonly BlockRow[] {
    return spans.flatMap(({ from, to }) =>
      Array.from({ length: to - from + 1 }, (_, place) => this.rows.row(from + place)).filter(
        (row) => row !== undefined,
      ),
    );
  }

  private async fetchCurve(query: CurveQuery): Promise<void> {
    try {
      this.curve.value = await this.view.client.call("attentionCurve", query);
      this.curveError.value = null;
    } catch (thrown) {
      this.curveError.value = errorDataOf(thrown);
    }
  }
}
