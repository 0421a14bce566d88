import { evaluate } from "../../expr";
import type { Inference } from "../../infer/types";
import { subgraphsOf } from "../../model/subgraphs";
import type { Graph, Node } from "../../model/types";
import { sumOf } from "../sum";
import type { Block } from "./block";

/**
 * The blocks that totals count: those that something runs and that lie, of two branches, in the one that costs more at
 * the bindings, as the cost of an If is that of its dearer branch.
 */
export function countedBlocks(
  inference: Inference,
  blocks: readonly Block[],
  bindings: ReadonlyMap<string, number>,
): readonly Block[] {
  const known = new Map<Graph, boolean>();
  const counts = (graph: Graph): boolean => {
    let answer = known.get(graph);
    if (answer === undefined) {
      answer = graph.parent === undefined || (isDearest(inference, graph, bindings) && counts(graph.parent));
      known.set(graph, answer);
    }
    return answer;
  };
  return blocks.filter(
    ({ region }) => inference.cost(region.anchor.id).countedBy !== "none" && counts(region.graph),
  );
}

function isDearest(inference: Inference, graph: Graph, bindings: ReadonlyMap<string, number>): boolean {
  const owner = graph.parent?.nodes.find((node) => [...subgraphsOf(node)].includes(graph));
  if (owner?.opType !== "If") {
    return true;
  }
  const flops = (branch: Graph) =>
    evaluate(sumOf(branch.nodes.map((node: Node) => inference.cost(node.id).flops)), bindings) ?? 0;
  const branches = [...subgraphsOf(owner)];
  const most = Math.max(...branches.map(flops));
  return branches.find((branch) => flops(branch) === most) === graph;
}
