import { realpathSync } from "node:fs";
import { link, mkdir, open } from "node:fs/promises";
import { dirname, join } from "node:path";
import { ModelError } from "../../core/errors";
import type { Model, SavePlan } from "../../core/model/types";
import { planSave } from "../../core/model/writer";
import type { TensorReader } from "../../core/tensor/reader";
import type { ByteSource } from "../../core/wire/source";
import type { ProfileProgress } from "../../protocol/profiler";
import { externalTensors } from "../files/externalTensors";
import type { ModelFiles } from "../files/modelFiles";
import { contains } from "../files/sideFile";
import { breathe } from "../save/breathe";
import { segmentChunks } from "../save/chunks";
import { cancelled } from "./child";
import { demandRoom } from "./scratch";

/** A model file that onnxruntime can open. */
export interface Runnable {
  readonly path: string;
  /** Folder of its side files when they are not beside it. */
  readonly externalFolder: string | null;
  readonly byteLength: number;
}

const MODEL_NAME = "model.onnx";
const PROGRESS_STEP = 1 << 24;

/** What a run needs of the model, taken at once: it may be edited while it is written and measured. */
export interface RunPlan {
  readonly files: ModelFiles;
  readonly reader: TensorReader;
  readonly source: ByteSource;
  /** Undefined: the opened file itself. */
  readonly edited:
    | {
        readonly locations: readonly string[];
        /** With new weights in a side file; undefined when the model has no side files. */
        readonly aside: SavePlan | undefined;
        /** With new weights in the model; undefined when it would be too large. */
        readonly within: SavePlan | undefined;
      }
    | undefined;
}

/** @throws ModelError "stale" when another program changed the file, "limit" when the edited model is too large */
export function planRun(model: Model, files: ModelFiles, reader: TensorReader, edited: boolean): RunPlan {
  files.source.demandUnchanged();
  const plan = { files, reader, source: model.source };
  if (!edited) {
    return { ...plan, edited: undefined };
  }
  const locations = [...externalTensors(model).keys()].filter((location) => location !== "");
  if (locations.length === 0) {
    const within = planSave(model, { externalLocation: unusedLocation(locations) });
    return { ...plan, edited: { locations, aside: undefined, within } };
  }
  const aside = planSave(model, { externalLocation: unusedLocation(locations) });
  return { ...plan, edited: { locations, aside, within: ifNotTooLarge(() => planSave(model)) } };
}

/**
 * The file to run: the opened one, or the edited model written into `folder`. Side files are linked there, or named
 * where they are, and never copied.
 *
 * @throws ModelError "io" when there is no room, "refused" when the side files cannot be reached, "cancelled"
 */
export async function writeRun(
  plan: RunPlan,
  folder: string,
  signal: AbortSignal,
  onProgress: (progress: ProfileProgress) => void,
): Promise<Runnable> {
  const { files, edited } = plan;
  if (edited === undefined) {
    return { path: files.path, externalFolder: null, byteLength: files.source.size };
  }
  const { locations, aside, within } = edited;
  const linked = aside !== undefined && (await linkAll(files, locations, folder));
  const save = linked ? aside : within;
  if (save === undefined) {
    throw new ModelError(
      "limit",
      "The edited model is too large for one file, and its side files are on another disk than temporary files.",
      { file: files.source.name },
      "Save the model and profile the saved file.",
    );
  }
  const path = join(folder, MODEL_NAME);
  const parts = [
    { target: path, segments: save.segments, byteLength: save.byteLength },
    ...save.sideFiles.map(({ location, ...part }) => ({ target: join(folder, location), ...part })),
  ];
  const total = parts.reduce((sum, part) => sum + part.byteLength, 0);
  await demandRoom(folder, total);
  let done = 0;
  for (const { target, segments, byteLength } of parts) {
    const chunks = segmentChunks(segments, plan.source, plan.reader);
    await writeChunks(target, chunks, signal, (bytes) =>
      onProgress({ phase: "write", done: done + bytes, total }),
    );
    done += byteLength;
  }
  const beside = locations.length === 0 || linked;
  return { path, externalFolder: beside ? null : commonHome(files, locations), byteLength: save.byteLength };
}

/** A name for new weights that no tensor names yet. */
function unusedLocation(locations: readonly string[]): string {
  const taken = new Set([MODEL_NAME, ...locations].map((location) => location.toLowerCase()));
  let count = 1;
  while (taken.has(`new-${count}.data`)) {
    count++;
  }
  return `new-${count}.data`;
}

function ifNotTooLarge(plan: () => SavePlan): SavePlan | undefined {
  try {
    return plan();
  } catch (thrown) {
    if (thrown instanceof ModelError && thrown.code === "limit") {
      return undefined;
    }
    throw thrown;
  }
}

async function writeChunks(
  path: string,
  chunks: Iterable<Uint8Array>,
  signal: AbortSignal,
  onBytes: (done: number) => void,
): Promise<void> {
  const handle = await open(path, "wx", 0o600);
  let done = 0;
  let reported = 0;
  onBytes(0);
  try {
    for await (const chunk of breathe(chunks, signal)) {
      await handle.writeFile(chunk);
      done += chunk.length;
      if (done - reported >= PROGRESS_STEP) {
        reported = done;
        onBytes(done);
      }
    }
    onBytes(done);
  } catch (thrown) {
    throw signal.aborted ? cancelled() : thrown;
  } finally {
    await handle.close();
  }
}

/** Links, so that a side file of many gigabytes costs nothing; impossible across disks and on some file systems. */
async function linkAll(files: ModelFiles, locations: readonly string[], folder: string): Promise<boolean> {
  try {
    for (const location of locations) {
      const target = join(folder, location);
      await mkdir(dirname(target), { recursive: true });
      await link(files.find(location).path, target);
    }
    return true;
  } catch (thrown) {
    if (thrown instanceof ModelError) {
      throw thrown;
    }
    return false;
  }
}

/** onnxruntime takes one folder for all side files and refuses links that lead out of it. */
function commonHome(files: ModelFiles, locations: readonly string[]): string {
  const homes = [realpathSync(dirname(files.path)), dirname(realpathSync(files.path))];
  const home = homes.find((candidate) =>
    locations.every((location) => contains(candidate, files.find(location).path)),
  );
  if (home === undefined) {
    throw new ModelError(
      "refused",
      "The side files of this model lie in different folders, where onnxruntime does not open them.",
      { file: files.source.name },
      "Save the edited model as a new file and profile that.",
    );
  }
  return home;
}
