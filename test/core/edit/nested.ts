import { floatTensor, type ModelSpec } from "../../support/onnxBuilder";

/** Two branches that read values from around them, a graph in a graph, a function, an initializer that is given out. */
export const NESTED: ModelSpec = {
  opsets: { "": 21, local: 1 },
  graph: {
    name: "main",
    inputs: [
      { name: "condition", type: "bool", dims: [] },
      { name: "x", dims: [2] },
    ],
    outputs: [
      { name: "y", dims: [2] },
      { name: "given", dims: [2] },
    ],
    initializers: [
      floatTensor("outer", [2], [1, 2]),
      floatTensor("given", [2], [1, 2]),
      floatTensor("spare", [2], [5, 6]),
    ],
    nodes: [
      { op: "Neg", name: "first", inputs: ["x"], outputs: ["negative"] },
      {
        op: "If",
        name: "choice",
        inputs: ["condition"],
        outputs: ["chosen"],
        attributes: {
          then_branch: {
            graph: {
              nodes: [
                { op: "Add", name: "inner", inputs: ["negative", "local_weight"], outputs: ["a0"] },
                {
                  op: "If",
                  name: "deep",
                  inputs: ["condition"],
                  outputs: ["a"],
                  attributes: {
                    then_branch: {
                      graph: {
                        nodes: [{ op: "Add", name: "deepest", inputs: ["a0", "outer"], outputs: ["d"] }],
                        outputs: [{ name: "d", dims: [2] }],
                      },
                    },
                    else_branch: {
                      graph: {
                        nodes: [{ op: "Identity", name: "other", inputs: ["x"], outputs: ["e"] }],
                        outputs: [{ name: "e", dims: [2] }],
                      },
                    },
                  },
                },
              ],
              initializers: [floatTensor("local_weight", [2], [3, 4])],
              outputs: [{ name: "a", dims: [2] }],
            },
          },
          else_branch: {
            graph: {
              nodes: [{ op: "Identity", name: "plain", inputs: ["outer"], outputs: ["b"] }],
              outputs: [{ name: "b", dims: [2] }],
            },
          },
        },
      },
      { op: "Twice", domain: "local", name: "call", inputs: ["chosen"], outputs: ["doubled"] },
      {
        op: "LeakyRelu",
        name: "last",
        inputs: ["doubled"],
        outputs: ["y"],
        attributes: { alpha: { float: 0.5 } },
        metadata: { scope: "end" },
      },
    ],
  },
  functions: [
    {
      name: "Twice",
      domain: "local",
      inputs: ["v"],
      outputs: ["w"],
      nodes: [
        { op: "Identity", name: "pass", inputs: ["v"], outputs: ["u"] },
        { op: "Add", name: "sum", inputs: ["u", "v"], outputs: ["w"] },
      ],
    },
  ],
};
