import { fixedBy } from "./fixedBy";

export const accuracyLevel = fixedBy({
  code: "accuracy-level",
  severity: "warning",
  action: "setAccuracyLevel",
  message: () =>
    "This MatMulNBits has no accuracy_level, so that the CPU makes its weights float32 again at every run: slower than float32 for most shapes.",
});
