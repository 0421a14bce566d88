import type { Draft } from "../draft";
import type { OpsetRule } from "./types";

/** Factors become an input. */
export const upsample9: OpsetRule = {
  ops: ["Upsample"],
  since: 9,
  raise(draft) {
    const scales = draft.floats("scales");
    if (scales === undefined) {
      return "it has no scales";
    }
    draft.attributes.delete("scales");
    draft.setInput(1, draft.constant("scales", "float32", [scales.length], scales)!);
    return undefined;
  },
};

/** Upsample becomes Resize, which also makes smaller. */
export const upsample10: OpsetRule = {
  ops: ["Upsample"],
  since: 10,
  raise(draft) {
    draft.opType = "Resize";
    return undefined;
  },
};

/** Where samples are taken is said; until then it was counted from the corner. */
export const resize11: OpsetRule = {
  ops: ["Resize"],
  since: 11,
  raise(draft) {
    const [data = "", scales = ""] = draft.inputs;
    if (draft.text("mode") !== "linear" && makesSmaller(draft)) {
      return "it makes smaller by taking the nearest element, which was rounded in another way";
    }
    draft.inputs.splice(0, 2, data, draft.constant("roi", "float32", [0], [])!, scales);
    draft.setText("coordinate_transformation_mode", "asymmetric");
    if (draft.text("mode") !== "linear") {
      draft.setText("nearest_mode", "floor");
    }
    return undefined;
  },
};

function makesSmaller(draft: Draft): boolean {
  const wasUpsample = draft.floatsOfFile("scales") ?? draft.fact(1).small;
  return wasUpsample?.every((factor) => typeof factor === "number" && factor >= 1) !== true;
}

/** One way of taking samples is gone. */
export const resize13: OpsetRule = {
  ops: ["Resize"],
  since: 13,
  raise: (draft) =>
    draft.text("coordinate_transformation_mode") === "tf_half_pixel_for_nn"
      ? "coordinate_transformation_mode tf_half_pixel_for_nn is gone"
      : undefined,
};
