/** Results of one tensor between the thread that computes them and the one that writes them. */
export class Inbox<T> {
  private readonly waiting: T[] = [];
  private ended: { readonly thrown?: unknown } | undefined;
  private wake: (() => void) | undefined;

  put(item: T): void {
    this.waiting.push(item);
    this.wake?.();
  }

  end(): void {
    this.ended ??= {};
    this.wake?.();
  }

  fail(thrown: unknown): void {
    this.ended ??= { thrown };
    this.wake?.();
  }

  /** Items in order as they come. @throws what it failed with, after the items that came before */
  async *items(): AsyncGenerator<T> {
    for (;;) {
      const item = this.waiting.shift();
      if (item !== undefined) {
        yield item;
      } else if (this.ended === undefined) {
        await new Promise<void>((resolve) => {
          this.wake = resolve;
        });
      } else if ("thrown" in this.ended) {
        throw this.ended.thrown;
      } else {
        return;
      }
    }
  }
}
