import { mkdir, realpath, stat } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { ModelError } from "../../core/errors";
import { readRanges } from "../../core/tensor/reader";
import { FileSource } from "../files/fileSource";
import type { ModelFiles } from "../files/modelFiles";
import { contains, type SideFile } from "../files/sideFile";
import { atomicWrite } from "./atomicWrite";
import { breathe } from "./breathe";
import type { Meter } from "./meter";

/** A side file that must go along into the folder where the model is saved. */
export interface Companion extends SideFile {
  readonly location: string;
  readonly folder: string;
}

/** Refuses to write the model over weights that it needs. */
export async function demandNoSideFile(
  path: string,
  target: string,
  locations: ReadonlySet<string>,
  files: ModelFiles,
): Promise<void> {
  const identity = await identityOf(target);
  for (const location of locations) {
    const there = present(location, files);
    const isTarget =
      resolve(dirname(files.path), location) === path ||
      resolve(dirname(path), location) === path ||
      (there !== undefined && identity !== undefined && (await identityOf(there.path)) === identity);
    if (isTarget) {
      throw new ModelError(
        "refused",
        `${basename(path)} is a data file that this model keeps its weights in.`,
        { file: path },
        "Save under another name.",
      );
    }
  }
}

/**
 * The side files that are not in the folder yet. Those that are missing or refused where the model is now cannot be
 * taken along; its problems say so.
 *
 * @throws ModelError("refused") when a different file of that name is there
 */
export async function companionsOf(
  folder: string,
  locations: readonly string[],
  files: ModelFiles,
  signal: AbortSignal,
): Promise<Companion[]> {
  const companions = new Map<string, Companion>();
  for (const location of locations) {
    const source = present(location, files);
    const destination = resolve(folder, location);
    if (source === undefined || companions.has(destination)) {
      continue;
    }
    if (await isFree(source, destination, files, signal)) {
      companions.set(destination, { ...source, location, folder });
    }
  }
  return [...companions.values()];
}

/** Copies a side file to its place; answers its path. */
export async function copyCompanion(
  companion: Companion,
  files: ModelFiles,
  signal: AbortSignal,
  meter: Meter,
): Promise<string> {
  const { folder, location, size } = companion;
  const destination = join(folder, location);
  await mkdir(dirname(destination), { recursive: true });
  if (!contains(await realpath(folder), await realpath(dirname(destination)))) {
    throw new ModelError(
      "refused",
      `The data file "${location}" would be written outside ${folder}, through a link.`,
      { file: destination },
      "Save into a folder without such a link.",
    );
  }
  const source = new FileSource(files.find(location).path, location);
  try {
    await atomicWrite(destination, size, readRanges(source, [{ start: 0, end: size }]), {
      signal,
      onBytes: (bytes) => meter.add(bytes),
      onlyNew: true,
    });
  } finally {
    source.close();
  }
  await remember(files, companion, destination);
  return destination;
}

/** For each open model, which destinations hold the data of which sources, so that a second save compares nothing. */
const copies = new WeakMap<ModelFiles, Map<string, string>>();

async function remember(files: ModelFiles, source: SideFile, destination: string): Promise<void> {
  const known = copies.get(files) ?? new Map<string, string>();
  copies.set(files, known);
  known.set(destination, await stampOf(source, destination));
}

/** Says whether two files are still those that were compared. */
async function stampOf(source: SideFile, destination: string): Promise<string> {
  const stats = await Promise.all([source.path, destination].map((path) => stat(path, { bigint: true })));
  return stats.map(({ dev, ino, size, mtimeNs }) => `${dev}:${ino}:${size}:${mtimeNs}`).join(" ");
}

function present(location: string, files: ModelFiles): SideFile | undefined {
  try {
    return files.find(location);
  } catch (thrown) {
    if (thrown instanceof ModelError) {
      return undefined;
    }
    throw thrown;
  }
}

/** True when nothing is at the destination, false when the same content is. */
async function isFree(
  source: SideFile,
  destination: string,
  files: ModelFiles,
  signal: AbortSignal,
): Promise<boolean> {
  const identity = await identityOf(destination);
  if (identity === undefined) {
    return true;
  }
  const known = copies.get(files)?.get(destination);
  if (
    identity === (await identityOf(source.path)) ||
    (known !== undefined && known === (await stampOf(source, destination)))
  ) {
    return false;
  }
  if (await sameContent(source, destination, signal)) {
    await remember(files, source, destination);
    return false;
  }
  throw new ModelError(
    "refused",
    `${destination} is there already and is not the data file of this model.`,
    { file: destination },
    "Save into another folder, or move that file away first.",
  );
}

async function identityOf(path: string): Promise<string | undefined> {
  try {
    const { dev, ino } = await stat(path, { bigint: true });
    return `${dev}:${ino}`;
  } catch {
    return undefined;
  }
}

async function sameContent(source: SideFile, destination: string, signal: AbortSignal): Promise<boolean> {
  const stats = await stat(destination);
  if (!stats.isFile() || stats.size !== source.size) {
    return false;
  }
  const a = new FileSource(source.path);
  try {
    const b = new FileSource(destination);
    try {
      const whole = [{ start: 0, end: source.size }];
      const others = readRanges(b, whole);
      for await (const chunk of breathe(readRanges(a, whole), signal)) {
        const other = others.next().value;
        if (other === undefined || Buffer.compare(chunk, other) !== 0) {
          return false;
        }
      }
      return true;
    } finally {
      b.close();
    }
  } finally {
    a.close();
  }
}
