import { allGraphs } from "../../edit/graphs";
import type { Inference } from "../../infer/types";
import type { Graph, Model } from "../../model/types";
import { decomposedAt } from "./decomposed";
import { fusedAt } from "./fusedRegion";
import { isEitherOp, SearchGraph } from "./graph";
import { MaskReader, type ReadTensor } from "./mask/reader";
import type { AttentionFindings, AttentionRegion, Mismatch } from "./types";

/**
 * Finds attention in all graphs of a model: operators that are attention as a whole, and what exporters write for it,
 * from each Softmax outwards. A Softmax that is something else is a mismatch with the reason.
 *
 * @param read reads stored masks, which tells causal ones; without it only their names are known
 */
export function findAttention(
  model: Model,
  inference: Inference,
  read: ReadTensor = () => undefined,
): AttentionFindings {
  const regions: AttentionRegion[] = [];
  const mismatches: Mismatch[] = [];
  const searches = new Map<Graph, SearchGraph>();
  for (const graph of allGraphs(model)) {
    const outer = graph.parent && searches.get(graph.parent);
    const search = new SearchGraph(model, graph, inference, outer);
    searches.set(graph, search);
    const masks = new MaskReader(search, read);
    for (const node of graph.nodes) {
      const fused = fusedAt(search, masks, node);
      if (fused !== undefined) {
        regions.push(fused);
      } else if (isEitherOp(node, "Softmax", "QLinearSoftmax", "BiasSoftmax")) {
        const found = decomposedAt(search, masks, node);
        if ("form" in found) {
          regions.push(found);
        } else {
          mismatches.push(found);
        }
      }
    }
  }
  return { regions, mismatches };
}
