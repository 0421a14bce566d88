import { realpathSync, type Stats, statSync } from "node:fs";
import { dirname, join, relative, sep } from "node:path";
import { ModelError } from "../../core/errors";

/** A file that a model names beside itself, as it lies on disk. */
export interface SideFile {
  /** With every link followed, so that opening it cannot lead elsewhere any more. */
  readonly path: string;
  readonly size: number;
}

/**
 * Finds the file that a tensor's location names, without opening it. A location comes from the file, so it is not
 * trusted: it must stay in the model's folder, links followed. A model that is itself a link may have its data beside
 * the file that the link leads to, as download caches lay them out.
 *
 * @throws ModelError "refused" when it leaves the folder or is no regular file, "missing" when nothing is there
 */
export function findSideFile(modelPath: string, location: string): SideFile {
  demandRelative(location);
  const folder = dirname(modelPath);
  try {
    const path = realpathSync(join(folder, location));
    const homes = [realpathSync(folder), dirname(realpathSync(modelPath))];
    if (!homes.some((home) => contains(home, path))) {
      throw refused(location, "is a link that leads out of the model's folder");
    }
    const stats = statSync(path);
    if (!stats.isFile()) {
      throw refused(location, `is ${kindOf(stats)}, not a data file`);
    }
    return { path, size: stats.size };
  } catch (thrown) {
    throw asModelError(thrown, location);
  }
}

/**
 * Refuses a location that can be seen to leave the folder. Backslashes and drive letters count on every platform: a
 * model must not be harmless on one machine and reach out on another.
 *
 * @throws ModelError "refused"
 */
export function demandRelative(location: string): void {
  if (location === "") {
    throw new ModelError("missing", "A tensor is said to be in an external file, but no file is named.");
  }
  if (location.includes("\0")) {
    throw refused(location.replaceAll("\0", "\\0"), "has a zero byte in its name");
  }
  if (/^([\\/]|[a-z]:)/i.test(location)) {
    throw refused(location, "is an absolute path");
  }
  let depth = 0;
  for (const part of location.split(/[\\/]/)) {
    depth += part === ".." ? -1 : part === "" || part === "." ? 0 : 1;
    if (depth < 0) {
      throw refused(location, "leads out of the model's folder");
    }
  }
}

/** True when a path without links is a folder or lies below it. */
export function contains(folder: string, path: string): boolean {
  const way = relative(folder, path);
  return way === "" || (way !== ".." && !way.startsWith(`..${sep}`) && !/^([a-z]:|[\\/])/i.test(way));
}

/** What something on disk is that is no regular file. */
export function kindOf(stats: Stats): string {
  return stats.isDirectory() ? "a folder" : stats.isFIFO() ? "a pipe" : "a device";
}

function refused(location: string, why: string): ModelError {
  return new ModelError(
    "refused",
    `The external data file "${shortened(location)}" ${why}; it is not opened.`,
    { file: shortened(location) },
    "External data must lie in the model's folder or below it. If you trust the file, move it there.",
  );
}

function asModelError(thrown: unknown, location: string): unknown {
  const { code, message } = thrown as NodeJS.ErrnoException;
  if (thrown instanceof ModelError || code === undefined) {
    return thrown;
  }
  const name = shortened(location);
  return code === "ENOENT" || code === "ENOTDIR"
    ? new ModelError(
        "missing",
        `The external data file "${name}" is not there.`,
        { file: name },
        "Copy it beside the .onnx file, under the name that the model gives.",
      )
    : new ModelError(
        "io",
        // The rest of the system's message repeats the path, which may be very long.
        `Cannot open the external data file "${name}": ${message.split(",")[0]}.`,
        { file: name },
      );
}

/** A location may be long and is shown in messages. */
function shortened(location: string): string {
  return location.length > 200 ? `${location.slice(0, 200)}…` : location;
}
