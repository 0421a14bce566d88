import { actionNamed } from "../../core/actions/index";
import type { ModelContext } from "../../core/actions/types";
import { indexOf } from "../../core/edit/graphIndex";
import { graphAt } from "../../core/edit/graphs";
import type { History } from "../../core/edit/history";
import type { Patch } from "../../core/edit/types";
import { ModelError } from "../../core/errors";
import type { Inference } from "../../core/infer/types";
import type { Graph, Model, Node } from "../../core/model/types";
import type { TensorReader } from "../../core/tensor/reader";
import type { ActionCall, NodeRef } from "../../protocol/actions";
import type { ModelState } from "./state";

/** What planning needs besides the model as it was when the step began. */
export interface Planning {
  readonly reader: TensorReader;
  /** Works out shapes and costs of the model as it has become. */
  readonly infer: () => Inference;
}

/**
 * Plans and applies calls as one undo step. Calls at nodes see the figures from before the step, since each concerns
 * its own node; a call on the whole model, and whatever follows one, sees the model as the earlier calls left it.
 *
 * @throws ModelError when a call is not possible; nothing is changed then
 */
export function applyCalls(
  state: ModelState,
  history: History,
  calls: readonly ActionCall[],
  planning: Planning,
): string {
  const label = labelOf(calls);
  history.step(state.model, label, calls, (apply) => planCalls(state, calls, planning, apply));
  return label;
}

/**
 * Hands the patch of each call to `apply`, in order. A call at a node that was possible at first and is not any more,
 * because an earlier one took the node or the reason away, has nothing left to do.
 */
export function planCalls(
  state: ModelState,
  calls: readonly ActionCall[],
  { reader, infer }: Planning,
  apply: (patch: Patch) => void,
): void {
  const { model } = state;
  const atFirst = calls.length > 1 ? calls.map((call) => isOffered(state, call)) : [];
  let { inference } = state;
  let isStale = false;
  let isChanged = false;
  let concernsAll = false;
  calls.forEach((call, position) => {
    const action = actionNamed(call.action);
    concernsAll ||= action.scope === "model";
    if (isStale && concernsAll) {
      inference = infer();
      isStale = false;
    }
    if (action.scope === "model") {
      apply(action.plan({ model, inference }, call.params, reader));
    } else if (!isChanged || atFirst[position] !== true || isOffered({ model, inference }, call)) {
      apply(action.plan({ model, inference, ...findNode(model, call.target) }, call.params, reader));
    } else {
      return;
    }
    isStale = true;
    isChanged = true;
  });
}

function isOffered(context: ModelContext, { action: id, target }: ActionCall): boolean {
  const action = actionNamed(id);
  const at = action.scope === "node" ? nodeAt(context.model, target) : undefined;
  return action.scope === "node" && at !== undefined && action.answer({ ...context, ...at }).kind === "offer";
}

function nodeAt(model: Model, target: NodeRef): { readonly graph: Graph; readonly node: Node } | undefined {
  const graph = graphAt(model, target.graph ?? "");
  const [node] = target.output === "" ? [] : indexOf(graph).makers.get(target.output);
  return node === undefined ? undefined : { graph, node };
}

/** @throws ModelError("inconsistent") when the model has no such node */
export function findNode(model: Model, target: NodeRef): { readonly graph: Graph; readonly node: Node } {
  const found = nodeAt(model, target);
  if (found === undefined) {
    throw new ModelError(
      "inconsistent",
      `No node makes the value ${target.output}.`,
      { graph: target.graph ?? "" },
      "The model was changed since this was planned.",
    );
  }
  return found;
}

export function nodeRefOf(state: ModelState, position: number): NodeRef {
  const output = state.nodes[position]!.outputs.find((name) => name !== "") ?? "";
  const { path } = state.graphs[position]!;
  return path === "" ? { output } : { output, graph: path };
}

/** What calls do, for menus. */
export function labelOf(calls: readonly ActionCall[]): string {
  const [first] = calls;
  if (first === undefined) {
    throw new ModelError("usage", "There is nothing to apply.", {}, "Give at least one call.");
  }
  const { title, scope } = actionNamed(first.action);
  const alike = calls.every(({ action }) => action === first.action);
  if (calls.length === 1) {
    return scope === "model" ? title : `${title}: ${first.target.output}`;
  }
  return alike ? `${title} at ${calls.length} layers` : `${calls.length} changes`;
}
