import type { OpsetRule } from "./types";

/** Until 13 all axes from the named one on were one; since then it is only that one. */
export const softmax13: OpsetRule = {
  ops: ["Softmax", "LogSoftmax", "Hardmax"],
  since: 13,
  raise(draft) {
    const { shape } = draft.fact(0);
    const axis = draft.int("axis") ?? 1;
    const counted = axis < 0 ? axis + (shape?.length ?? 0) : axis;
    if (counted < (shape?.length ?? 0) && shape?.slice(counted + 1).every((size) => size === 1) === true) {
      draft.setInt("axis", counted);
      return undefined;
    }
    const [input = ""] = draft.inputs;
    const whole = draft.before("Shape", [input]);
    draft.inputs[0] = draft.before("Flatten", [input], { axis: { type: "int", value: axis } });
    draft.setInt("axis", -1);
    draft.after("Reshape", [whole]);
    return undefined;
  },
};
