import { accuracyLevel } from "./accuracyLevel";
import { castChain } from "./castChain";
import { constantResult } from "./constantResult";
import { duplicateWeights } from "./duplicateWeights";
import { fixedBatch } from "./fixedBatch";
import { largeFloatWeights } from "./largeFloatWeights";
import { namelessNodes } from "./namelessNodes";
import { needlessNode } from "./needlessNode";
import { separateBias } from "./separateBias";
import { signedActivations } from "./signedActivations";
import { tooNew } from "./tooNew";
import { transposePair } from "./transposePair";
import type { FindingRule } from "./types";
import { unfusedAttention } from "./unfusedAttention";
import { unfusedQdq } from "./unfusedQdq";
import { unknownCost } from "./unknownCost";
import { unusedParts } from "./unusedParts";

/** Every diagnostic. A new one is one file and one line here. */
export const FINDINGS: readonly FindingRule[] = [
  unknownCost,
  accuracyLevel,
  signedActivations,
  unfusedQdq,
  unusedParts,
  largeFloatWeights,
  needlessNode,
  constantResult,
  duplicateWeights,
  transposePair,
  castChain,
  separateBias,
  unfusedAttention,
  fixedBatch,
  namelessNodes,
  tooNew,
];
