import { readFileSync } from "node:fs";
import { FIXTURES } from "../support/fixtures";
import { floatTensor, int64Tensor, linearModel, type ModelSpec, onnxModel } from "../support/onnxBuilder";

const condition = { name: "condition", type: "bool", dims: [] } as const;

/** Small models that between them have every kind of message: mutating them is fast and reaches everything. */
const SMALL: readonly ModelSpec[] = [
  linearModel(),
  {
    opsets: { "": 21, local: 1, "com.microsoft": 1 },
    doc: "doc",
    metadata: { key: "value" },
    graph: {
      doc: "graph",
      inputs: [condition, { name: "x", dims: ["batch", 3, 8, 8] }, { name: "n", type: "int64", dims: [1] }],
      outputs: [{ name: "y", dims: ["batch", null] }],
      values: [{ name: "c", dims: ["batch", 4, 8, 8], doc: "value" }],
      initializers: [
        floatTensor(
          "W",
          [4, 3, 3, 3],
          Array.from({ length: 108 }, (_, index) => index),
        ),
        int64Tensor("shape", [2], [0, -1]),
        { name: "half", type: "float16", dims: [2], typed: { field: 5, content: Uint8Array.of(1, 2) } },
        { name: "aside", type: "float32", dims: [4], external: { location: "w.bin", offset: 0, length: 16 } },
      ],
      sparse: [
        {
          values: floatTensor("sparse", [2], [1, 2]),
          indices: int64Tensor("", [2], [0, 3]),
          dims: [4],
        },
      ],
      nodes: [
        {
          op: "Conv",
          name: "/conv/Conv",
          inputs: ["x", "W"],
          outputs: ["c"],
          attributes: { kernel_shape: { ints: [3, 3] }, pads: { ints: [1, 1, 1, 1] }, group: { int: 1 } },
          metadata: { scope: "conv" },
        },
        {
          op: "Twice",
          domain: "local",
          inputs: ["c"],
          outputs: ["d"],
          attributes: { alpha: { float: 0.5 } },
        },
        {
          op: "If",
          inputs: ["condition"],
          outputs: ["e"],
          attributes: {
            then_branch: {
              graph: { nodes: [{ op: "Relu", inputs: ["d"], outputs: ["t"] }], outputs: [{ name: "t" }] },
            },
            else_branch: {
              graph: { nodes: [{ op: "Identity", inputs: ["d"], outputs: ["f"] }], outputs: [{ name: "f" }] },
            },
          },
        },
        { op: "Reshape", inputs: ["e", "shape"], outputs: ["y"] },
        { op: "Gelu", domain: "com.microsoft", inputs: ["y"], outputs: ["z"] },
        { op: "Constant", outputs: ["k"], attributes: { value: { tensor: int64Tensor("", [1], [4]) } } },
        { op: "Expand", inputs: ["aside", "k"], outputs: ["l"] },
      ],
    },
    functions: [
      {
        name: "Twice",
        domain: "local",
        inputs: ["v"],
        outputs: ["w"],
        attributes: ["alpha"],
        nodes: [{ op: "Add", inputs: ["v", "v"], outputs: ["w"] }],
      },
    ],
  },
  {
    graph: {
      inputs: [
        { name: "trips", type: "int64", dims: [] },
        condition,
        { name: "x", dims: ["n", "2*n", "n//2 + 1"] },
      ],
      outputs: [{ name: "y", dims: ["n", 1] }],
      initializers: [
        int64Tensor("axes", [1], [1]),
        int64Tensor("starts", [2], [0, -9]),
        int64Tensor("ends", [2], [9, 2 ** 31]),
      ],
      nodes: [
        { op: "Shape", inputs: ["x"], outputs: ["s"] },
        { op: "Gather", inputs: ["s", "axes"], outputs: ["g"], attributes: { axis: { int: 0 } } },
        { op: "Mul", inputs: ["g", "g"], outputs: ["m"] },
        { op: "ConstantOfShape", inputs: ["m"], outputs: ["z"] },
        { op: "Slice", inputs: ["x", "starts", "ends"], outputs: ["sl"] },
        {
          op: "Loop",
          inputs: ["trips", "condition", "sl"],
          outputs: ["y", "scan"],
          attributes: {
            body: {
              graph: {
                inputs: [
                  { name: "i", type: "int64", dims: [] },
                  { ...condition, name: "go" },
                  { name: "carried" },
                ],
                outputs: [{ ...condition, name: "go_on" }, { name: "next" }, { name: "row" }],
                nodes: [
                  { op: "Identity", inputs: ["go"], outputs: ["go_on"] },
                  {
                    op: "Transpose",
                    inputs: ["carried"],
                    outputs: ["next"],
                    attributes: { perm: { ints: [2, 0, 1] } },
                  },
                  { op: "ReduceSum", inputs: ["next", "axes"], outputs: ["row"] },
                ],
              },
            },
          },
        },
        {
          op: "Einsum",
          inputs: ["x", "x"],
          outputs: ["ei"],
          attributes: { equation: { string: "abc,abd->acd" } },
        },
        {
          op: "Split",
          inputs: ["x"],
          outputs: ["p", "q"],
          attributes: { axis: { int: -1 }, num_outputs: { int: 2 } },
        },
        { op: "Concat", inputs: ["p", "q"], outputs: ["cat"], attributes: { axis: { int: 2 } } },
        {
          op: "Resize",
          inputs: ["x", "", "", "s"],
          outputs: ["re"],
          attributes: { mode: { string: "nearest" } },
        },
      ],
    },
  },
];

/** Models to mutate: the small ones in code, and the smaller half of the real ones. */
export function seedModels(): readonly { readonly name: string; readonly bytes: Uint8Array }[] {
  const fixtures = FIXTURES.map(({ name, path }) => ({ name, bytes: readFileSync(path) }));
  fixtures.sort((a, b) => a.bytes.length - b.bytes.length);
  return [
    ...SMALL.map((spec, index) => ({ name: `small ${index}`, bytes: onnxModel(spec) })),
    ...fixtures.slice(0, Math.ceil(fixtures.length / 2)),
  ];
}

export const SMALL_SEEDS = SMALL.length;
