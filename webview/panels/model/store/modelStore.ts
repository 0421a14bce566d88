import { computed, type Signal, signal } from "@preact/signals";
import type { ActionCall } from "../../../../src/protocol/actions";
import type { Overview, Series } from "../../../../src/protocol/engine";
import type { Client } from "../../../shared/rpc/client";
import type { VsCodeApi } from "../../../shared/rpc/vscodeApi";
import { Resource } from "../../../shared/timing/resource";
import { PageStore } from "../../../shared/view/pageStore";
import { initialViewState, restoredViewState, type ViewId, type ViewState } from "./viewState";

const NONE: Record<string, never> = {};
/** Name under which the host remembers this panel's state for a model. */
const REMEMBERED_AS = "model";

/** What the Model editor's page knows beyond what every page does. */
export class ModelStore extends PageStore {
  readonly viewState: Signal<ViewState> = signal(initialViewState(true));
  readonly overview = new Resource<Overview>();
  readonly series = new Resource<Series | null>();
  readonly view = computed(() => this.viewState.value.view);
  private readonly api: VsCodeApi;
  private restored = false;

  constructor(client: Client, api: VsCodeApi) {
    super(client);
    this.api = api;
  }

  update(change: Partial<ViewState>): void {
    const next = { ...this.viewState.value, ...change };
    this.viewState.value = next;
    this.api.setState(next);
    this.remember(REMEMBERED_AS, next);
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

  async openText(key?: string): Promise<void> {
    await this.attempt(() => this.client.call("openText", key === undefined ? {} : { key }));
  }

  async copy(text: string, what: string): Promise<void> {
    if ((await this.attempt(() => this.client.call("copy", { text }))) !== undefined) {
      this.announce(`Copied ${what}.`);
    }
  }

  /** State of this very page first (a reloaded window), then what is remembered for the model. */
  protected override opened(): void {
    if (!this.restored) {
      this.restored = true;
      const base = initialViewState(this.settings.value.groupByModule);
      const kept = this.api.getState() ?? this.remembered(REMEMBERED_AS);
      this.viewState.value = restoredViewState(kept, base);
    }
  }

  protected override closed(): void {
    this.overview.clear();
    this.series.clear();
  }
}
