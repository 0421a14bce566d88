import { type Applied, applyPatch } from "../../core/edit/apply";
import { textView } from "../../core/text/view";
import type { ActionCall, Effect, Figures } from "../../protocol/actions";
import { labelOf, type Planning, planCalls } from "./apply";
import { ModelState } from "./state";
import { ModelTotals } from "./totals";
import type { View } from "./view";

/**
 * What calls would do to the model as a whole: they are applied, looked at and taken back. The shapes of the model as
 * it would be are worked out in between, nothing of its weights is computed.
 *
 * @throws ModelError when a call is not possible; nothing is changed then either
 */
export function effectOf(view: View, calls: readonly ActionCall[], planning: Planning): Effect {
  const { state, problems } = view;
  const label = labelOf(calls);
  const before = figuresOf(state);
  const known = new Set(problems.map(({ message }) => message));
  const applied: Applied[] = [];
  try {
    planCalls(state, calls, planning, (patch) => applied.push(applyPatch(state.model, patch)));
    const inference = planning.infer();
    const { model, revision, bindings } = state;
    const after = new ModelState({ revision, model, inference, bindings });
    const { lines } = textView(
      model,
      inference,
      ({ id }) => after.paths[after.positionOf.get(id) ?? -1] ?? "",
    );
    return {
      label,
      before,
      after: figuresOf(after),
      text: `${lines.join("\n")}\n`,
      newProblems: inference.problems.map(({ message }) => message).filter((message) => !known.has(message)),
    };
  } finally {
    for (const one of applied.reverse()) {
      one.undo();
    }
  }
}

function figuresOf(state: ModelState): Figures {
  const { params, weightBytes, macs, flops } = new ModelTotals(state).now();
  return { nodes: state.nodes.length, params, weightBytes, macs: macs.value, flops: flops.value };
}
