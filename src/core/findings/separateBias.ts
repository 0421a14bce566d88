import { fixedBy } from "./fixedBy";

export const separateBias = fixedBy({
  code: "separate-bias",
  severity: "info",
  action: "mergeBias",
  message: ({ detail }) => `The bias of this MatMul is added by a node of its own. ${detail}.`,
});
