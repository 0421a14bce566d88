import { toHalf } from "../../../src/core/tensor/half";
import type { AttributeSpec, ModelSpec, TensorSpec } from "../../support/onnxBuilder";
import { Random } from "../../support/random";

/** A tensor with random elements of mixed size in each channel, so that channels need scales of their own. */
export function weightTensor(
  name: string,
  dims: readonly number[],
  type: "float32" | "float16" | "bfloat16" | "float64" = "float32",
  seed = 11,
): TensorSpec {
  const random = new Random(seed);
  const values = Float32Array.from(
    { length: dims.reduce((product, dim) => product * dim, 1) },
    (_, index) => (random.fraction() - 0.5) * (1 + (index % 7)),
  );
  return { name, type, dims, raw: rawOf(values, type) };
}

function rawOf(values: Float32Array, type: string): Uint8Array {
  switch (type) {
    case "float16":
      return new Uint8Array(Uint16Array.from(values, toHalf).buffer);
    case "bfloat16":
      return new Uint8Array(Uint16Array.from(new Uint32Array(values.buffer), (bits) => bits >>> 16).buffer);
    case "float64":
      return new Uint8Array(Float64Array.from(values).buffer);
    default:
      return new Uint8Array(values.buffer);
  }
}

export interface Layer {
  readonly title: string;
  readonly op: string;
  readonly input: readonly number[];
  readonly weight: readonly number[];
  /** Of the output channels in the weight. */
  readonly axis: number;
  readonly output: readonly number[];
  readonly attributes?: { readonly [name: string]: AttributeSpec };
}

/** One layer of each kind that the action knows, all with at least 4096 weights. */
export const LAYERS: readonly Layer[] = [
  { title: "MatMul", op: "MatMul", input: [5, 96], weight: [96, 64], axis: 1, output: [5, 64] },
  {
    title: "MatMul of stacked matrices",
    op: "MatMul",
    input: [3, 4, 40],
    weight: [3, 40, 48],
    axis: 2,
    output: [3, 4, 48],
  },
  { title: "Gemm", op: "Gemm", input: [5, 96], weight: [96, 64], axis: 1, output: [5, 64] },
  {
    title: "Gemm with transposed weights",
    op: "Gemm",
    input: [5, 96],
    weight: [64, 96],
    axis: 0,
    output: [5, 64],
    attributes: { transB: { int: 1 }, alpha: { float: 0.5 } },
  },
  { title: "Conv", op: "Conv", input: [1, 16, 9, 9], weight: [32, 16, 3, 3], axis: 0, output: [1, 32, 7, 7] },
  {
    title: "Conv in groups",
    op: "Conv",
    input: [1, 64, 9, 9],
    weight: [64, 16, 3, 3],
    axis: 0,
    output: [1, 64, 7, 7],
    attributes: { group: { int: 4 } },
  },
  {
    title: "ConvTranspose",
    op: "ConvTranspose",
    input: [1, 16, 5, 5],
    weight: [16, 32, 3, 3],
    axis: 1,
    output: [1, 32, 7, 7],
  },
];

/** A model of one layer, named "layer": y = op(x, W). */
export function layerModel(layer: Layer, weight: TensorSpec, parts: Partial<ModelSpec> = {}): ModelSpec {
  const { type } = weight;
  return {
    graph: {
      inputs: [{ name: "x", type, dims: layer.input }],
      outputs: [{ name: "y", type, dims: layer.output }],
      nodes: [
        {
          op: layer.op,
          name: "layer",
          inputs: ["x", weight.name!],
          outputs: ["y"],
          ...(layer.attributes === undefined ? {} : { attributes: layer.attributes }),
        },
      ],
      initializers: [weight],
    },
    ...parts,
  };
}
