import { parseArgs } from "node:util";
import { installProject } from "./lib/install.mjs";

const { positionals } = parseArgs({ allowPositionals: true });

await installProject();
const { makePackages } = await import("./lib/packaging.mjs");
const { TARGETS } = await import("./lib/nativeFiles.mjs");
const unknown = positionals.filter((target) => !Object.hasOwn(TARGETS, target));
if (unknown.length > 0) {
  console.error(
    `There is no package for ${unknown.join(", ")}. There is: ${Object.keys(TARGETS).join(", ")}.`,
  );
  process.exit(2);
}
for (const { path, bytes } of await makePackages(positionals.length > 0 ? positionals : undefined)) {
  console.log(`${path} (${(bytes / 1e6).toFixed(1)} MB)`);
}
