import { type GraphSpec, int64Tensor, type ModelSpec, type NodeSpec } from "./onnxBuilder";

const product = (name: string, input: string, output: string): NodeSpec => ({
  op: "MatMul",
  name,
  inputs: [input, input],
  outputs: [output],
});

const branch = (name: string, nodes: readonly NodeSpec[], output: string): GraphSpec => ({
  name,
  nodes,
  outputs: [{ name: output, dims: [2, 2] }],
});

/**
 * A product, then a Loop of 5 rounds over a product and an If (one product when true, two when false), then two calls
 * of a function with a product in it. One product of 2×2 matrices has 8 MACs: 8 + 5·(8 + 16) + 8 + 8 = 144 in all.
 */
export function nestedModel(): ModelSpec {
  const body: GraphSpec = {
    name: "body",
    nodes: [
      { op: "Identity", name: "goes on", inputs: ["go_in"], outputs: ["go_out"] },
      product("step", "x_in", "stepped"),
      {
        op: "If",
        name: "choice",
        inputs: ["flag"],
        outputs: ["x_out"],
        attributes: {
          then_branch: { graph: branch("yes", [product("cheap", "stepped", "c")], "c") },
          else_branch: {
            graph: branch("no", [product("dear", "stepped", "d"), product("dearer", "d", "e")], "e"),
          },
        },
      },
    ],
    inputs: [
      { name: "i", type: "int64", dims: [] },
      { name: "go_in", type: "bool", dims: [] },
      { name: "x_in", dims: [2, 2] },
    ],
    outputs: [
      { name: "go_out", type: "bool", dims: [] },
      { name: "x_out", dims: [2, 2] },
    ],
  };
  return {
    opsets: { "": 21, own: 1 },
    graph: {
      name: "nested",
      nodes: [
        product("first", "x", "a"),
        {
          op: "Loop",
          name: "loop",
          inputs: ["five", "", "a"],
          outputs: ["b"],
          attributes: { body: { graph: body } },
        },
        { op: "Square", domain: "own", name: "call", inputs: ["b"], outputs: ["f"] },
        { op: "Square", domain: "own", name: "again", inputs: ["f"], outputs: ["y"] },
      ],
      inputs: [
        { name: "x", dims: [2, 2] },
        { name: "flag", type: "bool", dims: [] },
      ],
      outputs: [{ name: "y", dims: [2, 2] }],
      initializers: [int64Tensor("five", [], [5])],
    },
    functions: [
      {
        name: "Square",
        domain: "own",
        inputs: ["v"],
        outputs: ["w"],
        nodes: [product("square", "v", "w")],
        opsets: { "": 21 },
      },
    ],
  };
}

/** Its main graph and bodies `copies` times over, without the function: 7 rows each, of which 5 lie inside. */
export function manyLoops(copies: number): ModelSpec {
  const { graph } = nestedModel();
  const [first, loop] = graph.nodes as [NodeSpec, NodeSpec];
  return {
    graph: {
      ...graph,
      nodes: Array.from({ length: copies }, (_, copy) => {
        const from = copy === 0 ? "x" : `b${copy - 1}`;
        return [
          { ...first, name: `first ${copy}`, inputs: [from, from], outputs: [`a${copy}`] },
          { ...loop, name: `loop ${copy}`, inputs: ["five", "", `a${copy}`], outputs: [`b${copy}`] },
        ];
      }).flat(),
      outputs: [{ name: `b${copies - 1}`, dims: [2, 2] }],
    },
  };
}
