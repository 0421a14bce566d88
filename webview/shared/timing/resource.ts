import { type ReadonlySignal, type Signal, signal } from "@preact/signals";
import type { ErrorData } from "../../../src/protocol/problem";
import { errorDataOf } from "../../../src/rpc/error";

/**
 * Something fetched for a key. While a newer key is being fetched, the value of the older one stays, so that nothing
 * flickers; what an older fetch brings after that is dropped.
 */
export class Resource<T> {
  private readonly current: Signal<T | null> = signal(null);
  private readonly failure: Signal<ErrorData | null> = signal(null);
  private key: string | undefined;
  private abort: AbortController | undefined;

  get value(): ReadonlySignal<T | null> {
    return this.current;
  }

  get error(): ReadonlySignal<ErrorData | null> {
    return this.failure;
  }

  load(key: string, fetch: (signal: AbortSignal) => Promise<T>): void {
    if (key === this.key) {
      return;
    }
    this.abort?.abort();
    const abort = new AbortController();
    this.abort = abort;
    this.key = key;
    fetch(abort.signal).then(
      (value) => {
        if (this.abort === abort) {
          this.failure.value = null;
          this.current.value = value;
        }
      },
      (thrown: unknown) => {
        if (this.abort === abort) {
          this.key = undefined;
          this.failure.value = errorDataOf(thrown);
        }
      },
    );
  }

  clear(): void {
    this.abort?.abort();
    this.abort = undefined;
    this.key = undefined;
    this.current.value = null;
    this.failure.value = null;
  }
}
