import { actionNamed } from "../../core/actions/index";
import { indexOf } from "../../core/edit/graphIndex";
import { graphAt } from "../../core/edit/graphs";
import type { History } from "../../core/edit/history";
import { ModelError } from "../../core/errors";
import type { Graph, Node } from "../../core/model/types";
import type { ActionCall, NodeRef } from "../../protocol/actions";
import type { ModelState } from "./state";

/**
 * Plans and applies calls as one undo step.
 *
 * @throws ModelError when a call is not possible; nothing is changed then
 */
export function applyCalls(state: ModelState, history: History, calls: readonly ActionCall[]): string {
  const { model, inference } = state;
  if (calls.length === 0) {
    throw new ModelError("usage", "There is nothing to apply.", {}, "Give at least one call.");
  }
  const label = labelOf(calls);
  history.step(model, label, calls, (apply) => {
    for (const call of calls) {
      const { graph, node } = findNode(state, call.target);
      apply(actionNamed(call.action).plan({ model, inference, graph, node }, call.params));
    }
  });
  return label;
}

/** @throws ModelError("inconsistent") when the model has no such node */
export function findNode(state: ModelState, target: NodeRef): { readonly graph: Graph; readonly node: Node } {
  const graph = graphAt(state.model, target.graph ?? "");
  const [node] = indexOf(graph).makers.get(target.output);
  if (node === undefined || target.output === "") {
    throw new ModelError(
      "inconsistent",
      `No node makes the value ${target.output}.`,
      { graph: graph.path },
      "The model was changed since this was planned.",
    );
  }
  return { graph, node };
}

export function nodeRefOf(state: ModelState, position: number): NodeRef {
  const output = state.nodes[position]!.outputs.find((name) => name !== "") ?? "";
  const { path } = state.graphs[position]!;
  return path === "" ? { output } : { output, graph: path };
}

function labelOf(calls: readonly ActionCall[]): string {
  const [first] = calls;
  const { title } = actionNamed(first!.action);
  const alike = calls.every(({ action }) => action === first!.action);
  if (calls.length === 1) {
    return `${title}: ${first!.target.output}`;
  }
  return alike ? `${title} at ${calls.length} layers` : `${calls.length} changes`;
}
