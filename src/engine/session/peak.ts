import type { MemoryPeak } from "../../core/analysis/memory";
import type { Node } from "../../core/model/types";
import type { HeldValue, PeakMemory } from "../../protocol/memory";
import { type ModelState, nodeKey } from "./state";

/** What is held at the peak, with the layers that made it. */
export function peakMemory(state: ModelState, peak: MemoryPeak): PeakMemory {
  const layer = (node: Node | undefined): HeldValue["layer"] => {
    const position = node === undefined ? undefined : state.positionOf.get(node.id);
    return position === undefined
      ? null
      : { key: nodeKey(state.nodes[position]!), name: state.names[position]! };
  };
  const { nodes } = state.model.graph;
  const running = nodes.find(({ id }) => id === peak.atNode);
  const makers = new Map(nodes.flatMap((node) => node.outputs.map((name) => [name, node] as const)));
  return {
    bytes: peak.peakBytes ?? null,
    at: layer(running),
    held: peak.alive.map((value) => ({
      ...value,
      layer: layer(value.kind === "inner" ? running : makers.get(value.name)),
    })),
  };
}
