import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { InferenceSession } from "onnxruntime-node";
import { ModelError } from "../core/errors";
import type { ProfileProgress, ProviderId, RunRequest, RunResult } from "../protocol/profiler";
import { makeInput } from "./inputs";
import { deviceOf } from "./providers";
import { readTrace } from "./trace";

/** Events of one trace file, about 0.75 kB each: beyond this, reading them would take longer than the runs. */
const MAX_TRACE_EVENTS = 200_000;
const MAX_TRACED_RUNS = 20;
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
  const feeds: Feeds = Object.fromEntries(
    request.inputs.map((spec, index) => [spec.name, makeInput(spec, options.seed + index)]),
  );
  onProgress({ phase: "load", done: 0, total: 2 });
  const timed = await timeRuns(request, feeds, onProgress);
  onProgress({ phase: "load", done: 1, total: 2 });
  const traced = await traceRuns(request, feeds, onProgress);
  return { device: deviceOf(options.provider), ...timed, ...traced, notes: [] };
}

function sessionOptions(request: RunRequest): InferenceSession.SessionOptions {
  const { options } = request;
  const fallback: ProviderId[] = options.provider === "cpu" ? [] : ["cpu"];
  return {
    executionProviders: [options.provider, ...fallback],
    graphOptimizationLevel: options.unfused ? "disabled" : "all",
    logSeverityLevel: 4,
    ...(options.threads > 0 ? { intraOpNumThreads: options.threads } : {}),
  };
}

async function create(
  request: RunRequest,
  extra: InferenceSession.SessionOptions = {},
): Promise<InferenceSession> {
  try {
    return await InferenceSession.create(request.modelPath, { ...sessionOptions(request), ...extra });
  } catch (thrown) {
    throw providerError(request, "did not load the model", thrown);
  }
}

async function runOnce(request: RunRequest, session: InferenceSession, feeds: Feeds): Promise<number> {
  const start = performance.now();
  try {
    await session.run(feeds, request.fetches);
  } catch (thrown) {
    throw providerError(request, "failed while running the model", thrown);
  }
  return performance.now() - start;
}

async function timeRuns(
  request: RunRequest,
  feeds: Feeds,
  onProgress: (progress: ProfileProgress) => void,
): Promise<Pick<RunResult, "createMs" | "firstRunMs" | "runsMs">> {
  const { options } = request;
  const start = performance.now();
  const session = await create(request);
  const createMs = performance.now() - start;
  try {
    const firstRunMs = await runOnce(request, session, feeds);
    for (let done = 1; done < options.warmup; done++) {
      onProgress({ phase: "warmup", done, total: options.warmup });
      await runOnce(request, session, feeds);
      await breathe();
    }
    const runsMs: number[] = [];
    const deadline = performance.now() + options.maxSeconds * 1000;
    while (runsMs.length < options.runs) {
      runsMs.push(await runOnce(request, session, feeds));
      onProgress({ phase: "run", done: runsMs.length, total: options.runs });
      await breathe();
      const enough = runsMs.length >= Math.min(MIN_RUNS, options.runs);
      if (enough && (performance.now() > deadline || isNarrow(runsMs))) {
        break;
      }
    }
    return { createMs, firstRunMs, runsMs };
  } finally {
    await session.release();
  }
}

async function traceRuns(
  request: RunRequest,
  feeds: Feeds,
  onProgress: (progress: ProfileProgress) => void,
): Promise<Pick<RunResult, "trace" | "optimizedModelPath">> {
  const { options, scratch } = request;
  const optimizedModelPath = request.dumpOptimized ? join(scratch, "optimized.onnx") : null;
  const session = await create(request, {
    enableProfiling: true,
    profileFilePrefix: join(scratch, "trace"),
    ...(optimizedModelPath === null ? {} : { optimizedModelFilePath: optimizedModelPath }),
  });
  const affordable = Math.floor(MAX_TRACE_EVENTS / Math.max(1, request.nodeCount * 2)) - 1;
  const runs = Math.max(1, Math.min(options.runs, MAX_TRACED_RUNS, affordable));
  const warmup = Math.min(1, options.warmup);
  try {
    for (let done = 0; done < warmup + runs; done++) {
      onProgress({ phase: "trace", done, total: warmup + runs });
      await runOnce(request, session, feeds);
      await breathe();
    }
    session.endProfiling();
  } finally {
    await session.release();
  }
  const file = (await readdir(scratch)).find((name) => name.startsWith("trace") && name.endsWith(".json"));
  if (file === undefined) {
    throw new ModelError("provider", "onnxruntime wrote no trace.", { file: request.modelPath });
  }
  return { trace: readTrace(await readFile(join(scratch, file), "utf8"), warmup), optimizedModelPath };
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

function providerError(request: RunRequest, what: string, thrown: unknown): ModelError {
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return new ModelError(
    "provider",
    `onnxruntime (${request.options.provider}) ${what}: ${message.slice(0, 1000)}`,
    { file: request.modelPath },
    request.options.provider === "cpu"
      ? "The dims or the generated inputs may not fit this model; try other dim values."
      : "Try the CPU provider to see whether the model or the provider is the cause.",
  );
}
