import { existsSync } from "node:fs";
import { cp, mkdir, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import * as esbuild from "esbuild";
import { startHeadlessBrowser } from "./headlessBrowser.mjs";
import { EventFile } from "./hostTestEvents.mjs";
import { showLogs } from "./logs.mjs";
import { cache, out, root } from "./paths.mjs";
import { softwareGpuEnv } from "./softwareGpu.mjs";
import { startVscodeServer } from "./vscodeServer.mjs";

const folder = join(out, "host-run");
const bundles = join(out, "host");

/** Runs test/host inside the extension host of a real VS Code; answers how many tests passed and failed. */
export async function runHostTests() {
  await rm(folder, { recursive: true, force: true });
  const workspace = join(folder, "workspace");
  await mkdir(workspace, { recursive: true });
  await cp(join(root, "samples"), workspace, { recursive: true });
  await bundleTests();
  const events = new EventFile(join(folder, "events.jsonl"));
  const setup = {
    workspace,
    tests: join(bundles, "run.cjs"),
    events,
    env: { ...softwareGpuEnv(), ONNXRAY_HOST_TEST_EVENTS: events.path },
  };
  const desktop = await findDesktopVscode();
  try {
    return await (desktop === undefined ? runInServer(setup) : runInDesktop(desktop, setup));
  } catch (error) {
    console.error(`✗ host tests: ${error.message}`);
    await showLogs(folder);
    return { passed: events.passed, failed: events.failed + 1 };
  }
}

/** Each test file and the runner become one file; mocha is loaded from node_modules. */
async function bundleTests() {
  const sources = join(root, "test", "host");
  const names = (await readdir(sources)).filter((name) => name.endsWith(".test.ts"));
  await rm(bundles, { recursive: true, force: true });
  await esbuild.build({
    absWorkingDir: root,
    entryPoints: ["run.ts", ...names].map((name) => join(sources, name)),
    outdir: bundles,
    outExtension: { ".js": ".cjs" },
    bundle: true,
    sourcemap: "inline",
    platform: "node",
    format: "cjs",
    target: "node20",
    external: ["vscode", "mocha"],
    logLevel: "warning",
  });
}

/** A desktop VS Code: the one that VSCODE_EXECUTABLE names, else a download where that works and there is a display. */
async function findDesktopVscode() {
  const chosen = process.env.VSCODE_EXECUTABLE;
  if (chosen !== undefined) {
    if (!existsSync(chosen)) {
      throw new Error(`VSCODE_EXECUTABLE names ${chosen}, which is not there.`);
    }
    return chosen;
  }
  const { DISPLAY, WAYLAND_DISPLAY } = process.env;
  if (process.platform === "linux" && DISPLAY === undefined && WAYLAND_DISPLAY === undefined) {
    return undefined;
  }
  const { downloadAndUnzipVSCode, SilentReporter } = await import("@vscode/test-electron");
  try {
    return await downloadAndUnzipVSCode({
      cachePath: join(cache, "vscode-test"),
      reporter: new SilentReporter(),
      timeout: 15_000,
    });
  } catch (error) {
    console.log(`VS Code cannot be downloaded here (${error.message}); the one from npm is used.`);
    return undefined;
  }
}

async function runInDesktop(executable, { workspace, tests, events, env }) {
  const { runTests } = await import("@vscode/test-electron");
  console.log(`Host tests in ${executable}`);
  const run = runTests({
    vscodeExecutablePath: executable,
    extensionDevelopmentPath: root,
    extensionTestsPath: tests,
    extensionTestsEnv: env,
    launchArgs: [
      workspace,
      "--disable-extensions",
      "--disable-workspace-trust",
      "--skip-welcome",
      `--user-data-dir=${join(folder, "desktop-data")}`,
    ],
  });
  return await Promise.race([
    events.end(),
    // Failed tests end VS Code with a code that says no more than the events do.
    run.then(
      () => events.end({ ended: true }),
      () => events.end({ ended: true }),
    ),
  ]);
}

async function runInServer({ workspace, tests, events, env }) {
  console.log("Host tests in VS Code from npm, in a browser");
  const { chromium } = await import("playwright-core");
  const [server, browser] = await Promise.all([
    startVscodeServer({ folder, extension: root, env }),
    startHeadlessBrowser({ folder }),
  ]);
  try {
    const connection = await chromium.connectOverCDP(browser.endpoint);
    const page = await connection.newPage();
    await page.goto(server.address({ workspace, tests }));
    const counts = await events.end().catch(async (error) => {
      await page.screenshot({ path: join(folder, "window.png") }).catch(() => {});
      throw error;
    });
    await connection.close();
    return counts;
  } finally {
    browser.stop();
    server.stop();
  }
}
