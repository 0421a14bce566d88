import { spawnSync } from "node:child_process";
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { installProject } from "./lib/install.mjs";
import { cache, root } from "./lib/paths.mjs";
import { run, stopAll } from "./lib/processes.mjs";

await installProject();
const { build } = await import("./build.mjs");
await build();

const samples = join(root, "samples");
const sample = join(samples, "encoder.onnx");
const code = process.env.VSCODE_EXECUTABLE ?? (isOnPath("code") ? "code" : undefined);

if (code !== undefined) {
  console.log("Opening samples/encoder.onnx in VS Code…");
  const { code: exitCode } = await run(
    code,
    [`--extensionDevelopmentPath=${root}`, "--new-window", samples, sample],
    {
      shell: process.platform === "win32",
    },
  );
  process.exit(exitCode);
}

const { startVscodeServer } = await import("./lib/vscodeServer.mjs");
const folder = join(cache, "start");
await rm(folder, { recursive: true, force: true });
await mkdir(folder, { recursive: true });
const server = await startVscodeServer({ folder, extension: root });
const address = server.address({ workspace: samples });
console.log(
  `\nThere is no \`code\` on the PATH, so VS Code runs in the browser. Open this address:\n\n  ${address}\n`,
);
console.log("Click encoder.onnx in the explorer. Ctrl+C stops VS Code.");
await server.exited;
stopAll();

function isOnPath(command) {
  const probe = process.platform === "win32" ? "where" : "which";
  return spawnSync(probe, [command], { stdio: "ignore" }).status === 0;
}
