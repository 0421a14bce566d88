import { axesInput13, axesInput18 } from "./axesInput";
import { batchNormalization9, batchNormalization14 } from "./batchNormalization";
import { clip11 } from "./clip";
import { dft20, roiAlign16 } from "./defaults";
import { dropout10, dropout12 } from "./dropout";
import { pad11 } from "./pad";
import { gridSample20, scatter11 } from "./renamed";
import { reshape5 } from "./reshape";
import { resize11, resize13, upsample9, upsample10 } from "./resize";
import { slice10 } from "./slice";
import { softmax13 } from "./softmax";
import { split13, split18 } from "./split";
import { topK10 } from "./topK";
import type { OpsetRule } from "./types";
import { groupNormalization21, withoutKernel22 } from "./unsupported";

/** What is done where an operator means something else from a version on. A new rule is one file and one line here. */
const RULES: readonly OpsetRule[] = [
  axesInput13,
  axesInput18,
  batchNormalization9,
  batchNormalization14,
  clip11,
  dft20,
  dropout10,
  dropout12,
  gridSample20,
  groupNormalization21,
  pad11,
  reshape5,
  resize11,
  resize13,
  roiAlign16,
  scatter11,
  slice10,
  softmax13,
  split13,
  split18,
  topK10,
  upsample9,
  upsample10,
  withoutKernel22,
];

const BY_KEY = new Map(
  RULES.flatMap((rule) => rule.ops.map((op): [string, OpsetRule] => [`${op} ${rule.since}`, rule])),
);

export function ruleFor(op: string, since: number): OpsetRule | undefined {
  return BY_KEY.get(`${op} ${since}`);
}
