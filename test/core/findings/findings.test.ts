import { expect, test } from "vitest";
import { ACTIONS } from "../../../src/core/actions/index";
import type { ActionAnswer } from "../../../src/core/actions/types";
import { FINDINGS } from "../../../src/core/findings/index";
import type { Offer } from "../../../src/protocol/actions";
import {
  floatTensor,
  type ModelSpec,
  type NodeSpec,
  onnxModel,
  type TensorSpec,
} from "../../support/onnxBuilder";
import { LAYERS, layerModel, weightTensor } from "../actions/layers";
import { Opened } from "../actions/opened";

function offersOf(answers: readonly ActionAnswer[]): Offer[] {
  return answers.flatMap((answer) => (answer.kind === "offer" ? [answer.offer] : []));
}

/** What is found at a node and at the model as a whole. */
function findingsAt(spec: ModelSpec, name: string) {
  const context = Opened.of(onnxModel(spec)).context(name);
  const atNode = offersOf(
    ACTIONS.flatMap((action) => (action.scope === "node" ? [action.answer(context)] : [])),
  );
  const ofModel = offersOf(
    ACTIONS.flatMap((action) => (action.scope === "model" ? action.answers(context) : [])),
  );
  return FINDINGS.flatMap((rule) => {
    const found =
      rule.scope === "node"
        ? rule.look({ ...context, offers: atNode })
        : rule.look({ ...context, offers: ofModel });
    return found === undefined ? [] : [{ code: rule.code, severity: rule.severity, ...found }];
  });
}

const QUANTISED: readonly (TensorSpec & { readonly name: string })[] = [
  { ...floatTensor("scale", [], [0.1]), name: "scale" },
  { name: "zero", type: "uint8", dims: [], raw: new Uint8Array(1) },
];

function rowOf(nodes: readonly NodeSpec[], dims: readonly (number | string)[] = ["batch", 3]): ModelSpec {
  return {
    graph: {
      inputs: [{ name: "x", dims }],
      outputs: [{ name: "y" }],
      initializers: QUANTISED.filter((tensor) => nodes.some(({ inputs }) => inputs?.includes(tensor.name))),
      nodes: [...nodes, { op: "Neg", name: "last", inputs: ["b"], outputs: ["y"] }],
    },
  };
}

function openBatch(spec: ModelSpec): ModelSpec {
  const inputs = spec.graph.inputs!.map((input) => ({
    ...input,
    dims: input.dims!.map((dim, axis) => (axis === 0 ? "batch" : dim)),
  }));
  return { ...spec, graph: { ...spec.graph, inputs } };
}

function transposed(input: string, output: string): NodeSpec {
  return { op: "Transpose", name: `transpose ${input}`, inputs: [input], outputs: [output] };
}

