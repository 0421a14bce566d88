import { MemoryPlan } from "../../core/analysis/memory";
import { ModelError } from "../../core/errors";
import { readModel } from "../../core/model/reader";
import { type DType, packedBytes } from "../../core/tensor/dtype";
import type { TensorReader } from "../../core/tensor/reader";
import type {
  InputSpec,
  MeasuredMemory,
  ProfileOptions,
  ProfileProgress,
  ProfileResult,
  RunRequest,
  RunResult,
  TraceNode,
} from "../../protocol/profiler";
import { errorDataOf, RpcError } from "../../rpc/error";
import { FileSource } from "../files/fileSource";
import type { ModelFiles } from "../files/modelFiles";
import type { ModelState } from "../session/state";
import { throwIfCancelled, withProfiler } from "./child";
import { smallestOutput } from "./fetches";
import { inputSpecs } from "./inputs";
import { type Joined, joinTrace } from "./join/joinTrace";
import { OriginalGraphs } from "./join/original";
import { providerTitle } from "./join/providerTitle";
import type { Figures } from "./join/shares";
import { notesOf } from "./notes";
import { planRun, writeRun } from "./runnable";
import { withScratch } from "./scratch";
import { statisticsOf } from "./statistics";

export interface ProfileRequest {
  /** The profiler's bundle, which is run as a child process. */
  readonly profilerPath: string;
  readonly state: ModelState;
  readonly files: ModelFiles;
  readonly reader: TensorReader;
  /** False: the file on disk is what is to be run. */
  readonly edited: boolean;
  readonly options: ProfileOptions;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: ProfileProgress) => void;
}

/**
 * The optimised graph is written with its weights; above this, writing would take longer than measuring. Weights in
 * side files do not count, since it goes on naming them there.
 */
const DUMP_UP_TO_BYTES = 2 ** 30;

/**
 * Measures the model as it is now at the bound dims, in a process of its own: times of whole runs, and of each node.
 * Whatever happens, neither a process nor a file is left behind.
 *
 * @throws ModelError "usage" for what cannot be fed, "provider" when onnxruntime fails or crashes, "cancelled", "stale",
 * "io"
 */
export async function profileModel(request: ProfileRequest): Promise<ProfileResult> {
  const { state, signal, files } = request;
  throwIfCancelled(signal);
  const options = withDefaults(request.options);
  // The model may be edited and its dims changed while it runs: what is needed of it is taken now.
  const plan = planRun(state.model, files, request.reader, request.edited);
  const inputs = inputSpecs(state);
  const fetches = smallestOutput(state);
  const originals = new OriginalGraphs(state.model.graph, state.nodes, state.graphs);
  const figures = { positionOf: state.positionOf, columns: state.columns };
  const { bindings } = state;
  const estimated = new MemoryPlan(state.model, state.inference).at(bindings).peakBytes;
  return withScratch(async (scratch) => {
    const { path, externalFolder, byteLength } = await writeRun(plan, scratch, signal, request.onProgress);
    const run = await runInChild(request, {
      modelPath: path,
      externalFolder,
      inputs,
      fetches,
      nodeCount: state.nodes.length,
      dumpOptimized: byteLength <= DUMP_UP_TO_BYTES,
      options,
      scratch,
    }).catch((thrown: unknown) => {
      throw inTermsOf(thrown, path, files.source.name);
    });
    const joined = joinRun(run, originals, figures);
    const statistics = statisticsOf(run.runsMs);
    return {
      revision: state.revision,
      provider: options.provider,
      device: run.device,
      bindings: Object.fromEntries(bindings),
      runs: run.runsMs.length,
      createMs: run.createMs,
      firstRunMs: run.firstRunMs,
      p50Ms: statistics.p50,
      p90Ms: statistics.p90,
      p99Ms: statistics.p99,
      meanMs: statistics.mean,
      stdDevMs: statistics.stdDev,
      ...joined,
      memory: memoryOf(run.heldBytes, inputs, estimated),
      placement: placementOf(run.trace),
      notes: notesOf(options, run, statistics, joined, inputs.length),
    };
  });
}

function withDefaults(options: ProfileOptions): Required<ProfileOptions> {
  return { warmup: 3, runs: 50, maxSeconds: 20, threads: 0, seed: 0, unfused: false, ...options };
}

function runInChild(request: ProfileRequest, params: RunRequest): Promise<RunResult> {
  return withProfiler(request.profilerPath, request.signal, (peer) => {
    peer.on("profileProgress", request.onProgress);
    return peer.call("run", params);
  });
}

function joinRun(run: RunResult, originals: OriginalGraphs, figures: Figures): Joined {
  if (run.optimizedModelPath === null) {
    return joinTrace(run.trace, originals, undefined, figures);
  }
  const source = new FileSource(run.optimizedModelPath);
  try {
    return joinTrace(run.trace, originals, readModel(source), figures);
  } finally {
    source.close();
  }
}

function memoryOf(
  heldBytes: number | null,
  inputs: readonly InputSpec[],
  estimatedBytes: number | undefined,
): MeasuredMemory | null {
  if (heldBytes === null) {
    return null;
  }
  const fed = inputs.reduce((sum, { dtype, shape }) => {
    const elements = shape.reduce((product, size) => product * size, 1);
    return sum + packedBytes(dtype as DType, elements);
  }, 0);
  return { peakBytes: heldBytes + fed, estimatedBytes: estimatedBytes ?? null };
}

function placementOf(trace: readonly TraceNode[]): ProfileResult["placement"] {
  const places = new Map<string, { provider: string; nodes: number; ms: number }>();
  for (const { provider, ms } of trace) {
    const title = providerTitle(provider);
    const place = places.get(title) ?? { provider: title, nodes: 0, ms: 0 };
    place.nodes++;
    place.ms += ms;
    places.set(title, place);
  }
  return [...places.values()].sort((a, b) => b.ms - a.ms);
}

/** The child speaks of the file that it was given; the user knows another one. */
function inTermsOf(thrown: unknown, path: string, name: string): unknown {
  if (!(thrown instanceof RpcError) && !(thrown instanceof ModelError)) {
    return thrown;
  }
  const { code, message, where, hint } = errorDataOf(thrown);
  const file = where?.file === path ? name : where?.file;
  return new ModelError(
    code,
    message.replaceAll(path, name),
    { ...where, ...(file === undefined ? {} : { file }) },
    hint,
  );
}
