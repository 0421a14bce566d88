import { fixedInModelBy } from "./fixedBy";

export const duplicateWeights = fixedInModelBy({
  code: "duplicate-weights",
  severity: "info",
  action: "mergeDuplicates",
  message: ({ detail }) => `Weights may be stored more than once: ${detail}.`,
});
