import type { OpsetRule } from "./types";

/** Bounds and axes become inputs. */
export const slice10: OpsetRule = {
  ops: ["Slice"],
  since: 10,
  raise(draft) {
    for (const [index, name] of ["starts", "ends", "axes"].entries()) {
      const values = draft.ints(name);
      if (values === undefined) {
        if (name !== "axes") {
          return `it has no ${name}`;
        }
        continue;
      }
      const constant = draft.constant(name, "int64", [values.length], values);
      if (constant === undefined) {
        return `${name} has numbers beyond 2^53`;
      }
      draft.attributes.delete(name);
      draft.setInput(index + 1, constant);
    }
    return undefined;
  },
};
