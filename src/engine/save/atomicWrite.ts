import { randomBytes } from "node:crypto";
import { constants, type Stats } from "node:fs";
import { access, type FileHandle, open, rename, rm, stat, statfs } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { ModelError } from "../../core/errors";
import { kindOf } from "../files/sideFile";
import { breathe } from "./breathe";
import { WriteBehind } from "./writeBehind";

/** Room that must stay free beyond what is written: a disk filled to the last byte breaks other programs. */
const SPARE_BYTES = 1 << 20;
/** The temporary name must fit where the final one just does. */
const NAME_PART = 40;

/**
 * Writes a file so that a reader sees the old content or the new, never a part: a temporary file in the same folder,
 * fsync, rename. The mode of a replaced file is kept. Whatever happens before the rename leaves the old file whole.
 *
 * @throws ModelError "cancelled", or "io" when the system says no
 */
export async function atomicWrite(
  path: string,
  byteLength: number,
  chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
  options: {
    readonly signal?: AbortSignal;
    readonly onBytes?: (bytes: number) => void;
    /** Last look at the world, and at the finished file under its temporary name; what it throws cancels the write. */
    readonly beforeRename?: (temporary: string) => void;
    /** Fails when something has that name in the end. */
    readonly onlyNew?: boolean;
  } = {},
): Promise<void> {
  const folder = dirname(path);
  const { signal } = options;
  const temporary = join(
    folder,
    `.${basename(path).slice(0, NAME_PART)}.${randomBytes(6).toString("hex")}.tmp`,
  );
  let handle: FileHandle | undefined;
  let writer: WriteBehind | undefined;
  try {
    signal?.throwIfAborted();
    const existing = await demandReplaceable(path);
    await demandRoom(folder, byteLength, path);
    handle = await open(temporary, "wx", existing === undefined ? 0o666 : existing.mode & 0o777);
    writer = new WriteBehind(handle);
    for await (const chunk of breathe(chunks, signal)) {
      await writer.add(chunk);
      options.onBytes?.(chunk.byteLength);
    }
    if (existing !== undefined) {
      await handle.chmod(existing.mode & 0o777);
    }
    await writer.finish();
    await handle.close();
    handle = undefined;
    options.beforeRename?.(temporary);
    signal?.throwIfAborted();
    await replace(temporary, path, await statIfThere(path), options.onlyNew === true);
  } catch (thrown) {
    await writer?.settled();
    await handle?.close().catch(() => {});
    await removeQuietly(temporary);
    throw saveError(thrown, path, signal);
  }
  await syncFolder(folder);
}

/** Removes what a failed save left; the failure itself is what the user must hear of. */
export async function removeQuietly(path: string): Promise<void> {
  await rm(path, { force: true }).catch(() => {});
}

/** A rename replaces whatever has the name, even a device, and does not ask whether the file may be written. */
async function demandReplaceable(path: string): Promise<Stats | undefined> {
  const existing = await statIfThere(path);
  if (existing === undefined) {
    return undefined;
  }
  if (!existing.isFile()) {
    throw new ModelError(
      "io",
      `Cannot write ${path}: it is ${kindOf(existing)}.`,
      { file: path },
      "Choose the name of a file.",
    );
  }
  await access(path, constants.W_OK);
  return existing;
}

/**
 * Windows does not rename over a file that somebody holds open, and the engine holds the old one for undo; it does
 * let an open file be renamed away and deleted.
 */
async function replace(
  temporary: string,
  path: string,
  existing: Stats | undefined,
  onlyNew: boolean,
): Promise<void> {
  if (onlyNew && existing !== undefined) {
    throw new ModelError(
      "refused",
      `${path} was made by another program while it was to be written.`,
      { file: path },
      "Save once more.",
    );
  }
  if (process.platform !== "win32" || existing === undefined) {
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
  await removeQuietly(aside);
}

async function statIfThere(path: string): Promise<Stats | undefined> {
  try {
    return await stat(path);
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === "ENOENT") {
      return undefined;
    }
    throw thrown;
  }
}

/** @throws ModelError("io") when the folder is not there or its disk has less room than that */
export async function demandRoom(folder: string, byteLength: number, path: string): Promise<void> {
  let free: number;
  try {
    const { bavail, bsize } = await statfs(folder);
    free = bavail * bsize;
  } catch (thrown) {
    throw saveError(thrown, path);
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

/** What a failed save says to the user. */
export function saveError(thrown: unknown, path: string, signal?: AbortSignal): unknown {
  const { code, message } = thrown as NodeJS.ErrnoException;
  if (signal?.aborted === true) {
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
    EFBIG: `The disk, or a limit of this user, takes no file of that size. ${unchanged} Save elsewhere.`,
    EACCES: `No permission to write it. ${unchanged} Save elsewhere or change the permissions.`,
    EPERM: `The system refused to replace the file. ${unchanged} Close other programs that hold it open.`,
    EROFS: `The disk is read-only. ${unchanged} Save elsewhere.`,
    ENOENT: "The folder is gone. Save elsewhere.",
  };
  return new ModelError("io", `Cannot write ${path}: ${message}`, { file: path }, hints[code] ?? unchanged);
}
