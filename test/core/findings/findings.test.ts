import { expect, test } from "vitest";
import { ACTIONS } from "../../../src/core/actions/index";
import { FINDINGS } from "../../../src/core/findings/index";
import { type ModelSpec, type NodeSpec, onnxModel } from "../../support/onnxBuilder";
import { LAYERS, layerModel, weightTensor } from "../actions/layers";
import { Opened } from "../actions/opened";

function findingsAt(spec: ModelSpec, name: string) {
  const context = Opened.of(onnxModel(spec)).context(name);
  const offers = ACTIONS.flatMap((action) => {
    const answer = action.scope === "node" ? action.answer(context) : undefined;
    return answer?.kind === "offer" ? [answer.offer] : [];
  });
  return FINDINGS.flatMap((rule) => {
    const found = rule.look({ ...context, offers });
    return found === undefined ? [] : [{ code: rule.code, severity: rule.severity, ...found }];
  });
}

function rowOf(nodes: readonly NodeSpec[], dims: readonly number[] = [2, 3]): ModelSpec {
  return {
    graph: {
      inputs: [{ name: "x", dims }],
      outputs: [{ name: "y" }],
      nodes: [...nodes, { op: "Neg", name: "last", inputs: ["b"], outputs: ["y"] }],
    },
  };
}

const CASES: { readonly [code: string]: ModelSpec } = {
  "large-float-weights": layerModel(LAYERS[0]!, weightTensor("W", [96, 64])),
  "needless-node": rowOf([
    { op: "Neg", name: "first", inputs: ["x"], outputs: ["a"] },
    { op: "Identity", name: "layer", inputs: ["a"], outputs: ["b"] },
  ]),
  "constant-result": rowOf([
    { op: "Shape", name: "layer", inputs: ["x"], outputs: ["s"] },
    { op: "Reshape", name: "next", inputs: ["x", "s"], outputs: ["b"] },
  ]),
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
  "unknown-cost": {
    graph: {
      inputs: [{ name: "x", dims: [2] }],
      outputs: [{ name: "y", dims: [2] }],
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
  const small = layerModel(
    { ...LAYERS[0]!, weight: [4, 4], input: [1, 4], output: [1, 4] },
    weightTensor("W", [4, 4]),
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
  const spec = layerModel(LAYERS[0]!, weightTensor("W", [96, 64]));
  const { graph } = spec;
  const tied = {
    ...spec,
    graph: {
      ...graph,
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
