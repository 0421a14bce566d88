import { type Signal, signal } from "@preact/signals";
import type { ProfileOptions, ProfileProgress, ProviderInfo } from "../../../../src/protocol/profiler";
import { duration } from "../../../shared/format/units";
import { Resource } from "../../../shared/timing/resource";
import type { ModelStore } from "./modelStore";

const NONE: Record<string, never> = {};

export interface ProfileRun {
  readonly progress: ProfileProgress | null;
  readonly cancelling: boolean;
}

/** Choice of provider and options, and the run under way. The result is part of the summary. */
export class ProfileStore {
  readonly providers = new Resource<readonly ProviderInfo[]>();
  /** What the user changed here; settings decide the rest. */
  readonly changes: Signal<Partial<ProfileOptions>> = signal({});
  readonly run: Signal<ProfileRun | null> = signal(null);
  private readonly store: ModelStore;
  private abort: AbortController | undefined;
  private asked = 0;

  constructor(store: ModelStore) {
    this.store = store;
    store.client.on("profileProgress", (progress) => {
      if (this.run.value !== null) {
        this.run.value = { ...this.run.value, progress };
      }
    });
  }

  get options(): ProfileOptions {
    return { ...this.store.settings.value.profile, ...this.changes.value };
  }

  set(change: Partial<ProfileOptions>): void {
    this.changes.value = { ...this.changes.value, ...change };
  }

  loadProviders(): void {
    this.providers.load(String(this.asked), (signal) =>
      this.store.client.call("providers", NONE, { signal }),
    );
  }

  retryProviders(): void {
    this.asked++;
    this.loadProviders();
  }

  async start(): Promise<void> {
    if (this.run.value !== null) {
      return;
    }
    const abort = new AbortController();
    this.abort = abort;
    this.run.value = { progress: null, cancelling: false };
    this.store.announce("Profiling.");
    const result = await this.store.attempt(() =>
      this.store.client.call("profile", this.options, { signal: abort.signal }),
    );
    this.run.value = null;
    if (result === undefined) {
      this.store.announce(abort.signal.aborted ? "Profiling cancelled." : "Profiling failed.");
      return;
    }
    const summary = await this.store.attempt(() => this.store.client.call("summary", NONE));
    if (summary !== undefined) {
      this.store.show(summary);
    }
    this.store.announce(`Profiled: median ${duration(result.p50Ms)}.`);
  }

  cancel(): void {
    if (this.run.value !== null) {
      this.run.value = { ...this.run.value, cancelling: true };
      this.abort?.abort();
    }
  }

  async clear(): Promise<void> {
    const summary = await this.store.attempt(() => this.store.client.call("clearProfile", NONE));
    if (summary !== undefined) {
      this.store.show(summary);
    }
  }
}
