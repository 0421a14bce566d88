import { existsSync } from "node:fs";
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { startHeadlessBrowser } from "./headlessBrowser.mjs";
import { showLogs } from "./logs.mjs";
import { makePackages, packagePath } from "./packaging.mjs";
import { out, root } from "./paths.mjs";
import { softwareGpuEnv } from "./softwareGpu.mjs";
import { runVitest } from "./vitest.mjs";
import { installVsix, startVscodeServer } from "./vscodeServer.mjs";

const folder = join(out, "ui-run");

/**
 * Drives real windows of a real VS Code in a real browser: one with the extension from its sources, one with the package
 * that users install. Servers and browser belong to the harness, so that they end with it.
 */
export async function runUiTests({ args = [], updateScreenshots = false } = {}) {
  await rm(folder, { recursive: true, force: true });
  const [sources, installed] = ["sources", "installed"].map((name) => join(folder, name));
  await mkdir(sources, { recursive: true });
  await mkdir(installed, { recursive: true });
  await installVsix(installed, await packageForThisMachine());
  const env = softwareGpuEnv();
  const servers = await Promise.all([
    startVscodeServer({ folder: sources, extension: root, env }),
    startVscodeServer({ folder: installed, env }),
  ]);
  const browser = await startHeadlessBrowser({ folder });
  try {
    const counts = await runVitest("ui", ["--config", "test/ui/vitest.config.ts", ...args], {
      ...env,
      ONNXRAY_UI_BROWSER: browser.endpoint,
      ONNXRAY_UI_SOURCES: JSON.stringify(described(servers[0])),
      ONNXRAY_UI_INSTALLED: JSON.stringify(described(servers[1])),
      ...(updateScreenshots ? { ONNXRAY_UI_UPDATE_SCREENSHOTS: "1" } : {}),
    });
    if (counts.failed > 0) {
      await showLogs(folder);
    }
    return counts;
  } finally {
    browser.stop();
    for (const server of servers) {
      server.stop();
    }
  }
}

function described({ port, data, development }) {
  return { port, data, development };
}

async function packageForThisMachine() {
  const target = `${process.platform}-${process.arch}`;
  const path = await packagePath(target);
  if (!existsSync(path)) {
    await makePackages([target]);
  }
  return path;
}
