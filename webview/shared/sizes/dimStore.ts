import { computed, type Signal, signal } from "@preact/signals";
import type { Bindings, DimControl } from "../../../src/protocol/engine";
import { LatestCall, type Schedule } from "../timing/latestCall";

/** Symbolic dims as their controls show them: the value under the user's hand at once, the engine's otherwise. */
export class DimStore {
  /** Values chosen here that the engine has not answered for yet. */
  private readonly pending: Signal<Bindings> = signal({});
  private readonly confirmed: Signal<readonly DimControl[]> = signal([]);
  private readonly calls: LatestCall<Bindings>;
  readonly controls = computed(() =>
    this.confirmed.value.map((dim) => ({ ...dim, value: this.pending.value[dim.name] ?? dim.value })),
  );

  constructor({
    bind,
    schedule,
  }: {
    readonly bind: (bindings: Bindings) => Promise<void>;
    readonly schedule: Schedule;
  }) {
    this.calls = new LatestCall(async (bindings) => {
      try {
        await bind(bindings);
      } finally {
        this.settle(bindings);
      }
    }, schedule);
  }

  accept(dims: readonly DimControl[]): void {
    this.confirmed.value = dims;
  }

  set(name: string, value: number): void {
    this.pending.value = { ...this.pending.value, [name]: value };
    this.calls.push(this.pending.value);
  }

  /** Forgets what was sent, but not what was chosen since. */
  private settle(sent: Bindings): void {
    const rest = Object.entries(this.pending.value).filter(([name, value]) => sent[name] !== value);
    this.pending.value = Object.fromEntries(rest);
  }
}
