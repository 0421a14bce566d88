import type { Dim } from "../../facts/fact";
import { tensorFact, times } from "../dims";
import { f32, of } from "../example";
import { IN_PLACE } from "../moving";
import { elementCost, unknownCost } from "../pricing";
import type { CostContext, ExampleAttribute, OpContext, OpCost, OpSpec } from "../spec";
import { labelsOf } from "./linear";

/** Ensembles of decision trees (ai.onnx.ml); the trees are attributes. */
const DOMAIN = "ai.onnx.ml";

const rowsOf = (ctx: OpContext): Dim => {
  const { shape } = ctx.input(0);
  return shape?.length === 1 ? 1 : shape?.[0];
};

/** One comparison for each level of each tree, the trees taken as balanced. */
function walkCost(ctx: CostContext, trees: number | undefined, nodes: number | undefined): OpCost {
  if (trees === undefined || nodes === undefined || trees === 0) {
    return unknownCost("the trees are not given");
  }
  const levels = Math.max(1, Math.ceil(Math.log2(nodes / trees + 1)));
  return elementCost(
    times(rowsOf(ctx), trees),
    levels,
    `a comparison at each of about ${levels} levels of each of ${trees} trees`,
    "estimate",
  );
}

const oldTreeCost = (ctx: CostContext): OpCost =>
  walkCost(ctx, new Set(ctx.ints("nodes_treeids") ?? []).size, ctx.ints("nodes_nodeids")?.length);

/** Conditions of the nodes, leaves included, and how they hang together; how often each was hit in training is of no use. */
const OLD_NODES = [
  "nodes_values",
  "nodes_values_as_tensor",
  "nodes_treeids",
  "nodes_nodeids",
  "nodes_featureids",
  "nodes_truenodeids",
  "nodes_falsenodeids",
  "nodes_missing_value_tracks_true",
  "base_values",
  "base_values_as_tensor",
];
const weightsOf = (kind: "target" | "class"): readonly string[] => [
  `${kind}_weights`,
  `${kind}_weights_as_tensor`,
  `${kind}_treeids`,
  `${kind}_nodeids`,
  `${kind}_ids`,
];

/** One root with two leaves, as the versions before 5 write it. */
const STUMP: { readonly [name: string]: ExampleAttribute } = {
  nodes_treeids: [0, 0, 0],
  nodes_nodeids: [0, 1, 2],
  nodes_featureids: [0, 0, 0],
  nodes_modes: ["BRANCH_LEQ", "LEAF", "LEAF"],
  nodes_values: { floats: [0.5, 0, 0] },
  nodes_truenodeids: [1, 0, 0],
  nodes_falsenodeids: [2, 0, 0],
};

const regressor: OpSpec = {
  domain: DOMAIN,
  name: "TreeEnsembleRegressor",
  since: 1,
  inputs: ["X"],
  outputs: ["Y"],
  infer: (ctx) => ctx.output(0, { dtype: "float32", shape: [rowsOf(ctx), ctx.maybeInt("n_targets")] }),
  cost: oldTreeCost,
  held: [...OLD_NODES, ...weightsOf("target")],
  examples: [
    {
      title: "one tree of two leaves",
      opset: 3,
      inputs: [f32("n", 2)],
      attributes: {
        ...STUMP,
        n_targets: 1,
        target_treeids: [0, 0],
        target_nodeids: [1, 2],
        target_ids: [0, 0],
        target_weights: { floats: [1, 2] },
      },
      bindings: { n: 3 },
      outputs: [f32("n", 1)],
      macs: 0,
      other: 3 * 2,
    },
  ],
};

const classifier: OpSpec = {
  domain: DOMAIN,
  name: "TreeEnsembleClassifier",
  since: 1,
  inputs: ["X"],
  outputs: ["Y", "Z"],
  infer(ctx) {
    const labels = labelsOf(ctx);
    ctx.output(0, tensorFact(labels.dtype, [rowsOf(ctx)]));
    ctx.output(1, { dtype: "float32", shape: [rowsOf(ctx), labels.count] });
  },
  cost: oldTreeCost,
  held: [...OLD_NODES, ...weightsOf("class")],
  examples: [
    {
      title: "one tree of two leaves",
      opset: 3,
      inputs: [f32("n", 2)],
      attributes: {
        ...STUMP,
        classlabels_strings: ["a", "b"],
        class_treeids: [0, 0],
        class_nodeids: [1, 2],
        class_ids: [0, 1],
        class_weights: { floats: [1, 1] },
      },
      bindings: { n: 3 },
      outputs: [of("string", "n"), f32("n", 2)],
      macs: 0,
      other: 3 * 2,
    },
  ],
};

const ensemble: OpSpec = {
  domain: DOMAIN,
  name: "TreeEnsemble",
  since: 5,
  reuses: IN_PLACE,
  inputs: ["X"],
  outputs: ["Y"],
  infer: (ctx) => ctx.output(0, tensorFact(ctx.input(0).dtype, [rowsOf(ctx), ctx.maybeInt("n_targets")])),
  cost: (ctx) => walkCost(ctx, ctx.ints("tree_roots")?.length, ctx.ints("nodes_featureids")?.length),
  held: [
    "nodes_splits",
    "leaf_weights",
    "membership_values",
    "tree_roots",
    "nodes_featureids",
    "nodes_truenodeids",
    "nodes_trueleafs",
    "nodes_falsenodeids",
    "nodes_falseleafs",
    "nodes_missing_value_tracks_true",
    "leaf_targetids",
  ],
  examples: [
    {
      title: "one tree of two leaves",
      opset: 5,
      inputs: [f32("n", 2)],
      attributes: {
        n_targets: 2,
        aggregate_function: 1,
        post_transform: 0,
        tree_roots: [0],
        nodes_modes: { tensor: { dtype: "uint8", dims: [1], content: [0] } },
        nodes_featureids: [0],
        nodes_splits: { tensor: { dtype: "float32", dims: [1], content: [0.5] } },
        nodes_truenodeids: [0],
        nodes_trueleafs: [1],
        nodes_falsenodeids: [1],
        nodes_falseleafs: [1],
        leaf_targetids: [0, 1],
        leaf_weights: { tensor: { dtype: "float32", dims: [2], content: [1, 2] } },
      },
      bindings: { n: 3 },
      outputs: [f32("n", 2)],
      macs: 0,
      other: 3,
    },
  ],
};

export const mlTreeOps: readonly OpSpec[] = [regressor, classifier, ensemble];
