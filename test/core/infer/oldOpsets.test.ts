import { describe, expect, test } from "vitest";
import type { AttributeSpec, GraphSpec, NodeSpec, ValueSpec } from "../../support/onnxBuilder";
import { floatTensor, int64Tensor } from "../../support/onnxBuilder";
import { Built } from "./built";

/**
 * Forms that only old operator sets have, before 7 beyond what onnxruntime runs: attributes that became inputs,
 * broadcasting on request, types by name. Expectations are from the text of those versions.
 */

interface OldForm {
  readonly op: string;
  readonly opset: number;
  readonly inputs: readonly ValueSpec[];
  readonly attributes?: { readonly [name: string]: AttributeSpec };
  readonly initializers?: GraphSpec["initializers"];
  /** Names of what is stored rather than fed, behind the inputs. */
  readonly stored?: readonly string[];
  readonly outputs: readonly string[];
}

function built({
  op,
  opset,
  inputs,
  attributes = {},
  initializers = [],
  stored = [],
  outputs,
}: OldForm): Built {
  const node: NodeSpec = {
    op,
    name: "node",
    inputs: [...inputs.map(({ name }) => name), ...stored],
    outputs: outputs.map((_, i) => `out${i}`),
    attributes,
  };
  return new Built({
    ir: 3,
    opsets: { "": opset },
    graph: { nodes: [node], inputs, outputs: [], initializers: [...initializers] },
  });
}

const x = (...dims: readonly (number | string)[]): ValueSpec => ({ name: "x", dims });
const ints = (...values: readonly number[]): AttributeSpec => ({ ints: values });
const int = (value: number): AttributeSpec => ({ int: value });

