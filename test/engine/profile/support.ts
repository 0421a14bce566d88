import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import { buildSync } from "esbuild";
import { afterAll, onTestFinished } from "vitest";
import { infer } from "../../../src/core/infer/infer";
import { readModel } from "../../../src/core/model/reader";
import { TensorReader } from "../../../src/core/tensor/reader";
import { ModelFiles } from "../../../src/engine/files/modelFiles";
import { Session } from "../../../src/engine/session/session";
import { ModelState } from "../../../src/engine/session/state";
import type { Bindings } from "../../../src/protocol/engine";
import type { ProfileOptions, ProfileProgress, ProfileResult } from "../../../src/protocol/profiler";
import { linearModel, onnxModel, type TensorSpec } from "../../support/onnxBuilder";
import { fixturePath } from "../session/support";

const ROOT = join(import.meta.dirname, "../../..");

/** The profiler's program, built from the sources as they are; it must lie in the project to find onnxruntime. */
export function buildProfiler(): string {
  const outfile = join(ROOT, "out", "test", `profiler-${process.pid}.cjs`);
  buildSync({
    absWorkingDir: ROOT,
    entryPoints: ["src/profiler/main.ts"],
    outfile,
    bundle: true,
    platform: "node",
    format: "cjs",
    target: "node20",
    external: ["onnxruntime-node"],
    logLevel: "error",
  });
  afterAll(() => rmSync(outfile, { force: true }));
  return outfile;
}

/** A program that leaves its process id in a file and then is the profiler. */
export function announced(
  profilerPath: string,
  folder: string,
): { readonly path: string; pid(): Promise<number> } {
  const path = join(folder, "announced.cjs");
  const note = join(folder, "pid");
  writeFileSync(
    path,
    `require("node:fs").writeFileSync(${JSON.stringify(note)}, String(process.pid));
     require(${JSON.stringify(profilerPath)});`,
  );
  return {
    path,
    async pid() {
      while (!existsSync(note) || readFileSync(note, "utf8") === "") {
        await wait(10);
      }
      return Number(readFileSync(note, "utf8"));
    },
  };
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Scratch folders that this process has now. */
export function scratchFolders(): readonly string[] {
  return readdirSync(tmpdir()).filter((name) => name.startsWith(`onnxray-profile-${process.pid}-`));
}

export interface OpenedModel {
  readonly session: Session;
  readonly progress: readonly ProfileProgress[];
  profile(options?: Partial<ProfileOptions>, signal?: AbortSignal): Promise<ProfileResult>;
}

/** A session over the model, closed when the test ends. */
export function opened(profilerPath: string, path: string, bindings: Bindings = {}): OpenedModel {
  const progress: ProfileProgress[] = [];
  const session = new Session({
    profilerPath,
    emit: (event, payload) => {
      if (event === "profileProgress") {
        progress.push(payload as ProfileProgress);
      }
    },
  });
  onTestFinished(() => session.dispose());
  session.open({ path, bindings });
  return {
    session,
    progress,
    profile: (options = {}, signal = new AbortController().signal) =>
      session.profile({ provider: "cpu", runs: 2, warmup: 1, ...options }, signal),
  };
}

/** Sizes at which the facts of a fixture were recorded, and which it accepts. */
export function recordedDims(name: string): Bindings {
  const facts = fixturePath(name).replace(/\.onnx$/, ".facts.json");
  return (JSON.parse(readFileSync(facts, "utf8")) as { bindings: { dims: Bindings }[] }).bindings[0]!.dims;
}

/** Everything that follows from a model at these sizes; its files are closed when the test ends. */
export function stateOf(path: string, bindings: Bindings): ModelState {
  const files = new ModelFiles(path);
  onTestFinished(() => files.close());
  const model = readModel(files.source);
  const reader = new TensorReader(files.source, files);
  const inference = infer(model, { readSmall: (tensor) => reader.small(tensor, 256) });
  return new ModelState({ revision: 0, model, inference, bindings: new Map(Object.entries(bindings)) });
}

/** Writes y = x·W + b with W [128, 256] into a folder, both weights in a side file in a folder below. */
export function writeSideFileModel(folder: string): string {
  const path = join(folder, "side.onnx");
  const spec = linearModel(128, 256);
  const [weight, bias] = spec.graph.initializers!;
  mkdirSync(join(folder, "weights"));
  writeFileSync(join(folder, "weights", "all.bin"), Buffer.concat([weight!.raw!, bias!.raw!]));
  const aside = ({ name, type, dims }: TensorSpec, offset: number): TensorSpec => ({
    ...(name === undefined ? {} : { name }),
    type,
    dims,
    external: {
      location: "weights/all.bin",
      offset,
      length: dims.reduce<number>((size, dim) => size * Number(dim), 4),
    },
  });
  const initializers = [aside(weight!, 0), aside(bias!, weight!.raw!.length)];
  writeFileSync(path, onnxModel({ ...spec, graph: { ...spec.graph, initializers } }));
  return path;
}

/** Takes the first fix that is offered for a layer. */
export function applyFirstOffer({ session }: OpenedModel): void {
  const { rows } = session.table().page({ group: false, start: 0, count: 1000 });
  session.apply([rows.flatMap(({ key }) => session.offers(key).offers)[0]!.call]);
}

/** Makes the driver in software that comes with the test browser known; false when it is not there. */
export async function useSoftwareGpu(): Promise<boolean> {
  const script = pathToFileURL(join(ROOT, "scripts/lib/softwareGpu.mjs")).href;
  const { softwareGpuEnv } = (await import(script)) as { softwareGpuEnv(): NodeJS.ProcessEnv };
  Object.assign(process.env, softwareGpuEnv());
  return process.env["VK_ICD_FILENAMES"] !== undefined;
}
