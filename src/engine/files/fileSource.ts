import { createHash } from "node:crypto";
import { closeSync, fstatSync, openSync, type Stats, statSync } from "node:fs";
import { ModelError } from "../../core/errors";
import type { Fingerprint } from "../../protocol/engine";
import { DescriptorSource, type OpenFile } from "./descriptorSource";
import { kindOf } from "./sideFile";

const EDGE_BYTES = 64 * 1024;

/** A file, opened for reading; it stays the same file when another one takes its name. */
export class FileSource extends DescriptorSource {
  readonly path: string;
  readonly mtimeMs: number;

  /** @throws ModelError when the path is not a readable regular file */
  constructor(path: string, name: string = path) {
    const descriptor = openFile(path, name);
    const stats = fstatSync(descriptor);
    if (!stats.isFile()) {
      closeSync(descriptor);
      throw notAFile(name, stats);
    }
    super({ descriptor, name, size: stats.size });
    this.path = path;
    this.mtimeMs = stats.mtimeMs;
  }

  /** For another thread of this process, which may use it as long as this one is not closed. */
  get openFile(): OpenFile {
    const { descriptor, name, size } = this;
    return { descriptor, name, size };
  }

  fingerprint(): Fingerprint {
    const hash = createHash("sha256");
    const edge = new Uint8Array(Math.min(EDGE_BYTES, this.size));
    this.read(0, edge);
    hash.update(edge);
    this.read(this.size - edge.length, edge);
    hash.update(edge);
    return { size: this.size, mtimeMs: this.mtimeMs, edges: hash.digest("hex").slice(0, 32) };
  }

  /** @throws ModelError("stale") when another program wrote into the file since it was opened: its offsets mean nothing any more */
  demandUnchanged(): void {
    const { size, mtimeMs } = fstatSync(this.descriptor);
    if (size !== this.size || mtimeMs !== this.mtimeMs) {
      throw new ModelError(
        "stale",
        `${this.name} was written into by another program while it was open.`,
        { file: this.name },
        "Reload it; edits that were made cannot be applied to the new content.",
      );
    }
  }

  close(): void {
    closeSync(this.descriptor);
  }
}

/** Whether two looks at a path saw the same content; the modification time alone decides nothing when it is equal. */
export function sameFile(a: Fingerprint, b: Fingerprint): boolean {
  return a.size === b.size && a.edges === b.edges && a.mtimeMs === b.mtimeMs;
}

/** The fingerprint of the file that a path names now. */
export function fingerprintOf(path: string): Fingerprint {
  const source = new FileSource(path);
  try {
    return source.fingerprint();
  } finally {
    source.close();
  }
}

function openFile(path: string, name: string): number {
  try {
    // Opening a pipe would wait for somebody to write into it.
    const stats = statSync(path);
    if (!stats.isFile()) {
      throw notAFile(name, stats);
    }
    return openSync(path, "r");
  } catch (thrown) {
    if (thrown instanceof ModelError) {
      throw thrown;
    }
    const { code, message } = thrown as NodeJS.ErrnoException;
    const hints: { readonly [code: string]: string } = {
      ENOENT: "Check the path; the file may have been moved or deleted.",
      EACCES: "You have no permission to read it.",
    };
    throw new ModelError(
      code === "ENOENT" ? "missing" : "io",
      code === "ENOENT" ? `${name} does not exist.` : `Cannot open ${name}: ${message}`,
      { file: name },
      code === undefined ? undefined : hints[code],
    );
  }
}

function notAFile(name: string, stats: Stats): ModelError {
  return new ModelError(
    "io",
    `${name} is ${kindOf(stats)}, not a file.`,
    { file: name },
    "Choose an .onnx file.",
  );
}
