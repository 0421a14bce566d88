import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { root } from "./paths.mjs";

/**
 * VS Code's names of the platforms that onnxruntime-node has native files for, with the folder of each. Intel Macs have
 * none since onnxruntime dropped them.
 */
export const TARGETS = {
  "linux-x64": "linux/x64",
  "linux-arm64": "linux/arm64",
  "win32-x64": "win32/x64",
  "win32-arm64": "win32/arm64",
  "darwin-arm64": "darwin/arm64",
};

/**
 * What is not packed. CUDA and TensorRT come as separate libraries of hundreds of MB that want an NVIDIA installation of a
 * certain version beside them; WebGPU is inside the main library and drives every vendor's card. The versioned dylib
 * repeats the one that the binding loads.
 */
const LEFT_OUT = [/providers_(cuda|tensorrt)/, /^libonnxruntime\.\d+\.\d+.*\.dylib$/];

/** Paths of a platform's native files, relative to the project. */
export async function nativeFiles(target) {
  const folder = `node_modules/onnxruntime-node/bin/napi-v6/${TARGETS[target]}`;
  const names = await readdir(join(root, folder));
  return names
    .filter((name) => !LEFT_OUT.some((pattern) => pattern.test(name)))
    .sort()
    .map((name) => `${folder}/${name}`);
}
