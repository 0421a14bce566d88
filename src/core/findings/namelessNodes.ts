import type { ModelFindingRule } from "./types";

/** Nodes without names: profiles, logs and other tools can then only number them. */
export const namelessNodes: ModelFindingRule = {
  scope: "model",
  code: "nameless-nodes",
  severity: "info",
  look({ model: { graph } }) {
    const nameless = graph.nodes.filter(({ name }) => name === "").length;
    if (nameless === 0) {
      return undefined;
    }
    const which =
      nameless === graph.nodes.length
        ? "None of the nodes has a name"
        : `${nameless} of ${graph.nodes.length} nodes have no name`;
    return {
      message: `${which}: they are called by their first outputs here, and other tools can only number them.`,
      fixes: [],
    };
  },
};
