import { subgraphsOf } from "../../../core/infer/order";
import type { Graph, Model, Node } from "../../../core/model/types";
import type { NodeTime, ProfileResult, TraceNode } from "../../../protocol/profiler";
import { nodeKey } from "../../session/state";
import { alignTrace } from "./align";
import { type Cover, coversOf } from "./covers";
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

const NONE: Cover = { nodes: [], how: "name" };

/** Names and numbers say less than the graph that ran, but are all there is without it, and inside branches and bodies. */
function coversOfTrace(
  trace: readonly TraceNode[],
  originals: OriginalGraphs,
  ran: Model | undefined,
): readonly Cover[] {
  const byGraph = ran === undefined ? [] : coversByGraph(trace, originals, ran);
  const covers: Cover[] = [];
  trace.forEach((kernel, index) => {
    const cover = byGraph[index];
    covers.push(
      cover !== undefined && cover.nodes.length > 0 ? cover : coverByName(kernel, originals, covers),
    );
  });
  return covers;
}

/** @param before covers of the kernels before this one, its parent's among them */
function coverByName(
  { name, op, nodeIndex, parent }: TraceNode,
  originals: OriginalGraphs,
  before: readonly Cover[],
): Cover {
  const owner = before[parent]?.nodes[0];
  const inner = owner === undefined ? [] : subgraphsOf(owner).map((graph) => originals.of(graph));
  const graphs = parent < 0 ? [originals.main] : inner.filter((graph) => graph !== undefined);
  for (const graph of graphs) {
    const itself = graph.numbered(nodeIndex, op, name);
    const cover: Cover = itself === undefined ? graph.coverByName(name) : { nodes: [itself], how: "work" };
    if (cover.nodes.length > 0) {
      return cover;
    }
  }
  return NONE;
}

function coversByGraph(trace: readonly TraceNode[], originals: OriginalGraphs, ran: Model): readonly Cover[] {
  const aligned = alignTrace(trace, ran.graph);
  const numbers = new Map<Node, number>();
  trace.forEach(({ nodeIndex }, index) => {
    const node = aligned[index];
    if (node !== undefined) {
      numbers.set(node, nodeIndex);
    }
  });
  const covers = new Map<Node, Cover>();
  const addCovers = (original: OriginalGraph, ranGraph: Graph): void => {
    const same = (node: Node): Node | undefined => {
      const number = numbers.get(node);
      const name = node.name === "" ? `${node.opType}_${number}` : node.name;
      const found = number === undefined ? undefined : original.numbered(number, node.opType, name);
      return found ?? original.sameNode(node);
    };
    for (const [node, cover] of coversOf(original, ranGraph, same)) {
      covers.set(node, cover);
      const inner = subgraphsOf(node);
      const owner = cover.nodes.length === 1 ? subgraphsOf(cover.nodes[0]!) : [];
      inner.forEach((subgraph, index) => {
        const counterpart = owner[index] === undefined ? undefined : originals.of(owner[index]);
        if (counterpart !== undefined && inner.length === owner.length) {
          addCovers(counterpart, subgraph);
        }
      });
    }
  };
  addCovers(originals.main, ran.graph);
  return aligned.map((node) => (node === undefined ? NONE : (covers.get(node) ?? NONE)));
}
