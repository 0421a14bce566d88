import { type ReadonlySignal, type Signal, signal } from "@preact/signals";
import type { ErrorData } from "../../../src/protocol/problem";
import { errorDataOf } from "../../../src/rpc/error";

export type LongCallState<T> =
  | { readonly kind: "idle" }
  /** Amounts are null until the first progress comes. */
  | { readonly kind: "running"; readonly done: number | null; readonly total: number | null }
  | { readonly kind: "done"; readonly value: T }
  | { readonly kind: "cancelled" }
  | { readonly kind: "failed"; readonly error: ErrorData };

/** A call that takes long enough to be watched and stopped. At most one is under way; a new one stops the older. */
export class LongCall<T> {
  private readonly current: Signal<LongCallState<T>> = signal({ kind: "idle" });
  private abort: AbortController | undefined;

  get state(): ReadonlySignal<LongCallState<T>> {
    return this.current;
  }

  async start(call: (signal: AbortSignal) => Promise<T>): Promise<void> {
    this.abort?.abort();
    const abort = new AbortController();
    this.abort = abort;
    this.current.value = { kind: "running", done: null, total: null };
    const end = (state: LongCallState<T>) => {
      if (this.abort === abort) {
        this.abort = undefined;
        this.current.value = state;
      }
    };
    try {
      end({ kind: "done", value: await call(abort.signal) });
    } catch (thrown) {
      const error = errorDataOf(thrown);
      end(error.code === "cancelled" ? { kind: "cancelled" } : { kind: "failed", error });
    }
  }

  /** What the other side says of the way that is done; ignored when nothing is under way. */
  progressed(done: number, total: number): void {
    if (this.current.value.kind === "running") {
      this.current.value = { kind: "running", done, total };
    }
  }

  cancel(): void {
    const { abort } = this;
    if (abort !== undefined) {
      this.abort = undefined;
      this.current.value = { kind: "cancelled" };
      abort.abort();
    }
  }

  /** Back to the beginning, stopping what is under way. */
  reset(): void {
    const { abort } = this;
    this.abort = undefined;
    this.current.value = { kind: "idle" };
    abort?.abort();
  }
}
