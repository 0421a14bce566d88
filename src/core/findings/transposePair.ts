import { fixedBy } from "./fixedBy";

export const transposePair = fixedBy({
  code: "transpose-pair",
  severity: "info",
  action: "cancelTransposes",
  message: ({ detail }) => `This Transpose follows another one. ${detail}.`,
});
