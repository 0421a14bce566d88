export const BLOCK_COLUMNS = [
  "name",
  "share",
  "macs",
  "op",
  "relation",
  "heads",
  "headDim",
  "lengths",
  "mask",
  "projections",
  "scores",
  "softmax",
  "weightedSum",
  "formula",
] as const;
export type BlockColumn = (typeof BLOCK_COLUMNS)[number];
