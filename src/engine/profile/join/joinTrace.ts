import type { Graph, Model, Node } from "../../../core/model/types";
import type { NodeTime, ProfileResult, TraceNode } from "../../../protocol/profiler";
import { nodeKey } from "../../session/state";
import { alignTrace } from "./align";
import { type Cover, coversOf } from "./covers";
import { InnerKernels } from "./innerKernels";
import type { OriginalGraph, OriginalGraphs } from "./original";
import { providerTitle } from "./providerTitle";
import { RowTime } from "./rowTime";
import { type Figures, sharesOf } from "./shares";

export type Joined = Pick<ProfileResult, "nodes" | "unmapped" | "unmappedMs" | "nodesMs">;

/**
 * Brings measured kernels to the rows of the model's nodes; the times of all rows and of what has none add up to the
 * trace's. With the graph that ran, fused kernels are taken apart; without it only names and numbers help.
 *
 * @param ran the optimised model; undefined when it was too large to be written
 */
export function joinTrace(
  trace: readonly TraceNode[],
  originals: OriginalGraphs,
  ran: Model | undefined,
  figures: Figures,
): Joined {
  const covers = coversOfTrace(trace, originals, ran);
  const rows = new Map<Node, RowTime>();
  const unmapped: ProfileResult["unmapped"][number][] = [];
  trace.forEach((kernel, index) => {
    const cover = covers[index]!;
    if (cover.nodes.length === 0) {
      const { name, op, ms, provider } = kernel;
      unmapped.push({ name, op, ms, provider: providerTitle(provider) });
      return;
    }
    const { parts, rule } = sharesOf(cover.nodes, figures);
    cover.nodes.forEach((node, at) => {
      let row = rows.get(node);
      if (row === undefined) {
        row = new RowTime(node);
        rows.set(node, row);
      }
      row.add({ kernel, ms: kernel.ms * parts[at]!, how: cover.how, shared: cover.nodes.length, rule });
    });
  });
  const nodes: NodeTime[] = [...rows].map(([node, row]) => ({ key: nodeKey(node), ...row.time() }));
  return {
    nodes,
    unmapped: unmapped.sort((a, b) => b.ms - a.ms),
    unmappedMs: unmapped.reduce((sum, { ms }) => sum + ms, 0),
    nodesMs: trace.reduce((sum, { ms }) => sum + ms, 0),
  };
}

/**
 * In the main graph, what the graph that ran tells, else what names and numbers tell. Inside branches and bodies only
 * the latter: onnxruntime writes them as they were before it optimised them.
 */
function coversOfTrace(
  trace: readonly TraceNode[],
  originals: OriginalGraphs,
  ran: Model | undefined,
): readonly Cover[] {
  const byGraph = ran === undefined ? [] : coversByGraph(trace, originals.main, ran.graph);
  const inner = new InnerKernels(trace, originals);
  const covers: Cover[] = [];
  trace.forEach((kernel, index) => {
    const cover = byGraph[index];
    if (cover !== undefined && cover.nodes.length > 0) {
      covers.push(cover);
    } else if (kernel.parent < 0) {
      covers.push(originals.main.coverOf(kernel));
    } else {
      covers.push(inner.coverOf(kernel, covers[kernel.parent]!));
    }
  });
  return covers;
}

function coversByGraph(
  trace: readonly TraceNode[],
  original: OriginalGraph,
  ran: Graph,
): readonly (Cover | undefined)[] {
  const aligned = alignTrace(trace, original, ran);
  const numbers = new Map<Node, number>();
  trace.forEach(({ nodeIndex }, index) => {
    const node = aligned[index];
    if (node !== undefined) {
      numbers.set(node, nodeIndex);
    }
  });
  const same = (node: Node): Node | undefined => {
    const number = numbers.get(node);
    const name = node.name === "" ? `${node.opType}_${number}` : node.name;
    const found = number === undefined ? undefined : original.numbered(number, node.opType, name);
    return found ?? original.sameNode(node);
  };
  const covers = coversOf(original, ran, same);
  return aligned.map((node) => (node === undefined ? undefined : covers.get(node)));
}
