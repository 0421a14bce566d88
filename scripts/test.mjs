import { performance } from "node:perf_hooks";
import { parseArgs } from "node:util";
import { installProject, installVscodeServer } from "./lib/install.mjs";

const USAGE = `npm test [-- options] [-- filter...]

  --only <stage>          run this stage alone, on what was built before: check, build, plain,
                          package, host or ui
  --update-screenshots    write the pictures that README shows into media/screenshots/
  filter                  with --only plain, package or ui: arguments for vitest, such as a file or -t "name"`;

const { values: options, positionals } = parseArgs({
  options: {
    only: { type: "string" },
    "update-screenshots": { type: "boolean" },
    help: { type: "boolean" },
  },
  allowPositionals: true,
});
if (options.help) {
  console.log(USAGE);
  process.exit(0);
}

/** In this order: what is quick and most likely to fail comes first. Each answers how many tests passed and failed. */
const stages = {
  check: async () => {
    const { checkTypesAndLint } = await import("./check.mjs");
    return (await checkTypesAndLint()) ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 };
  },
  build: async () => {
    const { build } = await import("./build.mjs");
    await build();
    return { passed: 1, failed: 0 };
  },
  plain: async () => {
    const { runPlainTests } = await import("./lib/plainTests.mjs");
    return await runPlainTests(positionals);
  },
  package: async () => {
    const { runPackageTests } = await import("./lib/packageTests.mjs");
    return await runPackageTests(positionals);
  },
  host: async () => {
    const { runHostTests } = await import("./lib/hostTests.mjs");
    return await runHostTests();
  },
  ui: async () => {
    const { runUiTests } = await import("./lib/uiTests.mjs");
    return await runUiTests({ args: positionals, updateScreenshots: options["update-screenshots"] ?? false });
  },
};

if (options.only !== undefined && !Object.hasOwn(stages, options.only)) {
  console.error(`There is no stage "${options.only}".\n\n${USAGE}`);
  process.exit(2);
}

await installProject();
await installVscodeServer();
if (process.platform === "linux" && process.arch === "x64") {
  const { unpackBrowser } = await import("./lib/browser.mjs");
  await unpackBrowser();
}

let passed = 0;
let failed = 0;
for (const [name, stage] of Object.entries(stages)) {
  if (options.only !== undefined && options.only !== name) {
    continue;
  }
  console.log(`\n== ${name}`);
  const start = performance.now();
  const counts = await stage().catch((error) => {
    console.error(`✗ ${name}: ${error.stack}`);
    return { passed: 0, failed: 1 };
  });
  passed += counts.passed;
  // A stage that ran nothing proves nothing.
  failed += counts.passed + counts.failed === 0 ? 1 : counts.failed;
  const seconds = ((performance.now() - start) / 1000).toFixed(0);
  console.log(`== ${name}: ${counts.passed} passed, ${counts.failed} failed (${seconds} s)`);
}
console.log(`\n${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
