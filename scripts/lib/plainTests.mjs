import { softwareGpuEnv } from "./softwareGpu.mjs";
import { runVitest } from "./vitest.mjs";

/** Everything that needs no VS Code and no package, in seconds. */
export function runPlainTests(args = []) {
  return runVitest("plain", args, softwareGpuEnv());
}
