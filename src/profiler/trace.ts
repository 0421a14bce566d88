import type { TraceNode } from "../protocol/profiler";
import { gpuTimes } from "./gpuTimes";
import { type Interval, nest } from "./nesting";

/** An event of a Chrome trace as onnxruntime writes it; times in microseconds. */
export interface TraceEvent {
  readonly cat?: string;
  readonly name?: string;
  readonly ts?: number;
  readonly dur?: number;
  readonly args?: {
    readonly op_name?: string;
    readonly provider?: string;
    readonly node_index?: string;
    readonly cache_key?: string;
    /** Bytes that the arena holds after the kernel, as they were asked for, and how many more than before it. */
    readonly mem_bytes_requested_in_use?: string;
    readonly mem_requested_in_use_delta?: string;
  };
}

/** One execution of one kernel. */
export interface Execution extends Interval {
  /** Empty for a node without a name. */
  readonly name: string;
  readonly op: string;
  readonly provider: string;
  readonly nodeIndex: number;
}

const KERNEL_SUFFIX = "_kernel_time";

interface Entry {
  readonly node: Omit<TraceNode, "ms">;
  us: number;
}

export function parseTrace(text: string): readonly TraceEvent[] {
  return JSON.parse(text) as readonly TraceEvent[];
}

/** Whole runs of the model, in order. */
export function runsOf(events: readonly TraceEvent[]): readonly Interval[] {
  return events
    .filter(({ name }) => name === "model_run")
    .map(intervalOf)
    .sort((a, b) => a.start - b.start);
}

/**
 * Mean time per node over the traced runs after the first `warmup` ones, from onnxruntime's Chrome trace. A processor's
 * node has one event for each execution, which holds those of the nodes inside it. The event of a node on the GPU only
 * says how long the processor took to start it; the GPU's own time is in events of another category.
 */
export function readTrace(events: readonly TraceEvent[], warmup: number): TraceNode[] {
  const runs = runsOf(events).slice(warmup);
  const entries: Entry[] = [];
  const byKey = new Map<string, number>();
  const kernels = events.filter(isKernel).map(executionOf);
  const api = events.filter(({ cat }) => cat === "Api");
  for (const run of runs) {
    const inside = ({ start }: Interval) => start >= run.start && start <= run.end;
    const nested = nest(kernels.filter(inside));
    const gpu = gpuTimes(
      nested,
      api.filter((event) => inside(intervalOf(event))),
    );
    const indexes: number[] = [];
    for (const { item, parent, self } of nested) {
      const index = indexOf(entries, byKey, item, parent < 0 ? -1 : indexes[parent]!);
      indexes.push(index);
      entries[index]!.us += gpu.get(item) ?? self;
    }
  }
  return entries.map(({ node, us }) => ({ ...node, ms: us / 1000 / Math.max(1, runs.length) }));
}

function indexOf(entries: Entry[], byKey: Map<string, number>, item: Execution, parent: number): number {
  const key = `${parent}\n${item.nodeIndex}\n${item.name}`;
  const known = byKey.get(key);
  if (known !== undefined) {
    return known;
  }
  const { name, op, provider, nodeIndex } = item;
  entries.push({
    node: { name: name === "" ? `${op}_${nodeIndex}` : name, op, provider, nodeIndex, parent },
    us: 0,
  });
  byKey.set(key, entries.length - 1);
  return entries.length - 1;
}

export function isKernel({ cat, name }: TraceEvent): boolean {
  return cat === "Node" && name?.endsWith(KERNEL_SUFFIX) === true;
}

function intervalOf({ ts = 0, dur = 0 }: TraceEvent): Interval {
  return { start: ts, end: ts + dur };
}

function executionOf(event: TraceEvent): Execution {
  const { op_name: op = "", provider = "", node_index: index = "-1" } = event.args ?? {};
  const name = event.name!.slice(0, -KERNEL_SUFFIX.length);
  return {
    ...intervalOf(event),
    name: name === `${op}_${index}` ? "" : name,
    op,
    provider,
    nodeIndex: Number(index),
  };
}
