import type { Draft } from "../draft";
import type { OpsetRule } from "./types";

function axesToInput(draft: Draft): undefined {
  const axes = draft.ints("axes");
  if (axes !== undefined) {
    draft.attributes.delete("axes");
    draft.setInput(1, draft.constant("axes", "int64", [axes.length], axes)!);
  }
  return undefined;
}

/** Axes become an input. */
export const axesInput13: OpsetRule = {
  ops: ["Squeeze", "Unsqueeze", "ReduceSum"],
  since: 13,
  raise: axesToInput,
};

export const axesInput18: OpsetRule = {
  ops: [
    "ReduceL1",
    "ReduceL2",
    "ReduceLogSum",
    "ReduceLogSumExp",
    "ReduceMax",
    "ReduceMean",
    "ReduceMin",
    "ReduceProd",
    "ReduceSumSquare",
  ],
  since: 18,
  raise: axesToInput,
};
