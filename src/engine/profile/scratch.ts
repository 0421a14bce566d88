import { mkdtemp, readdir, rm, stat, statfs } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ModelError } from "../../core/errors";

const PREFIX = "onnxray-profile-";
/** A folder of a process that still lives, but was left by a worker that was ended. */
const ABANDONED_MS = 24 * 60 * 60 * 1000;
const SPARE_BYTES = 16 * 1024 * 1024;

/**
 * Runs `use` with a folder that is gone when this settles. Folders that killed processes left are removed on the way.
 *
 * @param home where the folder is made; the system's folder for temporary files when absent
 */
export async function withScratch<T>(use: (folder: string) => Promise<T>, home = tmpdir()): Promise<T> {
  await sweep(home);
  const folder = await mkdtemp(join(home, `${PREFIX}${process.pid}-`));
  try {
    return await use(folder);
  } finally {
    // Windows lets go of the files of a killed process a moment later.
    await rm(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  }
}

/** @throws ModelError when less than `bytes` are free there */
export async function demandRoom(folder: string, bytes: number): Promise<void> {
  const { bavail, bsize } = await statfs(folder);
  const free = bavail * bsize;
  if (free < bytes + SPARE_BYTES) {
    throw new ModelError(
      "io",
      `Profiling writes the edited model to ${folder}: that takes ${bytes} bytes, and ${free} are free.`,
      { file: folder },
      "Free some space, or save the model and profile the saved file.",
    );
  }
}

async function sweep(home: string): Promise<void> {
  const names = await readdir(home).catch(() => []);
  for (const name of names.filter((entry) => entry.startsWith(PREFIX))) {
    const folder = join(home, name);
    const owner = Number.parseInt(name.slice(PREFIX.length), 10);
    if (!isAlive(owner) || (await isAbandoned(folder))) {
      await rm(folder, { recursive: true, force: true }).catch(() => {});
    }
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (thrown) {
    return (thrown as NodeJS.ErrnoException).code === "EPERM";
  }
}

async function isAbandoned(folder: string): Promise<boolean> {
  const stats = await stat(folder).catch(() => undefined);
  return stats !== undefined && Date.now() - stats.mtimeMs > ABANDONED_MS;
}
