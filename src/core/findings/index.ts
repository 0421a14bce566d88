import { accuracyLevel } from "./accuracyLevel";
import { castChain } from "./castChain";
import { constantResult } from "./constantResult";
import { duplicateWeights } from "./duplicateWeights";
import { fixedBatch } from "./fixedBatch";
import { largeFloatWeights } from "./largeFloatWeights";
import { needlessNode } from "./needlessNode";
import { separateBias } from "./separateBias";
import { signedActivations } from "./signedActivations";
import { transposePair } from "./transposePair";
import type { FindingRule } from "./types";
import { unknownCost } from "./unknownCost";
import { unusedParts } from "./unusedParts";

/** Every diagnostic. A new one is one file and one line here. */
export const FINDINGS: readonly FindingRule[] = [
  unknownCost,
  accuracyLevel,
  signedActivations,
  unusedParts,
  largeFloatWeights,
  needlessNode,
  constantResult,
  duplicateWeights,
  transposePair,
  castChain,
  separateBias,
  fixedBatch,
];
