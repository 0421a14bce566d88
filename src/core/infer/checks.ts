import type { Node } from "../model/types";
import { requiredInputs } from "../ops/arity";
import { axisIndex } from "../ops/dims";
import { numbersOf } from "../ops/small";
import type { InferContext, OpSpec } from "../ops/spec";

const required = new WeakMap<OpSpec, number>();

function requiredOf(spec: OpSpec): number {
  let count = required.get(spec);
  if (count === undefined) {
    count = requiredInputs(spec);
    required.set(spec, count);
  }
  return count;
}

/** Reports what every operator demands of its nodes alike: inputs that are there, and axes that exist. */
export function checkNode(ctx: InferContext, spec: OpSpec): void {
  const { node } = ctx;
  const count = requiredOf(spec);
  for (let i = 0; i < count; i++) {
    if ((node.inputs[i] ?? "") === "") {
      ctx.problem(`input ${spec.inputs?.[i] ?? i} is missing`);
      break;
    }
  }
  if (spec.axes !== "none" && (spec.axes !== undefined || node.attributes.size > 0)) {
    checkAxes(ctx, spec);
  }
}

function checkAxes(ctx: InferContext, spec: OpSpec): void {
  const own = spec.axes === "none" ? undefined : spec.axes;
  const named = namedAxes(ctx, ctx.node, own?.input);
  if (named.length === 0) {
    return;
  }
  const rank = own?.rank === undefined ? ctx.input(0).shape?.length : own.rank(ctx);
  const outside = rank === undefined ? undefined : named.find((axis) => axisIndex(axis, rank) === undefined);
  if (outside !== undefined) {
    ctx.problem(`axis ${outside} lies outside the ${rank} axes of the data`);
  }
}

function namedAxes(ctx: InferContext, node: Node, input: number | undefined): readonly number[] {
  if (input !== undefined && ctx.hasInput(input)) {
    return numbersOf(ctx.input(input)) ?? [];
  }
  const axis = node.attributes.has("axis") ? ctx.maybeInt("axis") : undefined;
  return axis === undefined ? (node.attributes.has("axes") ? (ctx.ints("axes") ?? []) : []) : [axis];
}
