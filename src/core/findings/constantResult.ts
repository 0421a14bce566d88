import { fixedBy } from "./fixedBy";

export const constantResult = fixedBy({
  code: "constant-result",
  severity: "info",
  action: "foldConstant",
  message: ({ detail }) => `This could be folded. ${detail}.`,
});
