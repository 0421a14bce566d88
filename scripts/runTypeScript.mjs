// Runs a TypeScript file of this repository with Node: node scripts/runTypeScript.mjs FILE [arguments]
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { build } from "esbuild";

const [file, ...rest] = process.argv.slice(2);
if (file === undefined) {
  process.stderr.write("Say which TypeScript file to run: node scripts/runTypeScript.mjs FILE [arguments]\n");
  process.exit(2);
}
const folder = mkdtempSync(join(tmpdir(), "onnxray-"));
const outfile = join(folder, "bundle.mjs");
try {
  await build({
    entryPoints: [resolve(file)],
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node20",
    outfile,
    logLevel: "warning",
  });
  process.argv = [process.argv[0], file, ...rest];
  await import(pathToFileURL(outfile).href);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
