import type { TraceNode } from "../../../protocol/profiler";
import type { Cover } from "./covers";
import { append } from "./lists";
import type { OriginalGraph, OriginalGraphs } from "./original";

/** Kernels inside branches and bodies, of which the trace says whose they are, but not in which branch. */
export class InnerKernels {
  private readonly originals: OriginalGraphs;
  private readonly siblings: ReadonlyMap<number, readonly TraceNode[]>;

  constructor(trace: readonly TraceNode[], originals: OriginalGraphs) {
    this.originals = originals;
    const siblings = new Map<number, TraceNode[]>();
    for (const kernel of trace) {
      if (kernel.parent >= 0) {
        append(siblings, kernel.parent, kernel);
      }
    }
    this.siblings = siblings;
  }

  /**
   * The node by name or number in the only branch that has it, or in the one that has most of what ran beside it. What
   * remains is the work of the node around, since it ran inside of it.
   *
   * @param around cover of the kernel that ran this one
   */
  coverOf(kernel: TraceNode, around: Cover): Cover {
    const owner = around.nodes.length === 1 ? around.nodes[0] : undefined;
    const found = (owner === undefined ? [] : this.originals.inside(owner))
      .map((graph) => ({ graph, cover: graph.coverOf(kernel) }))
      .filter(({ cover }) => cover.nodes.length > 0);
    const scored = found
      .map(({ graph, cover }) => ({
        cover,
        score: found.length === 1 ? 1 : this.score(graph, kernel.parent),
      }))
      .sort((a, b) => b.score - a.score);
    const [best, second] = scored;
    const isClear = best !== undefined && best.score > (second?.score ?? 0);
    return isClear ? best.cover : { nodes: around.nodes, how: "work" };
  }

  private score(graph: OriginalGraph, parent: number): number {
    return (this.siblings.get(parent) ?? []).filter((kernel) => graph.coverOf(kernel).nodes.length > 0)
      .length;
  }
}
