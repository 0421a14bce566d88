import { MemoryPlan } from "../../core/analysis/memory";
import { format } from "../../core/expr";
import type { Graph } from "../../core/model/types";
import type { ModelSummary } from "../../protocol/engine";
import type { InspectReport, LayerReport, PeakReport, ValueReport } from "../../protocol/report";
import type { LayerRow } from "../../protocol/rows";
import { amount } from "./detail";
import { peakMemory } from "./peak";
import { boundDim } from "./shapes";
import type { ModelState } from "./state";

/** The whole analysis as documented JSON. */
export function inspectReport(
  state: ModelState,
  summary: ModelSummary,
  rowAt: ((position: number) => LayerRow) | undefined,
): InspectReport {
  return {
    schema: "onnxray.inspect/1",
    model: {
      file: summary.fileName,
      fileBytes: summary.fileBytes,
      externalBytes: summary.externalBytes,
      graph: summary.graphName,
      producer: summary.producer,
      irVersion: summary.irVersion,
      opsets: summary.opsets,
      nodes: summary.nodes,
    },
    dims: Object.fromEntries(summary.dims.map((dim) => [dim.name, dim.value])),
    totals: summary.totals,
    peak: peakReport(state),
    layers: state.nodes.map((_, position) => layerReport(state, position, rowAt?.(position))),
    problems: summary.problems,
  };
}

function peakReport(state: ModelState): PeakReport {
  const plan = new MemoryPlan(state.model, state.inference);
  const { bytes, at, held } = peakMemory(state, plan.at(state.bindings));
  return {
    bytes,
    at: at?.name ?? null,
    held: held.map((value) => ({ ...value, layer: value.layer?.name ?? null })),
  };
}

function layerReport(state: ModelState, position: number, measured: LayerRow | undefined): LayerReport {
  const node = state.nodes[position]!;
  const graph = state.graphs[position]!;
  const cost = state.inference.cost(node.id);
  const values = (names: readonly string[]) =>
    names.filter((name) => name !== "").map((name) => valueReport(state, graph, name));
  return {
    name: state.names[position]!,
    path: state.paths[position]!,
    graph: graph.path,
    op: node.opType,
    domain: node.domain,
    inputs: values(node.inputs),
    outputs: values(node.outputs),
    params: cost.params,
    weightBytes: cost.weightBytes,
    macs: amount(cost.macs, cost.trust, state.bindings),
    flops: amount(cost.flops, cost.trust, state.bindings),
    readBytes: amount(cost.readBytes, cost.trust, state.bindings),
    writeBytes: amount(cost.writeBytes, cost.trust, state.bindings),
    trust: cost.trust,
    ...(measured === undefined ? {} : { timeMs: measured.timeMs }),
  };
}

function valueReport(state: ModelState, graph: Graph, name: string): ValueReport {
  const fact = state.inference.fact(graph, name);
  return {
    name,
    dtype: fact.dtype ?? null,
    shape: fact.shape?.map((dim) => boundDim(dim, state.bindings) ?? null) ?? null,
    symbolicShape:
      fact.shape?.map((dim) => (dim === undefined ? null : typeof dim === "number" ? dim : format(dim))) ??
      null,
  };
}
