import { fixedBy } from "./fixedBy";

export const needlessNode = fixedBy({
  code: "needless-node",
  severity: "info",
  action: "removeNoOp",
  message: ({ detail }) => `This node changes nothing: ${detail}.`,
});
