import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { linearModel, onnxModel } from "../../support/onnxBuilder";

/** Enough that a save takes a while and is given to threads. */
const INPUT = 4096;
const OUTPUT = 8192;

/** A MatMul of 128 MiB of float32 with its bias, the weight within the model file or in `weights.bin` beside it. */
export function writeBigModel(folder: string, external: boolean): string {
  const { graph } = linearModel();
  const values = Float32Array.from({ length: INPUT * OUTPUT }, (_, index) => ((index * 7) % 997) / 997 - 0.5);
  const raw = new Uint8Array(values.buffer);
  if (external) {
    writeFileSync(join(folder, "weights.bin"), raw);
  }
  const weight = { name: "W", type: "float32", dims: [INPUT, OUTPUT] } as const;
  const bias = new Uint8Array(4 * OUTPUT);
  const path = join(folder, "model.onnx");
  const model = onnxModel({
    graph: {
      ...graph,
      inputs: [{ name: "x", dims: ["n", INPUT] }],
      outputs: [{ name: "y", dims: ["n", OUTPUT] }],
      initializers: [
        {
          ...weight,
          ...(external ? { external: { location: "weights.bin", offset: 0, length: raw.length } } : { raw }),
        },
        { ...graph.initializers![1]!, dims: [OUTPUT], raw: bias },
      ],
    },
  });
  writeFileSync(path, model);
  return path;
}
