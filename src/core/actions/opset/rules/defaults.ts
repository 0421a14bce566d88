import type { OpsetRule } from "./types";

/** Positions were counted from pixels' corners; the attribute that says so came with another default. */
export const roiAlign16: OpsetRule = {
  ops: ["RoiAlign"],
  since: 16,
  raise(draft) {
    draft.setText("coordinate_transformation_mode", "output_half_pixel");
    return undefined;
  },
};

/** The axis becomes an input with another default. */
export const dft20: OpsetRule = {
  ops: ["DFT"],
  since: 20,
  raise(draft) {
    const axis = draft.int("axis") ?? 1;
    draft.attributes.delete("axis");
    draft.setInput(2, draft.constant("axis", "int64", [], [axis])!);
    return undefined;
  },
};
