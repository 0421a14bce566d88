import type { Graph } from "../../core/model/types";
import type { Trust } from "../../protocol/rows";
import type { ModelState } from "../session/state";
import { known } from "./amounts";

/** Sums over some nodes; unknown amounts are left out of them and counted. */
export interface Sums {
  readonly params: number;
  readonly weightBytes: number;
  readonly macs: number;
  readonly flops: number;
  readonly readBytes: number;
  readonly writeBytes: number;
  readonly timeMs: number | null;
  readonly unknownNodes: number;
  readonly trust: Trust;
  readonly macsTrust: Trust;
}

const WORST: { readonly [trust in Trust]: number } = { exact: 0, estimate: 1, unknown: 2 };

/** What a run does; of two branches only one does it. */
interface Work {
  macs: number;
  flops: number;
  readBytes: number;
  writeBytes: number;
}

/**
 * Sums over some nodes so that nothing counts twice: a node inside another of them is part of that one's cost, and
 * where both branches of an If take part without the If itself, only the dearer one does.
 *
 * @param times by position, those of the graphs that a node runs included
 */
export function sumUp(state: ModelState, positions: readonly number[], times: Float64Array): Sums {
  const { columns, amounts, nesting } = state;
  const work = new Map<Graph, Work>();
  let params = 0;
  let weightBytes = 0;
  let timeMs = Number.NaN;
  let unknownNodes = 0;
  let trust: Trust = "exact";
  let macsOf: Trust = "exact";
  for (const [graph, inGraph] of nesting.outermost(positions)) {
    const sum: Work = { macs: 0, flops: 0, readBytes: 0, writeBytes: 0 };
    for (const position of inGraph) {
      params += amounts.params[position]!;
      weightBytes += amounts.weightBytes[position]!;
      sum.macs += columns.macs[position]! || 0;
      sum.flops += columns.flops[position]! || 0;
      sum.readBytes += columns.readBytes[position]! || 0;
      sum.writeBytes += columns.writeBytes[position]! || 0;
      const time = times[position]!;
      if (!Number.isNaN(time)) {
        timeMs = Number.isNaN(timeMs) ? time : timeMs + time;
      }
      unknownNodes += Number.isNaN(columns.flops[position]!) ? 1 : 0;
      trust = worse(amounts.trust[position]!, trust);
      macsOf = worse(macsTrust(state, position), macsOf);
    }
    work.set(graph, sum);
  }
  return {
    params,
    weightBytes,
    ...ofOneRun(state, work),
    timeMs: known(timeMs),
    unknownNodes,
    trust,
    macsTrust: macsOf,
  };
}

/** Joins what the graphs do, from the inside out: graphs of one node add up, but for the branches of an If. */
function ofOneRun(state: ModelState, work: Map<Graph, Work>): Work {
  const total: Work = { macs: 0, flops: 0, readBytes: 0, writeBytes: 0 };
  const ownerOf = (graph: Graph): number => {
    const first = graph.nodes[0];
    const position = first === undefined ? undefined : state.positionOf.get(first.id);
    return position === undefined ? -1 : state.nesting.owners[position]!;
  };
  const depthOf = (graph: Graph): number => {
    const owner = ownerOf(graph);
    return owner < 0 ? 0 : 1 + [...state.nesting.around(owner)].length;
  };
  const byDepth: Map<Graph, Work>[] = [];
  for (const [graph, sum] of work) {
    const depth = depthOf(graph);
    byDepth[depth] ??= new Map();
    byDepth[depth].set(graph, sum);
  }
  for (let depth = byDepth.length - 1; depth > 0; depth--) {
    const byOwner = new Map<number, Work>();
    for (const [graph, sum] of byDepth[depth] ?? []) {
      const owner = ownerOf(graph);
      const other = byOwner.get(owner);
      const isBranch = state.nodes[owner]!.opType === "If";
      byOwner.set(
        owner,
        other === undefined ? sum : isBranch ? (other.flops >= sum.flops ? other : sum) : plus(other, sum),
      );
    }
    for (const [owner, sum] of byOwner) {
      const graph = state.graphs[owner]!;
      byDepth[depth - 1] ??= new Map();
      const around = byDepth[depth - 1]!;
      const own = around.get(graph);
      around.set(graph, own === undefined ? sum : plus(own, sum));
    }
  }
  return [...(byDepth[0]?.values() ?? [])].reduce(plus, total);
}

function plus(a: Work, b: Work): Work {
  return {
    macs: a.macs + b.macs,
    flops: a.flops + b.flops,
    readBytes: a.readBytes + b.readBytes,
    writeBytes: a.writeBytes + b.writeBytes,
  };
}

/** No MACs are no MACs, whatever else is estimated. */
export function macsTrust(state: ModelState, position: number): Trust {
  return state.columns.macs[position] === 0 ? "exact" : state.amounts.trust[position]!;
}

function worse(a: Trust, b: Trust): Trust {
  return WORST[a] > WORST[b] ? a : b;
}
