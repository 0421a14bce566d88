import { readSync } from "node:fs";
import { ModelError } from "../../core/errors";
import type { ByteSource } from "../../core/wire/source";

/** Node's read takes at most 2 GiB at once; smaller pieces also let a slow disk fail early. */
const LARGEST_READ = 1 << 30;

/** An open file as plain data: its descriptor is good in every thread of the process. */
export interface OpenFile {
  readonly descriptor: number;
  readonly name: string;
  readonly size: number;
}

/** Reads from a file that somebody else holds open. */
export class DescriptorSource implements ByteSource {
  readonly name: string;
  readonly size: number;
  /** Bytes read so far, for benchmarks. */
  bytesRead = 0;
  readonly descriptor: number;

  constructor({ descriptor, name, size }: OpenFile) {
    this.descriptor = descriptor;
    this.name = name;
    this.size = size;
  }

  read(offset: number, into: Uint8Array): void {
    let done = 0;
    while (done < into.length) {
      const count = this.readSome(into, done, offset + done);
      if (count === 0) {
        throw new ModelError(
          "truncated",
          `${this.name} ends at byte ${offset + done}, ${into.length - done} bytes early.`,
          { file: this.name, offset: offset + done },
          "The file is incomplete, or was cut while it was open: open it again.",
        );
      }
      done += count;
    }
    this.bytesRead += done;
  }

  private readSome(into: Uint8Array, done: number, position: number): number {
    try {
      return readSync(this.descriptor, into, done, Math.min(into.length - done, LARGEST_READ), position);
    } catch (thrown) {
      throw new ModelError("io", `Cannot read ${this.name}: ${(thrown as Error).message}`, {
        file: this.name,
        offset: position,
      });
    }
  }
}
