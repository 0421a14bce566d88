import { readdir } from "node:fs/promises";
import { basename, dirname } from "node:path";

/**
 * A location for new tensors beside the model, which no file has yet and no tensor names: "model.onnx.data", else
 * "model.onnx.2.data" and so on. Case does not tell names apart, since on some disks it does not.
 */
export async function freshLocation(modelPath: string, locations: readonly string[]): Promise<string> {
  const present = await readdir(dirname(modelPath)).catch((): string[] => []);
  const taken = new Set([...present, ...locations, basename(modelPath)].map((name) => name.toLowerCase()));
  for (let count = 1; ; count++) {
    const name = `${basename(modelPath)}${count === 1 ? "" : `.${count}`}.data`;
    if (!taken.has(name.toLowerCase())) {
      return name;
    }
  }
}

/** Whether a file beside the model is called as this names its data. */
export function isNameForData(name: string, modelPath: string): boolean {
  const model = basename(modelPath);
  return name.startsWith(model) && /^(\.[1-9]\d*)?\.data$/.test(name.slice(model.length));
}
