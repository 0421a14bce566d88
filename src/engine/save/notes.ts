import { readdir, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { Model, SavePlan } from "../../core/model/types";
import type { SaveNote } from "../../protocol/engine";
import { externalTensors } from "../files/externalTensors";
import type { ModelFiles } from "../files/modelFiles";
import { isNameForData } from "./freshLocation";

/** Side files that a saved model needs besides those that were written for it. */
export function locationsKept(model: Model, { moved }: SavePlan): string[] {
  const kept: string[] = [];
  for (const [location, tensors] of externalTensors(model)) {
    if (location !== "" && tensors.some(({ tensor }) => !moved.has(tensor))) {
      kept.push(location);
    }
  }
  return kept;
}

/** What the user should know of a save that went well. */
export async function saveNotes(saved: {
  readonly path: string;
  readonly plan: SavePlan;
  /** Side files that the saved model needs, relative to it. */
  readonly needed: readonly string[];
  /** The files of the opened model when it was saved over itself. */
  readonly replaced: ModelFiles | undefined;
}): Promise<readonly SaveNote[]> {
  const { path, plan, needed, replaced } = saved;
  const notes: SaveNote[] = [];
  if (plan.outgrown) {
    const [side] = plan.sideFiles;
    notes.push({
      kind: "outgrown",
      message:
        `The model would have passed 2 GiB, where an ONNX file ends: its weights are now in ${side!.location}, ` +
        "which must stay beside it.",
    });
  }
  for (const name of await unneeded(path, needed, replaced)) {
    notes.push({
      kind: "unneeded",
      message: `${name} is no longer needed by ${basename(path)}: it can go if no other model uses it.`,
    });
  }
  return notes;
}

/** Files that earlier saves of this model wrote, and those that it had before, without a tensor in them now. */
async function unneeded(
  path: string,
  needed: readonly string[],
  replaced: ModelFiles | undefined,
): Promise<readonly string[]> {
  const folder = dirname(path);
  const present = await readdir(folder).catch((): string[] => []);
  const candidates = new Set([
    ...present.filter((name) => isNameForData(name, path)),
    ...(replaced?.locations ?? []),
  ]);
  const inUse = new Set(needed.map((location) => location.toLowerCase()));
  const found: string[] = [];
  for (const name of candidates) {
    if (!inUse.has(name.toLowerCase()) && (await isFile(join(folder, name)))) {
      found.push(name);
    }
  }
  return found;
}

async function isFile(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
}
