import { cp, mkdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { build, runtimePackages } from "../build.mjs";
import { installVscodeServer } from "./install.mjs";
import { nativeFiles, TARGETS } from "./nativeFiles.mjs";
import { thirdPartyNotices } from "./notices.mjs";
import { out, root, serverPackage } from "./paths.mjs";
import { mustRun } from "./processes.mjs";
import { newerNode } from "./vscodeServer.mjs";

const vsce = join(serverPackage, "node_modules", "@vscode", "vsce", "vsce");

export const packagesFolder = join(out, "packages");

/** Where the package for a target lies once it is made. */
export async function packagePath(target) {
  const { name, version } = await readManifest();
  return join(packagesFolder, `${name}-${version}-${target}.vsix`);
}

/**
 * Builds what users get and packs it for each target, with the native files of that target alone.
 *
 * @param targets names of VS Code's platforms, of those in TARGETS
 * @returns {Promise<{target: string, path: string, bytes: number}[]>}
 */
export async function makePackages(targets = Object.keys(TARGETS)) {
  await installVscodeServer();
  const dist = join(out, "package-dist");
  const sources = await build({ production: true, outdir: dist });
  const notices = await thirdPartyNotices(sources, runtimePackages);
  await rm(packagesFolder, { recursive: true, force: true });
  await mkdir(packagesFolder, { recursive: true });
  const made = [];
  for (const target of targets) {
    const staging = join(out, "staging", target);
    await stage({ staging, target, dist, notices });
    const path = await packagePath(target);
    await mustRun(
      newerNode(),
      [vsce, "package", "--target", target, "--out", path, "--allow-missing-repository"],
      {
        cwd: staging,
      },
    );
    await rm(staging, { recursive: true });
    made.push({ target, path, bytes: (await stat(path)).size });
  }
  return made;
}

/** Lays out what the package may hold; the allow-list of .vscodeignore then decides. */
async function stage({ staging, target, dist, notices }) {
  await rm(staging, { recursive: true, force: true });
  await mkdir(staging, { recursive: true });
  await cp(dist, join(staging, "dist"), { recursive: true });
  for (const name of [".vscodeignore", "LICENSE", "CHANGELOG.md"]) {
    await cp(join(root, name), join(staging, name));
  }
  await cp(join(root, "media"), join(staging, "media"), {
    recursive: true,
    filter: (source) => source !== join(root, "media", "screenshots"),
  });
  const manifest = await readManifest();
  await writeFile(join(staging, "package.json"), json(installedManifest(manifest)));
  await writeFile(join(staging, "README.md"), await readme(manifest));
  await writeFile(join(staging, "ThirdPartyNotices.txt"), notices);
  for (const name of runtimePackages) {
    await stageRuntimePackage(name, join(staging, "node_modules", name));
  }
  for (const path of await nativeFiles(target)) {
    await cp(join(root, path), join(staging, path));
  }
}

/** Its code, and a manifest that asks for no more than what is there: the others serve its installation script. */
async function stageRuntimePackage(name, to) {
  const from = join(root, "node_modules", name);
  await mkdir(to, { recursive: true });
  await cp(join(from, "dist"), join(to, "dist"), { recursive: true });
  const {
    scripts: _,
    devDependencies: __,
    dependencies,
    ...manifest
  } = await readJson(join(from, "package.json"));
  const kept = Object.entries(dependencies ?? {}).filter(([other]) => runtimePackages.includes(other));
  await writeFile(join(to, "package.json"), json({ ...manifest, dependencies: Object.fromEntries(kept) }));
}

function installedManifest({ scripts: _, devDependencies: __, dependencies, ...manifest }) {
  const kept = Object.entries(dependencies).filter(([name]) => runtimePackages.includes(name));
  return { ...manifest, dependencies: Object.fromEntries(kept) };
}

/** Without a public repository, pictures and links into it would be broken in VS Code: their words stay. */
async function readme({ repository }) {
  const text = await readFile(join(root, "README.md"), "utf8");
  return repository === undefined
    ? text.replace(/!\[([^\]]*)\]\([^)]*\)/g, "*$1*").replace(/\[([^\]]*)\]\((?!https?:|#)[^)]*\)/g, "$1")
    : text;
}

function readManifest() {
  return readJson(join(root, "package.json"));
}

async function readJson(path) {
  return JSON.parse(await readFile(path, "utf8"));
}

function json(value) {
  return `${JSON.stringify(value, null, 2)}\n`;
}
