import type { OpsetRule } from "./types";

/** Scale and bias are those of channels and no longer of groups. */
export const groupNormalization21: OpsetRule = {
  ops: ["GroupNormalization"],
  since: 21,
  raise: () => "its scale and bias belong to channels from then on",
};

/** The installed onnxruntime would refuse to load the model. */
export const withoutKernel22: OpsetRule = {
  ops: ["GlobalLpPool", "MaxRoiPool", "RoiAlign"],
  since: 22,
  raise: () => "onnxruntime has no kernel of it",
};
