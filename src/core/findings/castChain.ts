import { fixedBy } from "./fixedBy";

export const castChain = fixedBy({
  code: "cast-chain",
  severity: "info",
  action: "cancelCasts",
  message: ({ detail }) => `This Cast follows another one that loses nothing. ${detail}.`,
});