const FORMS: readonly OldForm[] = [
  {
    op: "Add",
    opset: 6,
    inputs: [x(2, 3, 4, 5), { name: "b", dims: [3, 4] }],
    attributes: { broadcast: int(1), axis: int(1) },
    outputs: ["float32 [2, 3, 4, 5]"],
  },
  {
    op: "Mul",
    opset: 6,
    inputs: [x(2, 3), { name: "b", dims: [] }],
    attributes: { broadcast: int(1) },
    outputs: ["float32 [2, 3]"],
  },
  {
    op: "Greater",
    opset: 1,
    inputs: [x(2, 3), { name: "b", dims: [3] }],
    attributes: { broadcast: int(1), axis: int(1) },
    outputs: ["bool [2, 3]"],
  },
  {
    op: "Cast",
    opset: 5,
    inputs: [x(2, 3)],
    attributes: { to: { string: "INT64" } },
    outputs: ["int64 [2, 3]"],
  },
  {
    op: "Cast",
    opset: 1,
    inputs: [x(2, 3)],
    attributes: { to: { string: "DOUBLE" } },
    outputs: ["float64 [2, 3]"],
  },
  {
    op: "Reshape",
    opset: 1,
    inputs: [x(2, 3, 4)],
    attributes: { shape: ints(0, -1) },
    outputs: ["float32 [2, 12]"],
  },
  {
    op: "Tile",
    opset: 1,
    inputs: [x(2, 3)],
    stored: ["tiles", "axis"],
    initializers: [floatTensor("tiles", [1], [4]), floatTensor("axis", [1], [1])],
    outputs: ["float32 [2, 12]"],
  },
  {
    op: "Tile",
    opset: 6,
    inputs: [x(2, 3)],
    stored: ["repeats"],
    initializers: [int64Tensor("repeats", [2], [2, 4])],
    outputs: ["float32 [4, 12]"],
  },
  {
    op: "Pad",
    opset: 1,
    inputs: [x(1, 3, 4, 5)],
    attributes: { paddings: ints(0, 0, 1, 2, 0, 0, 3, 4) },
    outputs: ["float32 [1, 3, 8, 11]"],
  },
  {
    op: "Pad",
    opset: 2,
    inputs: [x(1, 3, 4, 5)],
    attributes: { pads: ints(0, 0, 1, 2, 0, 0, 3, 4) },
    outputs: ["float32 [1, 3, 8, 11]"],
  },
  {
    op: "Upsample",
    opset: 1,
    inputs: [x(1, 3, 4, 5)],
    attributes: { height_scale: { float: 2 }, width_scale: { float: 3 } },
    outputs: ["float32 [1, 3, 8, 15]"],
  },
  {
    op: "Upsample",
    opset: 7,
    inputs: [x(1, 3, 4, 5)],
    attributes: { scales: { floats: [1, 1, 2, 3] } },
    outputs: ["float32 [1, 3, 8, 15]"],
  },
  {
    op: "Upsample",
    opset: 9,
    inputs: [x(1, 3, 4, 5)],
    stored: ["scales"],
    initializers: [floatTensor("scales", [4], [1, 1, 2, 3])],
    outputs: ["float32 [1, 3, 8, 15]"],
  },
  {
    op: "Slice",
    opset: 1,
    inputs: [x(8, 6)],
    attributes: { starts: ints(1, -3), ends: ints(100, -1) },
    outputs: ["float32 [7, 2]"],
  },
  {
    op: "Squeeze",
    opset: 1,
    inputs: [x(1, 3, 1)],
    attributes: { axes: ints(0) },
    outputs: ["float32 [3, 1]"],
  },
  {
    op: "Unsqueeze",
    opset: 1,
    inputs: [x(3)],
    attributes: { axes: ints(0, 2) },
    outputs: ["float32 [1, 3, 1]"],
  },
  {
    op: "Split",
    opset: 2,
    inputs: [x(2, 7)],
    attributes: { axis: int(1), split: ints(3, 4) },
    outputs: ["float32 [2, 3]", "float32 [2, 4]"],
  },
  {
    op: "Clip",
    opset: 6,
    inputs: [x(2, 3)],
    attributes: { min: { float: 0 }, max: { float: 1 } },
    outputs: ["float32 [2, 3]"],
  },
  {
    op: "Dropout",
    opset: 6,
    inputs: [x(2, 3)],
    attributes: { ratio: { float: 0.5 } },
    outputs: ["float32 [2, 3]", "float32 [2, 3]"],
  },
  {
    op: "Dropout",
    opset: 12,
    inputs: [x(2, 3)],
    outputs: ["float32 [2, 3]", "bool [2, 3]"],
  },
  {
    op: "TopK",
    opset: 1,
    inputs: [x(2, 9)],
    attributes: { k: int(3) },
    outputs: ["float32 [2, 3]", "int64 [2, 3]"],
  },
  {
    op: "ReduceSum",
    opset: 11,
    inputs: [x(2, 3, 4)],
    attributes: { axes: ints(1), keepdims: int(0) },
    outputs: ["float32 [2, 4]"],
  },
  {
    op: "BatchNormalization",
    opset: 6,
    inputs: [x(2, 3, 4, 4), ...["s", "b", "m", "v"].map((name): ValueSpec => ({ name, dims: [3] }))],
    attributes: { is_test: int(0) },
    outputs: ["float32 [2, 3, 4, 4]", "float32 [3]", "float32 [3]", "float32 [3]", "float32 [3]"],
  },
  { op: "Concat", opset: 1, inputs: [x(2, 3), { name: "y", dims: [2, 4] }], outputs: ["float32 [2, 7]"] },
  {
    op: "Gemm",
    opset: 6,
    inputs: [x(2, 3), { name: "w", dims: [3, 4] }, { name: "c", dims: [4] }],
    attributes: { broadcast: int(1) },
    outputs: ["float32 [2, 4]"],
  },
  { op: "Softmax", opset: 1, inputs: [x(2, 3, 4)], outputs: ["float32 [2, 3, 4]"] },
  {
    op: "MaxPool",
    opset: 1,
    inputs: [x(1, 3, 8, 8)],
    attributes: { kernel_shape: ints(2, 2), strides: ints(2, 2) },
    outputs: ["float32 [1, 3, 4, 4]"],
  },
  {
    op: "RNN",
    opset: 1,
    inputs: [x(5, 2, 3), { name: "w", dims: [1, 4, 3] }, { name: "r", dims: [1, 4, 4] }],
    attributes: { hidden_size: int(4), output_sequence: int(1) },
    outputs: ["float32 [5, 1, 2, 4]", "float32 [1, 2, 4]"],
  },
  {
    op: "LSTM",
    opset: 14,
    inputs: [x(2, 5, 3), { name: "w", dims: [1, 16, 3] }, { name: "r", dims: [1, 16, 4] }],
    attributes: { hidden_size: int(4), layout: int(1) },
    outputs: ["float32 [2, 5, 1, 4]", "float32 [2, 1, 4]", "float32 [2, 1, 4]"],
  },
  {
    op: "Resize",
    opset: 10,
    inputs: [x(1, 3, 4, 5)],
    stored: ["scales"],
    initializers: [floatTensor("scales", [4], [1, 1, 2, 2])],
    outputs: ["float32 [1, 3, 8, 10]"],
  },
];

describe.each(FORMS.map((form) => [form.op, form.opset, form] as const))(
  "%s of opset %i",
  (_op, _opset, form) => {
    test("has the shapes of that version and a cost", () => {
      const model = built(form);
      expect(model.problems).toEqual([]);
      expect(form.outputs.map((_, i) => model.shown(`out${i}`))).toEqual(form.outputs);
      expect(model.cost("node").trust).not.toBe("unknown");
    });
  },
);
