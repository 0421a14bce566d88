import { largeFloatWeights } from "./largeFloatWeights";
import type { FindingRule } from "./types";
import { unknownCost } from "./unknownCost";

/** Every diagnostic. A new one is one file and one line here. */
export const FINDINGS: readonly FindingRule[] = [unknownCost, largeFloatWeights];
