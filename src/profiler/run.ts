import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { InferenceSession } from "onnxruntime-node";
import { ModelError } from "../core/errors";
import type { ProfileProgress, ProviderId, RunRequest, RunResult } from "../protocol/profiler";
import { makeInput } from "./inputs";
import { peakOfFirstRun } from "./memory";
import { deviceOf, isBuiltIn } from "./providers";
import { runtimeMessage } from "./runtimeMessage";
import { parseTrace, readTrace } from "./trace";

/** Events of one trace file, about 0.75 kB each: beyond this, reading them would take longer than the runs. */
const MAX_TRACE_EVENTS = 200_000;
/** Loops write events for each turn; a text beyond this does not fit into one string. */
const MAX_TRACE_BYTES = 400 * 1024 * 1024;
const MAX_TRACED_RUNS = 20;
/** Fewer say nothing about how the times spread. */
const MIN_RUNS = 5;
/** Half width of the 95 % interval of the mean, as part of the mean, at which more runs say nothing new. */
const NARROW = 0.01;

type Feeds = InferenceSession.FeedsType;

/**
 * Measures a model twice: first without a profiler, for times that are true, then with one, for times per node.
 * onnxruntime works synchronously inside its promises, so a caller that wants to stop kills this process.
 */
export async function runModel(
  request: RunRequest,
  onProgress: (progress: ProfileProgress) => void,
): Promise<RunResult> {
  const { options } = request;
  if (!isBuiltIn(options.provider)) {
    throw providerError(request, "did not load the model", "this build does not have that provider.");
  }
  const feeds: Feeds = Object.fromEntries(
    request.inputs.map((spec, index) => [spec.name, makeInput(spec, options.seed + index)]),
  );
  onProgress({ phase: "load", done: 0, total: 2 });
  const model = request.externalFolder === null ? request.modelPath : await readFile(request.modelPath);
  const work: Work = { request, model, feeds, onProgress };
  const timed = await timeRuns(work);
  onProgress({ phase: "load", done: 1, total: 2 });
  const traced = await traceRuns(work);
  return { device: deviceOf(options.provider), ...timed, ...traced };
}

interface Work {
  readonly request: RunRequest;
  /** Path, or the bytes when the side files are in another folder. */
  readonly model: string | Uint8Array;
  readonly feeds: Feeds;
  readonly onProgress: (progress: ProfileProgress) => void;
}

function sessionOptions({ options, externalFolder }: RunRequest): InferenceSession.SessionOptions {
  const fallback: ProviderId[] = options.provider === "cpu" ? [] : ["cpu"];
  return {
    executionProviders: [options.provider, ...fallback],
    graphOptimizationLevel: options.unfused ? "disabled" : "all",
    logSeverityLevel: 4,
    ...(options.threads > 0 ? { intraOpNumThreads: options.threads } : {}),
    ...(externalFolder === null
      ? {}
      : { extra: { session: { model_external_initializers_file_folder_path: externalFolder } } }),
  };
}

async function create(
  { request, model }: Work,
  extra: InferenceSession.SessionOptions = {},
): Promise<InferenceSession> {
  const options = { ...sessionOptions(request), ...extra };
  try {
    return typeof model === "string"
      ? await InferenceSession.create(model, options)
      : await InferenceSession.create(model, options);
  } catch (thrown) {
    throw providerError(request, "did not load the model", thrown);
  }
}

/** @param fetches outputs to copy back; all when absent */
async function runOnce(
  { request, feeds }: Work,
  session: InferenceSession,
  fetches?: readonly string[],
): Promise<number> {
  const start = performance.now();
  try {
    await (fetches === undefined ? session.run(feeds) : session.run(feeds, fetches));
  } catch (thrown) {
    throw providerError(request, "failed while running the model", thrown);
  }
  return performance.now() - start;
}

async function timeRuns(work: Work): Promise<Pick<RunResult, "createMs" | "firstRunMs" | "runsMs">> {
  const { options } = work.request;
  const start = performance.now();
  const session = await create(work);
  const createMs = performance.now() - start;
  try {
    const { fetches } = work.request;
    const firstRunMs = await runOnce(work, session, fetches);
    for (let done = 1; done < options.warmup; done++) {
      work.onProgress({ phase: "warmup", done, total: options.warmup });
      await runOnce(work, session, fetches);
      await breathe();
    }
    const runsMs: number[] = [];
    const deadline = performance.now() + options.maxSeconds * 1000;
    while (runsMs.length < options.runs) {
      runsMs.push(await runOnce(work, session, fetches));
      work.onProgress({ phase: "run", done: runsMs.length, total: options.runs });
      await breathe();
      if (performance.now() > deadline || (runsMs.length >= MIN_RUNS && isNarrow(runsMs))) {
        break;
      }
    }
    return { createMs, firstRunMs, runsMs };
  } finally {
    await session.release();
  }
}

