import type { FileHandle } from "node:fs/promises";

/** Enough that a disk works on it for a while, little enough that the last part is soon done. */
const PART_BYTES = 64 * 2 ** 20;

/**
 * Sends to disk what was written while more is being computed and written. The system alone would begin late, and the
 * sync at the end would wait for all of it.
 */
export class EagerSync {
  private readonly handle: FileHandle;
  private waiting = 0;
  private running: Promise<void> | undefined;
  private failure: { readonly thrown: unknown } | undefined;

  constructor(handle: FileHandle) {
    this.handle = handle;
  }

  /** @throws what an earlier part failed with */
  wrote(bytes: number): void {
    if (this.failure !== undefined) {
      throw this.failure.thrown;
    }
    this.waiting += bytes;
    if (this.waiting >= PART_BYTES && this.running === undefined) {
      this.waiting = 0;
      this.running = this.handle
        .datasync()
        .catch((thrown: unknown) => {
          this.failure = { thrown };
        })
        .finally(() => {
          this.running = undefined;
        });
    }
  }

  /** Resolves when nothing of this uses the file any more; whoever cares about its failure syncs the file itself. */
  async settled(): Promise<void> {
    await this.running;
  }

  /** @throws what any part failed with: a later sync would not say it again */
  async finish(): Promise<void> {
    await this.settled();
    if (this.failure !== undefined) {
      throw this.failure.thrown;
    }
    await this.handle.sync();
  }
}
