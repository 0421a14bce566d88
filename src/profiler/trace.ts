import type { TraceNode } from "../protocol/profiler";

interface TraceEvent {
  readonly cat?: string;
  readonly name?: string;
  readonly ts?: number;
  readonly dur?: number;
  readonly args?: { readonly op_name?: string; readonly provider?: string; readonly node_index?: string };
}

const KERNEL_SUFFIX = "_kernel_time";

/**
 * Mean time per node over the traced runs after the first `warmup` ones, from onnxruntime's Chrome trace.
 * CPU nodes have one event per run. A WebGPU node's own event only says how long the processor took to encode it; the
 * GPU's time is in events of category Api named "<node>&<op>&<program>", several for one node.
 */
export function readTrace(text: string, warmup: number): TraceNode[] {
  const events = JSON.parse(text) as readonly TraceEvent[];
  const counted = events
    .filter(({ name }) => name === "model_run")
    .sort((a, b) => a.ts! - b.ts!)
    .slice(warmup)
    .map(({ ts, dur }) => ({ start: ts!, end: ts! + dur! }));
  const isCounted = ({ ts }: TraceEvent) => counted.some(({ start, end }) => ts! >= start && ts! <= end);
  const nodes = new Map<string, { node: Omit<TraceNode, "ms">; cpuUs: number; gpuUs: number }>();

  for (const event of events) {
    if (event.cat !== "Node" || !event.name?.endsWith(KERNEL_SUFFIX) || !isCounted(event)) {
      continue;
    }
    const name = event.name.slice(0, -KERNEL_SUFFIX.length);
    const { op_name: op = "", provider = "", node_index: index = "-1" } = event.args ?? {};
    const key = `${name}\n${index}`;
    const entry = nodes.get(key) ?? {
      node: { name, op, provider, nodeIndex: Number(index) },
      cpuUs: 0,
      gpuUs: 0,
    };
    entry.cpuUs += event.dur ?? 0;
    nodes.set(key, entry);
  }

  const byName = new Map([...nodes.values()].map((entry) => [entry.node.name, entry]));
  for (const event of events) {
    if (event.cat !== "Api" || event.name === undefined || !isCounted(event)) {
      continue;
    }
    const entry = byName.get(event.name.slice(0, event.name.indexOf("&")));
    if (entry !== undefined) {
      entry.gpuUs += event.dur ?? 0;
    }
  }
  return [...nodes.values()].map(({ node, cpuUs, gpuUs }) => ({
    ...node,
    ms: (gpuUs > 0 ? gpuUs : cpuUs) / 1000 / Math.max(1, counted.length),
  }));
}
