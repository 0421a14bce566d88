import { readdirSync } from "node:fs";
import { join } from "node:path";

const ROOT = join(import.meta.dirname, "../..");

/** Every real model of the repository, by name and path. */
export const FIXTURES: readonly { readonly name: string; readonly path: string }[] = [
  ...readdirSync(join(ROOT, "test/fixtures/models"))
    .filter((file) => file.endsWith(".onnx"))
    .map((file) => ({ name: file.replace(".onnx", ""), path: join(ROOT, "test/fixtures/models", file) })),
  { name: "samples/encoder", path: join(ROOT, "samples/encoder.onnx") },
];
