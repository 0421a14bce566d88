import type { OpsetRule } from "./types";

/** The shape becomes an input. */
export const reshape5: OpsetRule = {
  ops: ["Reshape"],
  since: 5,
  raise(draft) {
    const shape = draft.ints("shape");
    if (shape === undefined) {
      return "it has no shape";
    }
    draft.attributes.delete("shape");
    draft.setInput(1, draft.constant("shape", "int64", [shape.length], shape)!);
    return undefined;
  },
};
