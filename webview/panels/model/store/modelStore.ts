import { batch, computed, type Signal, signal } from "@preact/signals";
import type { ActionCall } from "../../../../src/protocol/actions";
import type { Bindings, ModelSummary, Overview, Series } from "../../../../src/protocol/engine";
import type { PanelEvents, PanelSettings, PanelState } from "../../../../src/protocol/panels";
import type { ErrorData } from "../../../../src/protocol/problem";
import { errorDataOf } from "../../../../src/rpc/error";
import type { Client } from "../../../shared/rpc/client";
import type { VsCodeApi } from "../../../shared/rpc/vscodeApi";
import { debounced } from "../../../shared/timing/debounced";
import { Resource } from "../../../shared/timing/resource";
import { DimStore } from "./dimStore";
import { initialViewState, restoredViewState, type ViewId, type ViewState } from "./viewState";

const NONE: Record<string, never> = {};
/** Name under which the host remembers this panel's state for a model. */
const REMEMBERED_AS = "model";
const REMEMBER_AFTER_MS = 500;

const DEFAULT_SETTINGS: PanelSettings = { groupByModule: true, profile: { provider: "cpu" } };

/** All that the page knows, and the only place that talks to the other side. Views read signals and call methods. */
export class ModelStore {
  readonly client: Client;
  readonly phase: Signal<PanelState | null> = signal(null);
  readonly summary: Signal<ModelSummary | null> = signal(null);
  readonly disk: Signal<"same" | "changed" | "deleted"> = signal("same");
  readonly settings: Signal<PanelSettings> = signal(DEFAULT_SETTINGS);
  readonly viewState: Signal<ViewState> = signal(initialViewState(true));
  /** Counts every change of any figure: what was fetched for an earlier one is stale. */
  readonly stamp = signal(0);
  readonly failure: Signal<ErrorData | null> = signal(null);
  /** Last thing that happened, for screen readers. */
  readonly status = signal("");
  readonly overview = new Resource<Overview>();
  readonly series = new Resource<Series | null>();
  readonly dims: DimStore;
  readonly view = computed(() => this.viewState.value.view);
  private readonly api: VsCodeApi;
  private restored = false;
  private readonly remember = debounced((value: ViewState) => {
    this.client.call("remember", { view: REMEMBERED_AS, value }).catch(() => {});
  }, REMEMBER_AFTER_MS);

  constructor(client: Client, api: VsCodeApi) {
    this.client = client;
    this.api = api;
    this.dims = new DimStore({
      bind: async (bindings) => this.bind(bindings),
      schedule: (callback) => requestAnimationFrame(callback),
    });
  }

  /** Listens, then says that the page is ready: the first call, which gives the first state. */
  async start(): Promise<void> {
    this.client.on("state", (state) => this.accept(state));
    this.client.on("openProgress", ({ phase, fraction }) => this.progressed(phase, fraction));
    this.client.on("changed", (changed) => this.changed(changed));
    try {
      this.accept(await this.client.call("ready", NONE));
    } catch (thrown) {
      this.phase.value = { kind: "failed", fileName: "", error: errorDataOf(thrown) };
    }
  }

  update(change: Partial<ViewState>): void {
    const next = { ...this.viewState.value, ...change };
    this.viewState.value = next;
    this.api.setState(next);
    this.remember(next);
  }

  openView(view: ViewId): void {
    if (this.view.value !== view) {
      this.update({ view });
    }
  }

  loadOverview(): void {
    this.overview.load(String(this.stamp.value), (signal) => this.client.call("overview", NONE, { signal }));
  }

  loadSeries(dim: string): void {
    this.series.load(`${this.stamp.value} ${dim}`, (signal) =>
      this.client.call("series", { dim }, { signal }),
    );
  }

  async apply(calls: readonly ActionCall[]): Promise<boolean> {
    return (await this.attempt(() => this.client.call("apply", { calls }))) !== undefined;
  }

  async undo(): Promise<void> {
    await this.attempt(() => this.client.call("undo", NONE));
  }

  async redo(): Promise<void> {
    await this.attempt(() => this.client.call("redo", NONE));
  }

  async reload(): Promise<void> {
    await this.attempt(() => this.client.call("reload", NONE));
  }

  async cancelOpen(): Promise<void> {
    await this.attempt(() => this.client.call("cancelOpen", NONE));
  }

  async openText(key?: string): Promise<void> {
    await this.attempt(() => this.client.call("openText", key === undefined ? {} : { key }));
  }

  async copy(text: string, what: string): Promise<void> {
    if ((await this.attempt(() => this.client.call("copy", { text }))) !== undefined) {
      this.announce(`Copied ${what}.`);
    }
  }

  announce(message: string): void {
    // A repeated message is announced only when the text changes.
    this.status.value = this.status.value === message ? `${message}\u00a0` : message;
  }

  /** Runs a call; what fails is shown, except that the user stopped it. Undefined when it failed. */
  async attempt<T>(work: () => Promise<T>): Promise<T | undefined> {
    try {
      const result = await work();
      this.failure.value = null;
      return result;
    } catch (thrown) {
      this.fail(thrown);
      return undefined;
    }
  }

  fail(thrown: unknown): void {
    const error = errorDataOf(thrown);
    if (error.code !== "cancelled") {
      this.failure.value = error;
    }
  }

  show(summary: ModelSummary): void {
    batch(() => {
      this.summary.value = summary;
      this.dims.accept(summary.dims);
      this.stamp.value++;
    });
  }

  private async bind(bindings: Bindings): Promise<void> {
    const summary = await this.attempt(() => this.client.call("bind", { bindings }));
    if (summary !== undefined) {
      this.show(summary);
    }
  }

  private accept(state: PanelState): void {
    batch(() => {
      if (state.kind === "open") {
        this.settings.value = state.settings ?? DEFAULT_SETTINGS;
        this.disk.value = state.disk;
        this.restoreOnce(state.remembered[REMEMBERED_AS]);
        this.show(state.summary);
      } else {
        this.overview.clear();
        this.series.clear();
      }
      this.phase.value = state;
    });
  }

  /** State of this very page first (a reloaded window), then what is remembered for the model. */
  private restoreOnce(remembered: unknown): void {
    if (!this.restored) {
      this.restored = true;
      const base = initialViewState(this.settings.value.groupByModule);
      this.viewState.value = restoredViewState(this.api.getState() ?? remembered, base);
    }
  }

  private progressed(phase: string, fraction: number): void {
    const now = this.phase.value;
    if (now?.kind === "loading") {
      this.phase.value = { ...now, phase, fraction };
    }
  }

  private changed({ change, summary }: PanelEvents["changed"]): void {
    this.show(summary);
    this.announce(change.label);
  }
}
