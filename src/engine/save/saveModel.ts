import { realpath } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { ModelError } from "../../core/errors";
import type { Model, SavePlan, Segment } from "../../core/model/types";
import { planSave } from "../../core/model/writer";
import type { TensorReader } from "../../core/tensor/reader";
import type { Fingerprint, SaveNote, SaveProgress } from "../../protocol/engine";
import { externalTensors } from "../files/externalTensors";
import { fingerprintOf, sameFile } from "../files/fileSource";
import type { ModelFiles } from "../files/modelFiles";
import { atomicWrite, demandRoom, removeQuietly, saveError } from "./atomicWrite";
import { pooledChunks } from "./chunks";
import { ComputePool } from "./compute/pool";
import { freshLocation } from "./freshLocation";
import { Meter } from "./meter";
import { locationsKept, saveNotes } from "./notes";
import { type Companion, companionsOf, copyCompanion, demandNoSideFile } from "./sideFiles";

export interface SaveRequest {
  readonly model: Model;
  readonly files: ModelFiles;
  readonly reader: TensorReader;
  readonly path: string;
  /** The file as this session knows it; given when saving over the opened file: refused as stale when it differs. */
  readonly expected?: Fingerprint;
  /** All external data goes into one new side file. */
  readonly compact?: boolean;
  /** Program of the threads that compute new tensors; without it, and where there is little to do, this thread does. */
  readonly computePath?: string;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: SaveProgress) => void;
}

export interface Saved {
  readonly path: string;
  /** Side files that this save wrote: new tensors, and data taken along into another folder. */
  readonly sideFiles: readonly string[];
  readonly notes: readonly SaveNote[];
  readonly bytes: number;
  readonly fingerprint: Fingerprint;
}

/**
 * Writes the model as it is now. The .onnx file comes last, after every file that it needs, and takes its place in one
 * step: whatever goes wrong before leaves the old file and the folder as they were. Side files are never written over.
 *
 * @throws ModelError "stale" when the file on disk is not the one that was opened, "refused" when a file is in the way,
 * "cancelled", "io", or what reading and planning throw
 */
export async function saveModel(request: SaveRequest): Promise<Saved> {
  const written: string[] = [];
  try {
    return await save(request, written);
  } catch (thrown) {
    for (const sideFile of written) {
      await removeQuietly(sideFile);
    }
    throw saveError(thrown, request.path, request.signal);
  }
}

/** @param written takes the side files that are there already when it fails */
async function save(request: SaveRequest, written: string[]): Promise<Saved> {
  const { model, files, signal } = request;
  const path = resolve(request.path);
  const folder = dirname(path);
  const target = await behindLinks(path);
  checkFresh(request, target);
  const locations = [...externalTensors(model).keys()].filter((location) => location !== "");
  await demandNoSideFile(path, target, new Set([...locations, ...files.locations]), files);
  const plan = planSave(model, {
    externalLocation: await freshLocation(path, locations),
    gather: request.compact === true,
  });
  const kept = locationsKept(model, plan);
  const companions = await companionsOf(folder, kept, files, signal);
  const meter = new Meter(totalBytes(plan, companions), request.onProgress);
  await demandRoom(folder, meter.total, path);
  for (const companion of companions) {
    written.push(await copyCompanion(companion, files, signal, meter));
  }
  const fingerprint = await withPool(request, plan, async (chunks) => {
    for (const { location, segments, byteLength } of plan.sideFiles) {
      const sideFile = join(folder, location);
      await atomicWrite(sideFile, byteLength, chunks(segments), {
        signal,
        onBytes: (bytes) => meter.add(bytes),
        onlyNew: true,
      });
      written.push(sideFile);
    }
    return await writeModel(request, target, plan, chunks(plan.segments), meter);
  });
  meter.finish();
  const notes = await saveNotes({
    ...{ path, plan },
    needed: [...kept, ...plan.sideFiles.map(({ location }) => location)],
    replaced: request.expected === undefined ? undefined : files,
  });
  return { path, sideFiles: [...written], notes, bytes: meter.total, fingerprint };
}

/** What a plan writes, with new tensors computed in threads while earlier ones are written. */
async function withPool<T>(
  { model, files, reader, computePath, signal }: SaveRequest,
  plan: SavePlan,
  work: (chunks: (segments: readonly Segment[]) => AsyncIterable<Uint8Array>) => Promise<T>,
): Promise<T> {
  const inOrder = [...plan.sideFiles.flatMap(({ segments }) => segments), ...plan.segments];
  const tensors = inOrder.flatMap((segment) => (segment.kind === "tensor" ? [segment.tensor] : []));
  const pool = ComputePool.for(computePath, tensors, files);
  const stop = () => pool?.fail(signal.reason);
  signal.addEventListener("abort", stop);
  try {
    return await work((segments) => pooledChunks(segments, model.source, reader, pool));
  } finally {
    signal.removeEventListener("abort", stop);
    await pool?.dispose();
  }
}

async function writeModel(
  { signal, ...request }: SaveRequest,
  target: string,
  plan: SavePlan,
  chunks: AsyncIterable<Uint8Array>,
  meter: Meter,
): Promise<Fingerprint> {
  let fingerprint: Fingerprint | undefined;
  await atomicWrite(target, plan.byteLength, chunks, {
    signal,
    onBytes: (bytes) => meter.add(bytes),
    beforeRename: (temporary) => {
      checkFresh(request, target);
      fingerprint = fingerprintOf(temporary);
    },
  });
  return fingerprint!;
}

/**
 * A link stays a link: the file that it leads to is replaced. New side files all the same go beside the link, since
 * readers look for them there.
 */
async function behindLinks(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch {
    return path;
  }
}

/** @throws ModelError("stale") when another program wrote the file that is about to be replaced or copied from */
function checkFresh({ files, expected }: Pick<SaveRequest, "files" | "expected">, target: string): void {
  files.source.demandUnchanged();
  if (expected === undefined) {
    return;
  }
  let present: Fingerprint;
  try {
    present = fingerprintOf(target);
  } catch (thrown) {
    // A file that is gone loses nothing when it is written again.
    if (thrown instanceof ModelError && thrown.code === "missing") {
      return;
    }
    throw thrown;
  }
  if (!sameFile(present, expected)) {
    throw new ModelError(
      "stale",
      `${basename(target)} was changed on disk by another program since it was opened.`,
      { file: target },
      "Save under another name to keep both, or reload the file and lose the edits.",
    );
  }
}

function totalBytes(plan: SavePlan, companions: readonly Companion[]): number {
  return [
    plan.byteLength,
    ...plan.sideFiles.map(({ byteLength }) => byteLength),
    ...companions.map(({ size }) => size),
  ].reduce((sum, bytes) => sum + bytes, 0);
}
