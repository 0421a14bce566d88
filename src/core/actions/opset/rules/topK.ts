import type { OpsetRule } from "./types";

/** How many it takes becomes an input. */
export const topK10: OpsetRule = {
  ops: ["TopK"],
  since: 10,
  raise(draft) {
    const count = draft.int("k");
    if (count === undefined) {
      return "it has no k";
    }
    draft.attributes.delete("k");
    draft.setInput(1, draft.constant("k", "int64", [1], [count])!);
    return undefined;
  },
};
