import type { NodeFindingRule } from "./types";

/** A node that the totals leave out. */
export const unknownCost: NodeFindingRule = {
  scope: "node",
  code: "unknown-cost",
  severity: "warning",
  look({ node, inference }) {
    const { trust, rule } = inference.cost(node.id);
    if (trust !== "unknown") {
      return undefined;
    }
    const op = node.domain === "" ? node.opType : `${node.domain}.${node.opType}`;
    return { message: `The cost of ${op} is not known, so the totals leave it out: ${rule}.`, fixes: [] };
  },
};
