import type { NodeFindingRule } from "./types";

const UNITS = ["bytes", "KiB", "MiB", "GiB", "TiB"];

/** Float weights that could be stored in a quarter of the bytes. */
export const largeFloatWeights: NodeFindingRule = {
  scope: "node",
  code: "large-float-weights",
  severity: "info",
  look({ offers }) {
    const fixes = offers.filter(({ call }) => call.action === "quantizeWeights");
    const [fix] = fixes;
    // Weights that something else reads as floats would be stored twice.
    if (fix === undefined || fix.weightBytesAfter >= fix.weightBytesBefore) {
      return undefined;
    }
    const before = sizeText(fix.weightBytesBefore);
    const after = sizeText(fix.weightBytesAfter);
    return { message: `Float weights of ${before} could be int8 with ${after}.`, fixes };
  },
};

function sizeText(bytes: number): string {
  const unit = Math.min(UNITS.length - 1, Math.floor(Math.log2(Math.max(1, bytes)) / 10));
  return `${Number((bytes / 1024 ** unit).toPrecision(3))} ${UNITS[unit]}`;
}
