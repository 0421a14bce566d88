import { batch, computed, type Signal, signal } from "@preact/signals";
import type { Bindings, ModelSummary } from "../../../src/protocol/engine";
import type { PanelEvents, PanelSettings, PanelState } from "../../../src/protocol/panels";
import type { ErrorData } from "../../../src/protocol/problem";
import { errorDataOf } from "../../../src/rpc/error";
import type { Client } from "../rpc/client";
import { DimStore } from "../sizes/dimStore";
import { debounced } from "../timing/debounced";
import type { ViewContext } from "./context";

const NONE: Record<string, never> = {};
const REMEMBER_AFTER_MS = 500;

const DEFAULT_SETTINGS: PanelSettings = { groupByModule: true, profile: { provider: "cpu" } };

/** What every page of a model knows of it, and its only way to the other side. Views read signals and call methods. */
export class PageStore implements ViewContext {
  readonly client: Client;
  readonly phase: Signal<PanelState | null> = signal(null);
  readonly summary: Signal<ModelSummary | null> = signal(null);
  readonly disk: Signal<"same" | "changed" | "deleted"> = signal("same");
  readonly settings: Signal<PanelSettings> = signal(DEFAULT_SETTINGS);
  readonly stamp = signal(0);
  readonly failure: Signal<ErrorData | null> = signal(null);
  /** Last thing that happened, for screen readers. */
  readonly status = signal("");
  readonly selection: Signal<readonly string[]> = signal([]);
  readonly dims: DimStore;
  readonly sizes = computed(() => this.dims.controls.value);
  private memory: { readonly [name: string]: unknown } = {};
  private readonly waiting = new Map<string, (value: unknown) => void>();

  constructor(client: Client) {
    this.client = client;
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
    this.client.on("selected", ({ keys }) => {
      this.selection.value = keys;
    });
    try {
      this.accept(await this.client.call("ready", NONE));
    } catch (thrown) {
      this.phase.value = { kind: "failed", fileName: "", error: errorDataOf(thrown) };
    }
  }

  select(keys: readonly string[]): void {
    if (keys.join("\n") !== this.selection.value.join("\n")) {
      this.selection.value = keys;
      this.client.call("select", { keys }).catch((thrown: unknown) => this.fail(thrown));
    }
  }

  async reveal(key: string): Promise<void> {
    await this.attempt(() => this.client.call("reveal", { key }));
  }

  remembered(name: string): unknown {
    return this.memory[name];
  }

  remember(name: string, value: unknown): void {
    this.memory = { ...this.memory, [name]: value };
    const send =
      this.waiting.get(name) ??
      debounced((newest: unknown) => {
        this.client.call("remember", { view: name, value: newest }).catch(() => {});
      }, REMEMBER_AFTER_MS);
    this.waiting.set(name, send);
    send(value);
  }

  async reload(): Promise<void> {
    await this.attempt(() => this.client.call("reload", NONE));
  }

  async cancelOpen(): Promise<void> {
    await this.attempt(() => this.client.call("cancelOpen", NONE));
  }

  announce(message: string): void {
    // A repeated message is announced only when the text changes.
    this.status.value = this.status.value === message ? `${message}\u00a0` : message;
  }

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

  /** The model is open, for the first time or anew; comes before any view hears of it. */
  protected opened(): void {}

  /** The model is not open any more. */
  protected closed(): void {}

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
        // What was remembered here since the page was loaded is newer than what the host had.
        this.memory = { ...state.remembered, ...this.ownMemory() };
        this.selection.value = state.selection ?? this.selection.value;
        this.opened();
        this.show(state.summary);
      } else {
        this.closed();
      }
      this.phase.value = state;
    });
  }

  private ownMemory(): { readonly [name: string]: unknown } {
    return Object.fromEntries([...this.waiting.keys()].map((name) => [name, this.memory[name]]));
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
