import type { OpsetRule } from "./types";

/** The sizes of the parts become an input. */
export const split13: OpsetRule = {
  ops: ["Split"],
  since: 13,
  raise(draft) {
    const sizes = draft.ints("split");
    if (sizes !== undefined) {
      draft.attributes.delete("split");
      draft.setInput(1, draft.constant("split", "int64", [sizes.length], sizes)!);
    }
    return undefined;
  },
};

/** Without sizes, the number of parts is said. */
export const split18: OpsetRule = {
  ops: ["Split"],
  since: 18,
  raise(draft) {
    if ((draft.inputs[1] ?? "") === "") {
      draft.setInt("num_outputs", draft.outputs.length);
    }
    return undefined;
  },
};
