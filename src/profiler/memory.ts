import { isKernel, runsOf, type TraceEvent } from "./trace";

/**
 * The most bytes that the first traced run held at once for its values, those of its weights left out: what kernels
 * asked of onnxruntime's arena, before rounding, read after each of them while its inputs are still there. What a
 * kernel takes and gives back while it runs is not in it, nor what the caller feeds. Null where the trace does not say:
 * other providers than the processor keep no such account.
 *
 * The first run is the one to read: later ones take one block that was planned from it.
 */
export function peakOfFirstRun(events: readonly TraceEvent[]): number | null {
  const [run] = runsOf(events);
  if (run === undefined) {
    return null;
  }
  const kernels = events.filter(isKernel).filter(({ ts = 0 }) => ts >= run.start && ts <= run.end);
  let before: { readonly start: number; readonly held: number } | undefined;
  let peak = 0;
  for (const { ts = 0, args = {} } of kernels) {
    const held = Number(args.mem_bytes_requested_in_use ?? "");
    const change = Number(args.mem_requested_in_use_delta ?? "");
    const isCounted = args.provider === "CPUExecutionProvider" && held > 0 && Number.isFinite(change);
    if (!isCounted) {
      return null;
    }
    // Of kernels inside each other, the outer one ends last and started before anything was taken.
    if (before === undefined || ts <= before.start) {
      before = { start: ts, held: held - change };
    }
    peak = Math.max(peak, held);
  }
  return before === undefined ? null : Math.max(0, peak - before.held);
}
