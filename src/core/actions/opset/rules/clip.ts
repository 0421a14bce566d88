import type { OpsetRule } from "./types";

/** Bounds become inputs, of the data's type. */
export const clip11: OpsetRule = {
  ops: ["Clip"],
  since: 11,
  raise(draft) {
    const bounds = ["min", "max"].map((name) => ({ name, value: draft.float(name) }));
    const { dtype } = draft.fact(0);
    for (const [index, { name, value }] of bounds.entries()) {
      if (value === undefined) {
        continue;
      }
      const constant = dtype && draft.constant(name, dtype, [], [value]);
      if (constant === undefined) {
        return "the type of what it cuts is not known";
      }
      draft.attributes.delete(name);
      draft.setInput(index + 1, constant);
    }
    return undefined;
  },
};
