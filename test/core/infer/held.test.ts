import { describe, expect, test } from "vitest";
import type { AttributeSpec, NodeSpec } from "../../support/onnxBuilder";
import { Built } from "./built";

/**
 * Weights that live in attributes. The sizes are those of models that scikit-learn trains on its iris and diabetes data
 * and skl2onnx writes, the counts those of scikit-learn's own arrays.
 */

const floats = (count: number): AttributeSpec => ({ floats: new Array<number>(count).fill(0.5) });
const ints = (count: number): AttributeSpec => ({ ints: new Array<number>(count).fill(0) });

function built(nodes: readonly NodeSpec[], features: number): Built {
  return new Built({
    opsets: { "": 21, "ai.onnx.ml": 3 },
    graph: {
      nodes: nodes.map((node) => ({ domain: "ai.onnx.ml", name: node.op, ...node })),
      inputs: [{ name: "x", dims: ["rows", features] }],
      outputs: [],
    },
  });
}

/** Nodes of all trees as the classifier and the regressor of versions 1 to 4 write them. */
const treeNodes = (count: number): NodeSpec["attributes"] => ({
  nodes_treeids: ints(count),
  nodes_nodeids: ints(count),
  nodes_featureids: ints(count),
  nodes_truenodeids: ints(count),
  nodes_falsenodeids: ints(count),
  nodes_values: floats(count),
  nodes_hitrates: floats(count),
});

interface Held {
  readonly what: string;
  readonly features: number;
  readonly nodes: readonly NodeSpec[];
  readonly params: number;
  readonly bytes: number;
}

const CASES: readonly Held[] = [
  {
    what: "a scaler and a logistic regression over 4 features and 3 classes",
    features: 4,
    nodes: [
      {
        ...{ op: "Scaler", inputs: ["x"], outputs: ["s"] },
        attributes: { offset: floats(4), scale: floats(4) },
      },
      {
        op: "LinearClassifier",
        inputs: ["s"],
        outputs: ["label", "scores"],
        attributes: { coefficients: floats(12), intercepts: floats(3), classlabels_ints: ints(3) },
      },
    ],
    params: 4 + 4 + 12 + 3,
    bytes: 4 * 23,
  },
  {
    what: "a linear regression over 10 features",
    features: 10,
    nodes: [
      {
        ...{ op: "LinearRegressor", inputs: ["x"], outputs: ["y"] },
        attributes: { coefficients: floats(10), intercepts: floats(1) },
      },
    ],
    params: 11,
    bytes: 44,
  },
  {
    what: "60 support vectors of 4 features between 3 classes; the kernel's own numbers were chosen",
    features: 4,
    nodes: [
      {
        op: "SVMClassifier",
        inputs: ["x"],
        outputs: ["label", "scores"],
        attributes: {
          support_vectors: floats(240),
          coefficients: floats(120),
          rho: floats(3),
          kernel_params: floats(3),
          classlabels_ints: ints(3),
        },
      },
    ],
    params: 363,
    bytes: 4 * 363,
  },
  {
    what: "a forest of 166 nodes, 88 of them leaves with 3 weights; how often a node was hit is not counted",
    features: 4,
    nodes: [
      {
        op: "TreeEnsembleClassifier",
        inputs: ["x"],
        outputs: ["label", "scores"],
        attributes: {
          ...treeNodes(166),
          class_weights: floats(264),
          class_treeids: ints(264),
          class_nodeids: ints(264),
          class_ids: ints(264),
        },
      },
    ],
    params: 166 + 88 * 3,
    bytes: 4 * 430 + 8 * (5 * 166 + 3 * 264),
  },
  {
    what: "boosted trees of 292 nodes, 156 of them leaves, and a base value",
    features: 10,
    nodes: [
      {
        op: "TreeEnsembleRegressor",
        inputs: ["x"],
        outputs: ["y"],
        attributes: {
          ...treeNodes(292),
          n_targets: { int: 1 },
          base_values: floats(1),
          target_weights: floats(156),
        },
      },
    ],
    params: 292 + 156 + 1,
    bytes: 4 * 449 + 8 * 5 * 292,
  },
];

describe.each(CASES.map((held) => [held.what, held] as const))("%s", (_what, held) => {
  test("counts what was learned, and a run reads it", () => {
    const model = built(held.nodes, held.features);
    const costs = held.nodes.map(({ op }) => model.cost(op));
    const sum = (pick: (cost: (typeof costs)[number]) => number | undefined) =>
      costs.reduce((total, cost) => total + (pick(cost) ?? Number.NaN), 0);
    expect(sum(({ params }) => params)).toBe(held.params);
    expect(sum(({ weightBytes }) => weightBytes)).toBe(held.bytes);
    const edges = 2 * 4 * held.features * held.nodes.length;
    expect(sum(({ readBytes }) => model.amount(readBytes, { rows: 2 }))).toBe(held.bytes + edges);
  });
});
