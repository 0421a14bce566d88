import type { OpsetRule } from "./types";

/** Statistics are always those of channels. */
export const batchNormalization9: OpsetRule = {
  ops: ["BatchNormalization"],
  since: 9,
  raise(draft) {
    if ((draft.int("spatial") ?? 1) !== 1) {
      return "its statistics are those of each position";
    }
    draft.attributes.delete("spatial");
    return undefined;
  },
};

/** Training is said by an attribute and not by the number of outputs. */
export const batchNormalization14: OpsetRule = {
  ops: ["BatchNormalization"],
  since: 14,
  raise: (draft) => (draft.outputs.length > 1 ? "it gives out what only training needs" : undefined),
};
