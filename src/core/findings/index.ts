import { castChain } from "./castChain";
import { constantResult } from "./constantResult";
import { largeFloatWeights } from "./largeFloatWeights";
import { needlessNode } from "./needlessNode";
import { separateBias } from "./separateBias";
import { transposePair } from "./transposePair";
import type { FindingRule } from "./types";
import { unknownCost } from "./unknownCost";

/** Every diagnostic. A new one is one file and one line here. */
export const FINDINGS: readonly FindingRule[] = [
  unknownCost,
  largeFloatWeights,
  needlessNode,
  constantResult,
  transposePair,
  castChain,
  separateBias,
];
