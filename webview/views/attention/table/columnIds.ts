export const BLOCK_COLUMNS = [
  "name",
  "op",
  "relation",
  "heads",
  "headDim",
  "lengths",
  "mask",
  "share",
  "macs",
  "projections",
  "scores",
  "softmax",
  "weightedSum",
  "formula",
] as const;
export type BlockColumn = (typeof BLOCK_COLUMNS)[number];
