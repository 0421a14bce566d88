import { writeSync } from "node:fs";
import type { FileHandle } from "node:fs/promises";
import { EagerSync } from "./eagerSync";

/** Enough that handing a part to another thread costs little beside writing it, and little enough to stay in the caches. */
const PART_BYTES = 2 ** 20;

/** Writes a file in parts, each while the next one is read or computed. */
export class WriteBehind {
  private readonly handle: FileHandle;
  private readonly sync: EagerSync;
  private part = new Uint8Array(PART_BYTES);
  private other = new Uint8Array(PART_BYTES);
  private length = 0;
  private writing: Promise<void> = Promise.resolve();
  private failure: { readonly thrown: unknown } | undefined;

  constructor(handle: FileHandle) {
    this.handle = handle;
    this.sync = new EagerSync(handle);
  }

  /** Takes a chunk, which may change as soon as this has resolved. @throws what an earlier part failed with */
  async add(chunk: Uint8Array): Promise<void> {
    if (chunk.length >= PART_BYTES) {
      await this.writePart();
      await this.written();
      this.writeHere(chunk);
      return;
    }
    for (let at = 0; at < chunk.length; ) {
      const piece = chunk.subarray(at, at + PART_BYTES - this.length);
      this.part.set(piece, this.length);
      this.length += piece.length;
      at += piece.length;
      if (this.length === PART_BYTES) {
        await this.writePart();
      }
    }
  }

  /** Resolves when all of it is on the disk. */
  async finish(): Promise<void> {
    await this.writePart();
    await this.written();
    await this.sync.finish();
  }

  /** Resolves when nothing of this uses the file any more, whatever became of it. */
  async settled(): Promise<void> {
    await this.writing;
    await this.sync.settled();
  }

  private async writePart(): Promise<void> {
    await this.written();
    const bytes = this.part.subarray(0, this.length);
    [this.part, this.other] = [this.other, this.part];
    this.length = 0;
    this.writing = this.writeWhole(bytes).catch((thrown: unknown) => {
      this.failure = { thrown };
    });
  }

  private async written(): Promise<void> {
    await this.writing;
    if (this.failure !== undefined) {
      throw this.failure.thrown;
    }
  }

  /**
   * What is copied from a file takes no time to make. On a busy machine, waiting for another thread's turn for each piece
   * would take several times as long as writing it.
   */
  private writeHere(bytes: Uint8Array): void {
    let done = 0;
    while (done < bytes.length) {
      done += writeSync(this.handle.fd, bytes, done, bytes.length - done);
    }
    this.sync.wrote(bytes.length);
  }

  private async writeWhole(bytes: Uint8Array): Promise<void> {
    let done = 0;
    while (done < bytes.length) {
      const { bytesWritten } = await this.handle.write(bytes, done, bytes.length - done);
      done += bytesWritten;
    }
    this.sync.wrote(bytes.length);
  }
}
