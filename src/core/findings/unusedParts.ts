import { fixedInModelBy } from "./fixedBy";

export const unusedParts = fixedInModelBy({
  code: "unused-parts",
  severity: "warning",
  action: "removeUnused",
  message: ({ detail }) => `The model carries ${detail}.`,
});
