import { availableParallelism } from "node:os";
import type { ProfileOptions, ProfileResult, RunResult } from "../../protocol/profiler";
import { providerTitle } from "./join/providerTitle";
import type { Statistics } from "./statistics";

/** Spread of run times, as part of their mean, from which on a difference of ten percent means nothing. */
const NOISY = 0.1;
const FEW_RUNS = 5;
const OPS_NAMED = 5;

/** Whose kernels' own times the trace has; other providers only say how long it took to start them. */
const TIMED: ReadonlySet<ProfileOptions["provider"]> = new Set(["cpu", "webgpu"]);

/** Sentences that the reader of a profile must know. */
export function notesOf(
  options: Required<ProfileOptions>,
  run: RunResult,
  statistics: Statistics,
  joined: Pick<ProfileResult, "unmapped" | "unmappedMs" | "nodesMs">,
  inputs: number,
): string[] {
  const notes: string[] = [];
  if (inputs > 0) {
    notes.push("The inputs were made up; their contents do not change the time of most models.");
  }
  if (run.runsMs.length < FEW_RUNS) {
    notes.push(`Only ${run.runsMs.length} ${run.runsMs.length === 1 ? "run was" : "runs were"} measured.`);
  } else if (statistics.stdDev > NOISY * statistics.mean) {
    const spread = Math.round((100 * statistics.stdDev) / statistics.mean);
    notes.push(`The run times spread by ${spread} %: close other programs, or measure more runs.`);
  }
  const cores = availableParallelism();
  if (options.threads > cores) {
    notes.push(`${options.threads} threads on ${cores} cores make a run slower, often several times.`);
  }
  const fallback = fallbackNote(options, run);
  if (fallback !== undefined) {
    notes.push(fallback);
  }
  if (!TIMED.has(options.provider)) {
    notes.push(
      "onnxruntime may report for nodes on this provider the time to start their work, not to finish it; the times of whole runs are right.",
    );
  }
  if (run.optimizedModelPath === null) {
    notes.push("The optimised graph could not be written, so fused kernels are only found by their names.");
  }
  if (joined.unmapped.length > 0) {
    const share = joined.nodesMs > 0 ? (100 * joined.unmappedMs) / joined.nodesMs : 0;
    notes.push(
      `${joined.unmapped.length} kernels (${share.toFixed(1)} % of the time) belong to no single layer.`,
    );
  }
  return notes;
}

/** What the chosen provider did not take. */
function fallbackNote(options: Required<ProfileOptions>, { trace }: RunResult): string | undefined {
  const fallen = trace.filter(({ provider }) => providerTitle(provider) === "CPU");
  if (options.provider === "cpu" || fallen.length === 0) {
    return undefined;
  }
  const all = trace.reduce((sum, { ms }) => sum + ms, 0);
  const part = fallen.reduce((sum, { ms }) => sum + ms, 0) / all;
  const counts = new Map<string, number>();
  for (const { op } of fallen) {
    counts.set(op, (counts.get(op) ?? 0) + 1);
  }
  const ops = [...counts].sort((a, b) => b[1] - a[1]).map(([op, count]) => `${op} ×${count}`);
  const named = ops.slice(0, OPS_NAMED).join(", ");
  const more = ops.length > OPS_NAMED ? " and others" : "";
  const percent = (100 * part).toFixed(1);
  return fallen.length === trace.length
    ? "Nothing ran on the chosen provider: every node fell back to the CPU."
    : `${fallen.length} of ${trace.length} kernels fell back to the CPU (${percent} % of the node time): ${named}${more}.`;
}
