import { symbolsOf } from "../../core/expr";
import type { DimControl, Overview, Slice } from "../../protocol/engine";
import { type ModuleNode, moduleTree } from "../table/modules";
import { peakMemory } from "./peak";
import { growthSeries } from "./series";
import type { ModelState } from "./state";
import type { View } from "./view";

const SLICES = 8;
const TOP_LAYERS = 8;
const SUGGESTIONS = 5;
/** A module with this part of all FLOPs says nothing by itself: its parts are shown instead. */
const DOMINANT = 0.9;

/** The first page of a model: what dominates, how it grows, where the weights are, what to do. */
export function overviewOf(view: View, dims: readonly DimControl[]): Overview {
  const { state, table, offers } = view;
  const counted = state.nodes
    .map((_, position) => position)
    .filter((position) => state.counted[position] === 1);
  const all = [...offers.suggestedForModel, ...offers.below(state.nodes.keys())].sort(
    (a, b) => saving(b) - saving(a),
  );
  return {
    revision: state.revision,
    byOp: opSlices(state, counted),
    byModule: moduleSlices(state, counted),
    topLayers: [...counted]
      .sort((a, b) => flopsAt(state, b) - flopsAt(state, a) || a - b)
      .slice(0, TOP_LAYERS)
      .filter((position) => flopsAt(state, position) > 0)
      .map((position) => table.nodeRow(position)),
    peak: peakMemory(state, view.totals.peak()),
    growth: mainGrowth(state, dims),
    parameters: view.parameters,
    suggestions: all.slice(0, SUGGESTIONS),
    offersTotal: all.length,
  };
}

function saving({
  weightBytesBefore,
  weightBytesAfter,
}: {
  weightBytesBefore: number;
  weightBytesAfter: number;
}) {
  return weightBytesBefore - weightBytesAfter;
}

function flopsAt(state: ModelState, position: number): number {
  return state.columns.flops[position]! || 0;
}

function sumFlops(state: ModelState, positions: readonly number[]): number {
  return positions.reduce((sum, position) => sum + flopsAt(state, position), 0);
}

function opSlices(state: ModelState, counted: readonly number[]): Slice[] {
  const total = sumFlops(state, counted);
  const byOp = new Map<string, number>();
  for (const position of counted) {
    const { opType } = state.nodes[position]!;
    byOp.set(opType, (byOp.get(opType) ?? 0) + flopsAt(state, position));
  }
  return largest(
    [...byOp].map(([op, value]) => ({ label: op, value, share: share(value, total), filter: { ops: [op] } })),
  );
}

function moduleSlices(state: ModelState, counted: readonly number[]): Slice[] {
  const total = sumFlops(state, counted);
  const { root } = moduleTree(counted.map((position) => state.paths[position]!));
  const flops = (module: ModuleNode) =>
    sumFlops(
      state,
      module.nodes.map((index) => counted[index]!),
    );
  const modules = (module: ModuleNode) => module.children.filter((child) => typeof child !== "number");
  let at = root;
  for (;;) {
    const dominant = modules(at).find((child) => flops(child) >= DOMINANT * total);
    if (dominant === undefined || modules(dominant).length === 0) {
      break;
    }
    at = dominant;
  }
  return largest(
    modules(at).map((module) => ({
      label: module.path,
      value: flops(module),
      share: share(flops(module), total),
      filter: { module: module.path },
    })),
  );
}

function largest(slices: Slice[]): Slice[] {
  return slices
    .filter(({ value }) => value > 0)
    .sort((a, b) => b.value - a.value)
    .slice(0, SLICES);
}

function share(value: number, total: number): number {
  return total > 0 ? value / total : 0;
}

/** Growth with the dim that matters: the sequence when there is one, else the one with most to say. */
function mainGrowth(state: ModelState, dims: readonly DimControl[]): Overview["growth"] {
  const order: readonly DimControl["meaning"][] = ["sequence", "past", "image", "other", "batch"];
  const grows = (name: string) =>
    state.nodes.some(({ id }) => {
      const { flops } = state.inference.cost(id);
      return flops !== undefined && symbolsOf(flops).has(name);
    });
  const candidates = order.flatMap((meaning) => dims.filter((dim) => dim.meaning === meaning));
  const main = candidates.find(({ name }) => grows(name));
  return main === undefined ? null : growthSeries(state, main.name);
}
