import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
export const cache = join(root, ".cache");
export const out = join(root, "out");
export const serverPackage = join(root, "test", "vscode-server");
