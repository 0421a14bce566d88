import { randomBytes } from "node:crypto";
import { constants, type Stats } from "node:fs";
import { type FileHandle, open, rename, rm, stat, statfs } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { ModelError } from "../../core/errors";

/** Room that must stay free beyond what is written: a disk filled to the last byte breaks other programs. */
const SPARE_BYTES = 1 << 20;

/**
 * Writes a file so that a reader sees the old content or the new, never a part: a temporary file in the same folder,
 * fsync, rename. The mode of a replaced file is kept. Whatever happens before the rename leaves the old file whole.
 *
 * @param beforeRename last look at the world; what it throws cancels the write
 */
export async function atomicWrite(
  path: string,
  byteLength: number,
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  options: {
    readonly signal?: AbortSignal;
    readonly onBytes?: (bytes: number) => void;
    readonly beforeRename?: () => Promise<void>;
  } = {},
): Promise<void> {
  const folder = dirname(path);
  const existing = await statIfThere(path);
  await demandRoom(folder, byteLength, path);
  const temporary = join(folder, `.${basename(path)}.${randomBytes(6).toString("hex")}.tmp`);
  let handle: FileHandle | undefined;
  try {
    handle = await open(temporary, "wx", existing === undefined ? 0o666 : existing.mode & 0o777);
    for await (const chunk of chunks) {
      options.signal?.throwIfAborted();
      await writeWhole(handle, chunk);
      options.onBytes?.(chunk.byteLength);
    }
    if (existing !== undefined) {
      await handle.chmod(existing.mode & 0o777);
    }
    await handle.sync();
    await handle.close();
    handle = undefined;
    await options.beforeRename?.();
    options.signal?.throwIfAborted();
    await replace(temporary, path, existing !== undefined);
  } catch (thrown) {
    await handle?.close().catch(() => {});
    await rm(temporary, { force: true });
    throw asModelError(thrown, path);
  }
  await syncFolder(folder);
}

async function writeWhole(handle: FileHandle, chunk: Uint8Array): Promise<void> {
  let done = 0;
  while (done < chunk.byteLength) {
    const { bytesWritten } = await handle.write(chunk, done, chunk.byteLength - done);
    done += bytesWritten;
  }
}

/**
 * Windows does not rename over a file that somebody holds open, and the engine holds the old one for undo; it does
 * let an open file be renamed away and deleted.
 */
async function replace(temporary: string, path: string, exists: boolean): Promise<void> {
  if (process.platform !== "win32" || !exists) {
    await rename(temporary, path);
    return;
  }
  const aside = `${temporary}.old`;
  await rename(path, aside);
  try {
    await rename(temporary, path);
  } catch (thrown) {
    await rename(aside, path);
    throw thrown;
  }
  await rm(aside, { force: true }).catch(() => {});
}

async function statIfThere(path: string): Promise<Stats | undefined> {
  try {
    return await stat(path);
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === "ENOENT") {
      return undefined;
    }
    throw asModelError(thrown, path);
  }
}

async function demandRoom(folder: string, byteLength: number, path: string): Promise<void> {
  let free: number;
  try {
    const { bavail, bsize } = await statfs(folder);
    free = bavail * bsize;
  } catch (thrown) {
    throw asModelError(thrown, path);
  }
  if (free < byteLength + SPARE_BYTES) {
    throw new ModelError(
      "io",
      `Saving needs ${byteLength} bytes in ${folder}, and ${free} are free.`,
      { file: path },
      "Free some space or save to another disk. The file on disk is unchanged.",
    );
  }
}

/** The rename itself must survive a power cut; not every platform lets a folder be opened for that. */
async function syncFolder(folder: string): Promise<void> {
  let handle: FileHandle | undefined;
  try {
    handle = await open(folder, constants.O_RDONLY);
    await handle.sync();
  } catch {
    return;
  } finally {
    await handle?.close();
  }
}

function asModelError(thrown: unknown, path: string): unknown {
  const { code, name, message } = thrown as NodeJS.ErrnoException;
  if (name === "AbortError") {
    return new ModelError("cancelled", "Saving was cancelled; the file on disk is unchanged.", {
      file: path,
    });
  }
  if (thrown instanceof ModelError || code === undefined) {
    return thrown;
  }
  const unchanged = "The file on disk is unchanged.";
  const hints: { readonly [code: string]: string } = {
    ENOSPC: `The disk is full. ${unchanged} Free some space or save elsewhere.`,
    EDQUOT: `The quota is used up. ${unchanged} Free some space or save elsewhere.`,
    EACCES: `No permission to write in this folder. ${unchanged} Save elsewhere or change the permissions.`,
    EPERM: `The system refused to replace the file. ${unchanged} Close other programs that hold it open.`,
    EROFS: `The disk is read-only. ${unchanged} Save elsewhere.`,
    ENOENT: "The folder is gone. Save elsewhere.",
  };
  return new ModelError("io", `Cannot write ${path}: ${message}`, { file: path }, hints[code] ?? unchanged);
}
