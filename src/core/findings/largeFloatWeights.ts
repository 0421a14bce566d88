import type { FindingRule } from "./types";

const MEBIBYTE = 1024 * 1024;

/** Float weights that could be stored in a quarter of the bytes. */
export const largeFloatWeights: FindingRule = {
  code: "large-float-weights",
  severity: "info",
  look({ offers }) {
    const fixes = offers.filter(({ call }) => call.action === "quantizeWeights");
    const [fix] = fixes;
    // Weights that something else reads as floats would be stored twice.
    if (fix === undefined || fix.weightBytesAfter >= fix.weightBytesBefore) {
      return undefined;
    }
    const before = (fix.weightBytesBefore / MEBIBYTE).toPrecision(3);
    const after = (fix.weightBytesAfter / MEBIBYTE).toPrecision(3);
    return { message: `Float weights of ${before} MiB could be int8 with ${after} MiB.`, fixes };
  },
};