async function traceRuns(work: Work): Promise<Pick<RunResult, "trace" | "heldBytes" | "optimizedModelPath">> {
  const { options, nodeCount, fetches } = work.request;
  const { session, optimizedModelPath } = await createTraced(work);
  const affordable = Math.floor(MAX_TRACE_EVENTS / Math.max(1, nodeCount * 2)) - 1;
  const runs = Math.max(1, Math.min(options.runs, MAX_TRACED_RUNS, affordable));
  const deadline = performance.now() + options.maxSeconds * 1000;
  try {
    work.onProgress({ phase: "trace", done: 0, total: 1 + runs });
    // All outputs: one that nobody fetches is let go at once, as it would not be for who wants it.
    await runOnce(work, session);
    for (let done = 1; done <= runs; done++) {
      work.onProgress({ phase: "trace", done, total: 1 + runs });
      await breathe();
      await runOnce(work, session, fetches);
      if (performance.now() > deadline) {
        break;
      }
    }
    session.endProfiling();
  } finally {
    await session.release();
  }
  const events = parseTrace(await traceText(work.request));
  return { trace: readTrace(events, 1), heldBytes: peakOfFirstRun(events), optimizedModelPath };
}

/** The optimised graph is wanted, not needed: one that cannot be written costs the names of fused nodes, not the profile. */
async function createTraced(
  work: Work,
): Promise<{ readonly session: InferenceSession; readonly optimizedModelPath: string | null }> {
  const { scratch, dumpOptimized } = work.request;
  const profiling = { enableProfiling: true, profileFilePrefix: join(scratch, "trace") };
  if (dumpOptimized) {
    const optimizedModelPath = join(scratch, "optimized.onnx");
    try {
      const session = await create(work, { ...profiling, optimizedModelFilePath: optimizedModelPath });
      return { session, optimizedModelPath };
    } catch {
      // Creating it again tells whether the model or the writing was at fault.
    }
  }
  return { session: await create(work, profiling), optimizedModelPath: null };
}

async function traceText({ scratch, modelPath }: RunRequest): Promise<string> {
  const names = (await readdir(scratch)).filter((name) => name.startsWith("trace") && name.endsWith(".json"));
  const sized = await Promise.all(
    names.map(async (name) => ({ path: join(scratch, name), size: (await stat(join(scratch, name))).size })),
  );
  const largest = sized.sort((a, b) => b.size - a.size)[0];
  if (largest === undefined) {
    throw new ModelError("provider", "onnxruntime wrote no trace.", { file: modelPath });
  }
  if (largest.size > MAX_TRACE_BYTES) {
    throw new ModelError(
      "limit",
      `onnxruntime wrote a trace of ${largest.size} bytes, too long to read.`,
      { file: modelPath },
      "Loops that turn many times make long traces: choose smaller dims, or fewer runs.",
    );
  }
  return readFile(largest.path, "utf8");
}

function isNarrow(times: readonly number[]): boolean {
  const mean = times.reduce((sum, time) => sum + time, 0) / times.length;
  const variance = times.reduce((sum, time) => sum + (time - mean) ** 2, 0) / (times.length - 1);
  return (1.96 * Math.sqrt(variance / times.length)) / mean < NARROW;
}

/** Lets progress leave the process between two runs, which block it. */
function breathe(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function providerError({ options, modelPath }: RunRequest, what: string, thrown: unknown): ModelError {
  const message = runtimeMessage(thrown);
  return new ModelError(
    "provider",
    `onnxruntime (${options.provider}) ${what}: ${message}`,
    { file: modelPath },
    hintFor(message, options.provider),
  );
}

function hintFor(message: string, provider: ProviderId): string {
  if (/out of (data )?bounds|out of range|invalid index/i.test(message)) {
    return "An index passed the end of a table, as happens when a sequence is longer than the model allows: choose smaller dims.";
  }
  if (/allocate memory|bad_alloc|out of memory|allocation size/i.test(message)) {
    return "There is not enough memory for these dims: choose smaller ones.";
  }
  return provider === "cpu"
    ? "The dims or the generated inputs may not fit this model; try other dim values."
    : "Try the CPU provider to see whether the model or the provider is the cause.";
}
