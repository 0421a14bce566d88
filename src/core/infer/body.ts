import type { Trust } from "../../protocol/rows";
import { addAll, type Expr } from "../expr";
import type { Fact } from "../facts/fact";
import type { GraphCost } from "../ops/spec";
import type { Weights } from "./price";
import type { NodeCost } from "./types";

/** What the node that runs a graph learns of it. */
export interface Body {
  /** Facts of the graph's outputs. */
  readonly outputs: readonly Fact[];
  /** Price of one run. */
  readonly cost: GraphCost;
  readonly weights: Weights;
}

/** The price of one run of a graph: the sum over its nodes. */
export function sumOf(costs: readonly NodeCost[]): GraphCost {
  const sum = (pick: (cost: NodeCost) => Expr | undefined): Expr | undefined => {
    const terms = costs.map(pick);
    return terms.every((term) => term !== undefined) ? addAll(terms as readonly Expr[]) : undefined;
  };
  return {
    macs: sum((cost) => cost.macs),
    other: sum((cost) => cost.other),
    readBytes: sum((cost) => cost.readBytes),
    writeBytes: sum((cost) => cost.writeBytes),
    trust: worst(costs),
    nodes: costs.length,
  };
}

function worst(costs: readonly NodeCost[]): Trust {
  let trust: Trust = "exact";
  for (const cost of costs) {
    if (cost.trust === "unknown") {
      return "unknown";
    }
    trust = cost.trust === "estimate" ? "estimate" : trust;
  }
  return trust;
}
