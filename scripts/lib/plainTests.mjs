import { softwareGpuEnv } from "./softwareGpu.mjs";
import { runVitest } from "./vitest.mjs";

/** Start processes or a browser, run models in onnxruntime by the hundred, or try things at random: most of the time of all. */
const LONG = [
  "test/cli/**",
  "test/core/actions/**",
  "test/core/edit/inverse.test.ts",
  "test/core/infer/again.test.ts",
  "test/core/model/malformed.test.ts",
  "test/core/model/roundTrip.test.ts",
  "test/core/ops/random.test.ts",
  "test/core/ops/reuse.test.ts",
  "test/core/tensor/int8PerChannel.test.ts",
  "test/engine/badInput.test.ts",
  "test/engine/profile/**",
  "test/engine/save/**",
  "test/engine/session/figures.test.ts",
  "test/engine/table/inner.test.ts",
  "test/fuzz/**",
  "test/webview/*/view.test.ts",
  "test/webview/page/**",
];

/** Somebody waits for them. */
const EVERY_CORE = "--maxWorkers=100%";

/** Everything that needs no VS Code and no package. */
export function runPlainTests(args = []) {
  return runVitest("plain", [EVERY_CORE, ...args], softwareGpuEnv());
}

/** The plain tests that are over in seconds. */
export function runQuickTests() {
  return runVitest("quick", [EVERY_CORE, ...LONG.flatMap((files) => ["--exclude", files])]);
}
