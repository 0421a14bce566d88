import { cp, mkdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import * as esbuild from "esbuild";
import { root } from "./lib/paths.mjs";

/** Everything that Node runs: one self-contained CommonJS file each; native code and vscode stay outside. */
const nodeBundles = {
  extension: "src/extension.ts",
  engine: "src/engine/worker.ts",
  compute: "src/engine/save/compute/worker.ts",
  profiler: "src/profiler/main.ts",
  cli: "src/cli/main.ts",
};

const panels = ["model", "attention", "parameters"];

/** Packages that a user's installation carries as they are, since they load native files from beside them. */
export const runtimePackages = ["onnxruntime-node", "onnxruntime-common"];

async function configurations({ production, outdir }) {
  const { version } = JSON.parse(await readFile(join(root, "package.json"), "utf8"));
  const shared = {
    absWorkingDir: root,
    bundle: true,
    minify: production,
    metafile: true,
    sourcemap: production ? false : "linked",
    logLevel: production ? "warning" : "info",
    legalComments: "none",
  };
  return [
    {
      ...shared,
      entryPoints: nodeBundles,
      outdir,
      outExtension: { ".js": ".cjs" },
      platform: "node",
      format: "cjs",
      target: "node20",
      external: ["vscode", ...runtimePackages],
      define: { ONNXRAY_VERSION: JSON.stringify(version) },
    },
    {
      ...shared,
      entryPoints: Object.fromEntries(panels.map((name) => [name, `webview/panels/${name}/main.tsx`])),
      outdir: join(outdir, "webview"),
      platform: "browser",
      format: "esm",
      target: "es2023",
      jsx: "automatic",
      jsxImportSource: "preact",
      loader: { ".ttf": "file" },
      assetNames: "[name]",
    },
  ];
}

/**
 * Builds every bundle.
 *
 * @param production small files without source maps, as users get them
 * @returns {Promise<string[]>} the source files that went in, relative to the project
 */
export async function build({ production = false, outdir = join(root, "dist") } = {}) {
  await rm(outdir, { recursive: true, force: true });
  await mkdir(outdir, { recursive: true });
  const results = await Promise.all((await configurations({ production, outdir })).map(esbuild.build));
  await cp(join(root, "node_modules/@vscode/codicons/dist"), join(outdir, "codicons"), {
    recursive: true,
    filter: (source) => !/\.(svg|html|csv|ts|json)$/.test(source),
  });
  return [...new Set(results.flatMap(({ metafile }) => Object.keys(metafile.inputs)))].sort();
}

/** The command line alone, with the programs that it runs: all that its tests need. */
export async function buildCommandLine(outdir) {
  const [node] = await configurations({ production: false, outdir });
  const { cli, compute, profiler } = nodeBundles;
  await esbuild.build({ ...node, entryPoints: { cli, compute, profiler }, logLevel: "warning" });
}

async function watch() {
  await build();
  const contexts = await Promise.all(
    (await configurations({ production: false, outdir: join(root, "dist") })).map(esbuild.context),
  );
  await Promise.all(contexts.map((context) => context.watch()));
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  await (process.argv.includes("--watch")
    ? watch()
    : build({ production: process.argv.includes("--production") }));
}
