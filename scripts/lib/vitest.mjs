import { mkdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { out, root } from "./paths.mjs";
import { run } from "./processes.mjs";

/** Runs tests with vitest; answers how many passed and failed. A run that finds no test has failed. */
export async function runVitest(name, args, env = {}) {
  const report = join(out, "reports", `${name}.json`);
  await mkdir(join(out, "reports"), { recursive: true });
  await rm(report, { force: true });
  const { code } = await run(
    process.execPath,
    [
      join(root, "node_modules", "vitest", "vitest.mjs"),
      "run",
      "--reporter=default",
      "--reporter=json",
      `--outputFile.json=${report}`,
      ...args,
    ],
    { cwd: root, env: { ...process.env, ...env } },
  );
  const { numPassedTests: passed, numFailedTests: failed } = JSON.parse(
    await readFile(report, "utf8").catch(() => "{}"),
  );
  const ran = (passed ?? 0) + (failed ?? 0);
  return { passed: passed ?? 0, failed: Math.max(failed ?? 0, code !== 0 || ran === 0 ? 1 : 0) };
}
