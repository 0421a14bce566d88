import type { OpsetRule } from "./types";

/** The mask holds booleans. */
export const dropout10: OpsetRule = {
  ops: ["Dropout"],
  since: 10,
  raise: (draft) => (draft.hasOutput(1) ? "its mask gets another type" : undefined),
};

/** The ratio becomes an input; without the input that says so, the model is not trained. */
export const dropout12: OpsetRule = {
  ops: ["Dropout"],
  since: 12,
  raise(draft) {
    const ratio = draft.float("ratio");
    if (ratio !== undefined) {
      draft.attributes.delete("ratio");
      draft.setInput(1, draft.constant("ratio", "float32", [], [ratio])!);
    }
    return undefined;
  },
};
