import type { Edit } from "../edit/types";
import { ModelError } from "../errors";
import { nameOf, notPossible, targetOf } from "./naming";
import type { ActionContext, NodeAction } from "./types";

/** What a rewrite finds at a node: how it would change the graph, or why it cannot though one could expect it. */
export type Rewrite =
  | {
      readonly kind: "possible";
      /** One line: what changes. */
      readonly detail: string;
      /** Asked only when it is planned. */
      readonly edits: () => readonly Edit[];
    }
  | { readonly kind: "refused"; readonly reason: string };

interface Rule {
  readonly id: string;
  readonly title: string;
  readonly description: string;
  readonly look: (context: ActionContext) => Rewrite | undefined;
}

/** An action that changes how nodes are wired and leaves every weight and every output as it is. */
export function rewriteAction({ id, title, description, look }: Rule): NodeAction {
  return {
    scope: "node",
    id,
    title,
    description,

    answer(context) {
      const found = look(context);
      if (found === undefined) {
        return { kind: "none" };
      }
      return found.kind === "refused"
        ? { kind: "refusal", refusal: { action: id, title, reason: found.reason } }
        : {
            kind: "offer",
            offer: {
              call: { action: id, target: targetOf(context.graph, context.node), params: {} },
              title,
              detail: found.detail,
              weightBytesBefore: 0,
              weightBytesAfter: 0,
            },
          };
    },

    plan(context) {
      const { graph, node } = context;
      const found = look(context);
      if (found === undefined) {
        throw new ModelError("inconsistent", `There is nothing to do for "${title}" at ${nameOf(node)}.`, {
          graph: graph.path,
          node: nameOf(node),
        });
      }
      if (found.kind === "refused") {
        throw notPossible(title, graph, node, found.reason);
      }
      return { label: `${title}: ${nameOf(node)}`, edits: found.edits() };
    },
  };
}
