import { cp, mkdir, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import * as esbuild from "esbuild";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const production = process.argv.includes("--production");
const watch = process.argv.includes("--watch");

/** Everything that Node runs: one self-contained CommonJS file each; native code and vscode stay outside. */
const nodeBundles = {
  extension: "src/extension.ts",
  engine: "src/engine/worker.ts",
  profiler: "src/profiler/main.ts",
  cli: "src/cli/main.ts",
};

const panels = ["model"];

const shared = {
  absWorkingDir: root,
  bundle: true,
  minify: production,
  sourcemap: production ? false : "linked",
  logLevel: "info",
  legalComments: "none",
};

const configurations = [
  {
    ...shared,
    entryPoints: nodeBundles,
    outdir: "dist",
    outExtension: { ".js": ".cjs" },
    platform: "node",
    format: "cjs",
    target: "node20",
    external: ["vscode", "onnxruntime-node"],
  },
  {
    ...shared,
    entryPoints: Object.fromEntries(panels.map((name) => [name, `webview/panels/${name}/main.tsx`])),
    outdir: "dist/webview",
    platform: "browser",
    format: "esm",
    target: "es2023",
    jsx: "automatic",
    jsxImportSource: "preact",
    loader: { ".ttf": "file" },
    assetNames: "[name]",
  },
];

export async function build() {
  await rm(join(root, "dist"), { recursive: true, force: true });
  await mkdir(join(root, "dist"), { recursive: true });
  await Promise.all(configurations.map((configuration) => esbuild.build(configuration)));
  await cp(join(root, "node_modules/@vscode/codicons/dist"), join(root, "dist/codicons"), {
    recursive: true,
    filter: (source) => !/\.(svg|html|csv|ts|json)$/.test(source),
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  if (watch) {
    const contexts = await Promise.all(configurations.map((configuration) => esbuild.context(configuration)));
    await Promise.all(contexts.map((context) => context.watch()));
  } else {
    await build();
  }
}
