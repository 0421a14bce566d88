import { type Algebra, algebraOf } from "../../core/analysis/attention/algebra";
import { type Axis, rulesOf } from "../../core/analysis/attention/axes";
import { type Lifted, type LiftTools, liftLength } from "../../core/analysis/attention/lift/lift";
import type { AttentionFindings } from "../../core/patterns/attention/types";
import { InLength } from "./attentionAmounts";
import { CurvePoints } from "./attentionPoints";
import type { LengthSource } from "./attentionReport";
import { positionCaps } from "./positionTables";
import type { ModelState } from "./state";

/** Where n comes from: a dim of the model, else the length that the file fixes, as what would be without that. */
export function lengthsOf(
  state: ModelState,
  algebra: Algebra,
  findings: AttentionFindings,
  tools: LiftTools,
): LengthSource {
  if (algebra.axes.length > 0) {
    return source(state, algebra, { whatIf: null, noAxis: null });
  }
  const lifted = liftLength(state.model, state.inference, findings, tools);
  return typeof lifted === "string"
    ? source(state, algebra, { whatIf: null, noAxis: lifted })
    : liftedSource(state, lifted);
}

function source(
  state: ModelState,
  algebra: Algebra,
  words: Pick<LengthSource, "whatIf" | "noAxis">,
): LengthSource {
  const made = new Map<Axis, InLength>();
  const curves = new Map<Axis, CurvePoints>();
  const inLength = (axis: Axis): InLength => {
    const known = made.get(axis) ?? new InLength(axis, algebra.name);
    made.set(axis, known);
    return known;
  };
  return {
    ...words,
    algebra,
    caps: positionCaps(state.model, algebra.inference),
    bound: (bindings) => bindings,
    rules: rulesOf,
    inLength,
    points(axis, blocks) {
      const known = curves.get(axis);
      if (known?.blocks.length === blocks.length && known.blocks.every((block, i) => block === blocks[i])) {
        return known;
      }
      const points = new CurvePoints(algebra.model.flops, blocks, inLength(axis));
      curves.set(axis, points);
      return points;
    },
  };
}

function liftedSource(state: ModelState, lifted: Lifted): LengthSource {
  const { inference, findings, name, length, axes, tokens, needsTable } = lifted;
  const whole = algebraOf(state.model, inference, findings);
  const [id = name] = axes;
  const named = whole.axes.map((axis) => ({
    ...axis,
    id,
    title: axis.unit === "tokens" && length !== tokens ? `Size of ${id}` : axis.title,
  }));
  const listed = axes.length === 1 ? id : `${axes.slice(0, -1).join(", ")} and ${axes.at(-1)}`;
  const becomes = length === tokens ? "" : `, which become ${tokens} tokens`;
  const found = `${length} is the size of ${listed}${becomes}, and both axes of the scores follow it`;
  const base = source(state, { ...whole, axes: named }, { whatIf: found, noAxis: null });
  return {
    ...base,
    caps: needsTable ? new Map([[name, length]]) : base.caps,
    bound: (bindings) => new Map([...bindings, [name, length]]),
    rules: () => axes.map((axis) => `${axis} = n`),
  };
}
