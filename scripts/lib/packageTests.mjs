import { makePackages } from "./packaging.mjs";
import { softwareGpuEnv } from "./softwareGpu.mjs";
import { runVitest } from "./vitest.mjs";

/** Makes the package of every platform and holds what is in it against what should be. */
export async function runPackageTests(args = []) {
  await makePackages();
  return await runVitest(
    "package",
    ["--config", "test/arch/package/vitest.config.ts", ...args],
    softwareGpuEnv(),
  );
}
