import { closeSync, openSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { onnxModel } from "../../support/onnxBuilder";
import { Random } from "../../support/random";
import { report } from "../figures";

/** One weight of 1 GiB of float32 in a side file, and the same bytes once more as a matrix turned round. */
const HEIGHT = 8192;
const WIDTH = 32_768;
/** Values that are repeated: what a value is decides nothing about the time that it takes. */
const BLOCK = 4 * 2 ** 20;

const folder = process.argv[2]!;
const random = new Random(1);
const block = Float32Array.from(
  { length: BLOCK },
  () => 0.02 * (random.fraction() + random.fraction() + random.fraction() - 1.5),
);
const file = openSync(join(folder, "weights.data"), "w");
for (let written = 0; written < HEIGHT * WIDTH; written += BLOCK) {
  writeSync(file, new Uint8Array(block.buffer));
}
closeSync(file);
const external = { location: "weights.data", offset: 0, length: 4 * HEIGHT * WIDTH };
const weight = (name: string, dims: readonly number[]) =>
  ({ name, type: "float32", dims, external }) as const;
writeFileSync(
  join(folder, "weights.onnx"),
  onnxModel({
    graph: {
      nodes: [
        { op: "MatMul", inputs: ["x", "W"], outputs: ["h"] },
        { op: "MatMul", inputs: ["h", "turned"], outputs: ["y"] },
      ],
      inputs: [{ name: "x", dims: ["n", HEIGHT] }],
      outputs: [{ name: "y", dims: ["n", HEIGHT] }],
      initializers: [weight("W", [HEIGHT, WIDTH]), weight("turned", [WIDTH, HEIGHT])],
    },
  }),
);
report({ weightBytes: 4 * HEIGHT * WIDTH });