const CASES: { readonly [code: string]: ModelSpec } = {
  "large-float-weights": openBatch(layerModel(LAYERS[0]!, weightTensor("W", [96, 64]))),
  "needless-node": rowOf([
    { op: "Neg", name: "first", inputs: ["x"], outputs: ["a"] },
    { op: "Identity", name: "layer", inputs: ["a"], outputs: ["b"] },
  ]),
  "constant-result": {
    graph: {
      ...rowOf([
        { op: "Transpose", name: "layer", inputs: ["W"], outputs: ["w"] },
        { op: "MatMul", name: "next", inputs: ["x", "w"], outputs: ["b"] },
      ]).graph,
      initializers: [weightTensor("W", [4, 3])],
    },
  },
  "transpose-pair": rowOf([
    { op: "Transpose", name: "first", inputs: ["x"], outputs: ["a"] },
    { op: "Transpose", name: "layer", inputs: ["a"], outputs: ["b"] },
  ]),
  "cast-chain": rowOf([
    { op: "Cast", name: "first", inputs: ["x"], outputs: ["a"], attributes: { to: { int: 11 } } },
    { op: "Cast", name: "layer", inputs: ["a"], outputs: ["b"], attributes: { to: { int: 1 } } },
  ]),
  "separate-bias": {
    graph: {
      ...rowOf([
        { op: "MatMul", name: "layer", inputs: ["x", "W"], outputs: ["a"] },
        { op: "Add", name: "sum", inputs: ["a", "B"], outputs: ["b"] },
      ]).graph,
      initializers: [weightTensor("W", [3, 4]), weightTensor("B", [4])],
    },
  },
  "accuracy-level": {
    graph: {
      ...rowOf([], ["batch", 32]).graph,
      initializers: [
        { name: "B", type: "uint8", dims: [16, 1, 16], raw: new Uint8Array(256) },
        floatTensor("scales", [16], new Array(16).fill(1)),
      ],
      nodes: [
        {
          ...{
            op: "MatMulNBits",
            domain: "com.microsoft",
            name: "layer",
            inputs: ["x", "B", "scales"],
            outputs: ["y"],
          },
          attributes: { K: { int: 32 }, N: { int: 16 }, bits: { int: 4 }, block_size: { int: 32 } },
        },
      ],
    },
  },
  "signed-activations": {
    graph: {
      inputs: [{ name: "x", type: "int8", dims: ["batch", 3] }],
      outputs: [{ name: "y", type: "int32" }],
      initializers: [{ name: "W", type: "int8", dims: [3, 4], raw: new Uint8Array(12) }],
      nodes: [{ op: "MatMulInteger", name: "layer", inputs: ["x", "W"], outputs: ["y"] }],
    },
  },
  "unused-parts": rowOf([
    { op: "Abs", name: "layer", inputs: ["x"], outputs: ["b"] },
    { op: "Abs", name: "unused", inputs: ["x"], outputs: ["u"] },
  ]),
  "duplicate-weights": {
    graph: {
      ...rowOf([{ op: "Sum", name: "layer", inputs: ["x", "V", "W"], outputs: ["b"] }]).graph,
      initializers: [weightTensor("V", [5, 2, 3]), weightTensor("W", [5, 2, 3])],
    },
  },
  "fixed-batch": rowOf([{ op: "Abs", name: "layer", inputs: ["x"], outputs: ["b"] }], [1, 3]),
  "unfused-attention": {
    graph: {
      inputs: ["q", "k", "v"].map((name) => ({ name, dims: ["batch", 2, "n", 8] })),
      outputs: [{ name: "y" }],
      nodes: [
        { ...transposed("k", "t"), attributes: { perm: { ints: [0, 1, 3, 2] } } },
        { op: "MatMul", name: "scores", inputs: ["q", "t"], outputs: ["s"] },
        { op: "Softmax", name: "layer", inputs: ["s"], outputs: ["p"] },
        { op: "MatMul", name: "sum", inputs: ["p", "v"], outputs: ["y"] },
      ],
    },
  },
  "unfused-qdq": rowOf([
    { op: "QuantizeLinear", name: "q", inputs: ["x", "scale", "zero"], outputs: ["i"] },
    { op: "DequantizeLinear", name: "d", inputs: ["i", "scale", "zero"], outputs: ["f"] },
    { op: "Sigmoid", name: "layer", inputs: ["f"], outputs: ["b"] },
  ]),
  "nameless-nodes": rowOf([
    { op: "Abs", name: "layer", inputs: ["x"], outputs: ["a"] },
    { op: "Abs", inputs: ["a"], outputs: ["b"] },
  ]),
  "too-new": {
    ...rowOf([{ op: "Abs", name: "layer", inputs: ["x"], outputs: ["b"] }]),
    opsets: { "": 27 },
  },
  "unknown-cost": {
    graph: {
      inputs: [{ name: "x", dims: ["batch"] }],
      outputs: [{ name: "y" }],
      nodes: [{ op: "Mystery", domain: "com.example", name: "layer", inputs: ["x"], outputs: ["y"] }],
    },
  },
};

test("each rule has a case, and a code of its own", () => {
  expect(FINDINGS.map(({ code }) => code).sort()).toEqual(Object.keys(CASES).sort());
});

test.each(Object.entries(CASES))("%s is found where it is, alone", (code, spec) => {
  expect(findingsAt(spec, "layer").map((finding) => finding.code)).toEqual([code]);
});

test("nothing is found at a small layer that is known", () => {
  const small = openBatch(
    layerModel({ ...LAYERS[0]!, weight: [4, 4], input: [1, 4], output: [1, 4] }, weightTensor("W", [4, 4])),
  );
  expect(findingsAt(small, "layer")).toEqual([]);
});

test("large float weights offer the fix with its figures", () => {
  const [finding] = findingsAt(CASES["large-float-weights"]!, "layer");
  expect(finding!.severity).toBe("info");
  expect(finding!.message).toBe("Float weights of 24 KiB could be int8 with 6.25 KiB.");
  expect(finding!.fixes.map(({ call }) => call)).toEqual([
    { action: "quantizeWeights", target: { output: "y" }, params: {} },
  ]);
});

test("weights that something else needs as floats are no finding: they would be stored twice", () => {
  const spec = openBatch(layerModel(LAYERS[0]!, weightTensor("W", [96, 64])));
  const { graph } = spec;
  const tied = {
    ...spec,
    graph: {
      ...graph,
      outputs: [...graph.outputs!, { name: "z" }],
      nodes: [...graph.nodes!, { op: "Neg", name: "other", inputs: ["W"], outputs: ["z"] }],
    },
  };
  expect(findingsAt(tied, "layer")).toEqual([]);
});

test("an unknown cost says which operator, and has no fix", () => {
  const [finding] = findingsAt(CASES["unknown-cost"]!, "layer");
  expect(finding).toMatchObject({ severity: "warning", fixes: [] });
  expect(finding!.message).toMatch(
    /^The cost of com\.example\.Mystery is not known, so the totals leave it out: /,
  );
});

test("a fixed batch offers to open it, and a version that is too new another one", () => {
  const fixOf = (code: string) => findingsAt(CASES[code]!, "layer")[0]!.fixes.map(({ call }) => call);
  expect(fixOf("fixed-batch")).toEqual([
    { action: "makeDynamic", target: { output: "" }, params: { inputs: "", axis: 0, name: "batch" } },
  ]);
  expect(fixOf("too-new")).toEqual([
    { action: "changeOpset", target: { output: "" }, params: { version: 26 } },
  ]);
});
