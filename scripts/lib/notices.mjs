import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { root } from "./paths.mjs";

/**
 * The licences of the packages whose code users get.
 *
 * @param sources files that went into the bundles, relative to the project
 * @param others packages that are carried as they are
 */
export async function thirdPartyNotices(sources, others) {
  const bundled = sources
    .map((path) => /.*node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path)?.[0])
    .filter((folder) => folder !== undefined);
  const folders = new Set([...bundled, ...others.map((name) => `node_modules/${name}/`)]);
  // Beside the code that esbuild sees, the icons' font and style are copied.
  folders.add("node_modules/@vscode/codicons/");
  const sections = await Promise.all([...folders].sort().map(section));
  return ["Onnxray contains code of these packages.\n", ...sections].join(`\n${"-".repeat(80)}\n\n`);
}

async function section(folder) {
  const path = join(root, folder);
  const manifest = JSON.parse(await readFile(join(path, "package.json"), "utf8"));
  const names = (await readdir(path)).filter((name) => /^(licen[cs]e|notice)/i.test(name)).sort();
  const texts = await Promise.all(names.map((name) => readFile(join(path, name), "utf8")));
  const repository = manifest.repository?.url ?? manifest.repository ?? manifest.homepage ?? "";
  const by = typeof manifest.author === "string" ? manifest.author : (manifest.author?.name ?? "");
  const title = `${manifest.name} ${manifest.version} (${manifest.license})\n${repository}\n`;
  return [title, ...(texts.length > 0 ? texts : [`Licence: ${manifest.license}. Author: ${by}\n`])].join(
    "\n",
  );
}
