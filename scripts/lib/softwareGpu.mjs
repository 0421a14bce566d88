import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { cache } from "./paths.mjs";

/**
 * Environment in which onnxruntime's WebGPU provider finds a GPU on every Linux machine: SwiftShader, which comes with
 * the browser. Slow, but right, so that the whole GPU path is tested. A machine with a driver of its own keeps it.
 */
export function softwareGpuEnv() {
  const folder = join(cache, "browser");
  const driver = join(folder, "vk_swiftshader_icd.json");
  if (process.platform !== "linux" || !existsSync(driver) || process.env.VK_ICD_FILENAMES !== undefined) {
    return {};
  }
  // The loader that finds the driver comes along too: many machines without a GPU lack it.
  const libraries = [process.env.LD_LIBRARY_PATH, folder].filter((path) => path).join(delimiter);
  return { VK_ICD_FILENAMES: driver, LD_LIBRARY_PATH: libraries };
}
