import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { installProject } from "./lib/install.mjs";
import { root } from "./lib/paths.mjs";
import { runQuickTests } from "./lib/plainTests.mjs";
import { run } from "./lib/processes.mjs";

const PROJECTS = ["tsconfig.json", "src/core/tsconfig.json", "webview/tsconfig.json", "test/tsconfig.json"];
const bin = (name) => join(root, "node_modules", ".bin", name);

/** Types and lint; true when all is well. What is wrong is printed. */
export async function checkTypesAndLint() {
  const steps = [
    ...PROJECTS.map((project) => ({
      title: `types of ${project}`,
      command: bin("tsc"),
      args: ["-p", project, "--pretty"],
    })),
    { title: "lint and format", command: bin("biome"), args: ["check", "--error-on-warnings", "."] },
  ];
  let good = true;
  for (const { title, command, args } of steps) {
    const start = performance.now();
    const { code, output } = await run(command, args, {
      cwd: root,
      stdio: ["ignore", "pipe", "pipe"],
      shell: process.platform === "win32",
    });
    console.log(`${code === 0 ? "✓" : "✗"} ${title} (${((performance.now() - start) / 1000).toFixed(1)} s)`);
    if (code !== 0) {
      console.log(output);
      good = false;
    }
  }
  return good;
}

if (process.argv[1] === join(root, "scripts", "check.mjs")) {
  await installProject();
  const good = await checkTypesAndLint();
  const { build } = await import("./build.mjs");
  await build();
  const { failed } = await runQuickTests();
  process.exit(good && failed === 0 ? 0 : 1);
}
