import type { OpsetRule } from "./types";

/** Widths and value become inputs. */
export const pad11: OpsetRule = {
  ops: ["Pad"],
  since: 11,
  raise(draft) {
    const pads = draft.ints("pads");
    const value = draft.float("value");
    if (pads === undefined) {
      return "it has no pads";
    }
    draft.attributes.delete("pads");
    draft.setInput(1, draft.constant("pads", "int64", [pads.length], pads)!);
    if (value !== undefined && value !== 0) {
      const { dtype } = draft.fact(0);
      const constant = dtype && draft.constant("value", dtype, [], [value]);
      if (constant === undefined) {
        return "the type of what it pads is not known";
      }
      draft.setInput(2, constant);
    }
    draft.attributes.delete("value");
    return undefined;
  },
};
