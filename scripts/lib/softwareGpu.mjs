import { existsSync } from "node:fs";
import { join } from "node:path";
import { cache } from "./paths.mjs";

/**
 * Environment in which onnxruntime's WebGPU provider finds a GPU on every Linux machine: SwiftShader, which comes with
 * the browser. Slow, but right, so that the whole GPU path is tested. A machine with a driver of its own keeps it.
 */
export function softwareGpuEnv() {
  const driver = join(cache, "browser", "vk_swiftshader_icd.json");
  return process.platform === "linux" && existsSync(driver) && process.env.VK_ICD_FILENAMES === undefined
    ? { VK_ICD_FILENAMES: driver }
    : {};
}
