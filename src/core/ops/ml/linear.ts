import type { Dim } from "../../facts/fact";
import { contraction } from "../contraction";
import { dividedBy, product, tensorFact, times } from "../dims";
import { f32, of } from "../example";
import { flopsOf, perElement, unknownCost } from "../pricing";
import type { CostContext, OpContext, OpCost, OpSpec } from "../spec";

/** Linear models and support vector machines (ai.onnx.ml); their weights are attributes. */
const DOMAIN = "ai.onnx.ml";

const COEFFICIENTS = ["coefficients", "intercepts"];
/** Widths and degrees of the kernel are chosen, not learned. */
const SUPPORT = ["support_vectors", "coefficients", "rho"];

/** Rows and features of (rows, features), or of one row as a vector. */
function rowsOf(ctx: OpContext): { readonly rows: Dim; readonly features: Dim } {
  const { shape } = ctx.input(0);
  return shape?.length === 1
    ? { rows: 1, features: shape[0] }
    : { rows: shape?.[0], features: shape === undefined ? undefined : product(shape.slice(1)) };
}

/** Number of class labels, and their type: strings, or integers under one of two names. */
export function labelsOf(ctx: OpContext): { readonly count: Dim; readonly dtype: "string" | "int64" } {
  const strings = ctx.strings("classlabels_strings");
  const integers = ctx.ints("classlabels_ints") ?? ctx.ints("classlabels_int64s");
  return strings !== undefined && strings.length > 0
    ? { count: strings.length, dtype: "string" }
    : { count: integers?.length, dtype: "int64" };
}

function linearCost(ctx: CostContext, targets: Dim): OpCost {
  const { rows, features } = rowsOf(ctx);
  const outputs = times(rows, targets);
  return contraction({
    kept: [rows, targets],
    summed: [features],
    extras: [
      perElement(ctx.floats("intercepts") === undefined ? 0 : outputs, 1, "the intercepts", false),
      perElement(
        ctx.string("post_transform", "NONE") === "NONE" ? 0 : outputs,
        5,
        "turning into probabilities",
      ),
    ],
  });
}

const linearRegressor: OpSpec = {
  domain: DOMAIN,
  name: "LinearRegressor",
  since: 1,
  inputs: ["X"],
  outputs: ["Y"],
  infer: (ctx) => ctx.output(0, { dtype: "float32", shape: [rowsOf(ctx).rows, ctx.int("targets", 1)] }),
  cost: (ctx) => linearCost(ctx, ctx.int("targets", 1)),
  held: COEFFICIENTS,
  examples: [
    {
      title: "two targets",
      opset: 1,
      inputs: [f32("n", 3)],
      attributes: {
        targets: 2,
        coefficients: { floats: [1, 2, 3, 4, 5, 6] },
        intercepts: { floats: [1, 2] },
      },
      bindings: { n: 4 },
      outputs: [f32("n", 2)],
      macs: 4 * 2 * 3,
      other: 8,
    },
  ],
};

/** Rows of coefficients: one for each class, or a single one for two classes. */
const linearRows = (ctx: OpContext): Dim => ctx.floats("intercepts")?.length ?? labelsOf(ctx).count;

const linearClassifier: OpSpec = {
  domain: DOMAIN,
  name: "LinearClassifier",
  since: 1,
  inputs: ["X"],
  outputs: ["Y", "Z"],
  infer(ctx) {
    const { rows } = rowsOf(ctx);
    const labels = labelsOf(ctx);
    ctx.output(0, tensorFact(labels.dtype, [rows]));
    ctx.output(1, { dtype: "float32", shape: [rows, labels.count ?? linearRows(ctx)] });
  },
  cost: (ctx) => linearCost(ctx, linearRows(ctx)),
  held: COEFFICIENTS,
  examples: [
    {
      title: "three classes",
      opset: 1,
      inputs: [f32("n", 2)],
      attributes: {
        coefficients: { floats: [1, 2, 3, 4, 5, 6] },
        intercepts: { floats: [1, 2, 3] },
        classlabels_ints: [4, 5, 6],
        post_transform: "SOFTMAX",
      },
      bindings: { n: 4 },
      outputs: [of("int64", "n"), f32("n", 3)],
      macs: 4 * 3 * 2,
      other: 12 + 5 * 12,
    },
    {
      title: "two classes by one row of coefficients",
      opset: 1,
      inputs: [f32("n", 2)],
      attributes: {
        coefficients: { floats: [1, 2] },
        intercepts: { floats: [1] },
        classlabels_strings: ["a", "b"],
      },
      bindings: { n: 4 },
      outputs: [of("string", "n"), f32("n", 2)],
      macs: 8,
    },
  ],
};

const KERNEL_FLOPS: { readonly [kernel: string]: number } = {
  LINEAR: 0,
  POLY: flopsOf("Pow") + 2,
  RBF: flopsOf("Exp") + 2,
  SIGMOID: flopsOf("Tanh") + 2,
};

/** Every row against every support vector, then a weighted sum of the kernel's values. */
function supportCost(ctx: CostContext, vectors: Dim): OpCost {
  const { rows, features } = rowsOf(ctx);
  if (vectors === undefined) {
    return unknownCost("the number of support vectors is not given");
  }
  const kernel = ctx.string("kernel_type", "LINEAR");
  const flops = KERNEL_FLOPS[kernel] ?? 0;
  const values = times(rows, vectors);
  const price = contraction({
    kept: [rows, vectors],
    summed: [features],
    extras: [
      perElement(flops === 0 ? 0 : values, flops, `the ${kernel} kernel`),
      perElement(values, 2, "weighing the values with the coefficients"),
    ],
  });
  return { ...price, rule: `support vectors: ${price.rule}` };
}

const svmRegressor: OpSpec = {
  domain: DOMAIN,
  name: "SVMRegressor",
  since: 1,
  inputs: ["X"],
  outputs: ["Y"],
  infer: (ctx) => ctx.output(0, { dtype: "float32", shape: [rowsOf(ctx).rows, 1] }),
  cost: (ctx) => supportCost(ctx, Math.max(1, ctx.int("n_supports", 0))),
  held: SUPPORT,
  examples: [
    {
      title: "two support vectors",
      opset: 1,
      inputs: [f32("n", 2)],
      attributes: {
        coefficients: { floats: [1, 2] },
        kernel_params: { floats: [0.5, 0, 3] },
        kernel_type: "RBF",
        n_supports: 2,
        rho: { floats: [1] },
        support_vectors: { floats: [1, 2, 3, 4] },
      },
      bindings: { n: 4 },
      outputs: [f32("n", 1)],
      macs: 4 * 2 * 2,
    },
  ],
};

/** Scores of a row: one for each class with probabilities or without vectors, else one for each pair of classes. */
function svmScores(ctx: OpContext): Dim {
  const classes = labelsOf(ctx).count;
  const isPlain =
    (ctx.floats("prob_a")?.length ?? 0) > 0 || (ctx.ints("vectors_per_class")?.length ?? 0) === 0;
  return isPlain || typeof classes !== "number" || classes <= 2
    ? classes
    : dividedBy(classes * (classes - 1), 2);
}

const svmClassifier: OpSpec = {
  domain: DOMAIN,
  name: "SVMClassifier",
  since: 1,
  inputs: ["X"],
  outputs: ["Y", "Z"],
  infer(ctx) {
    const { rows } = rowsOf(ctx);
    ctx.output(0, tensorFact(labelsOf(ctx).dtype, [rows]));
    ctx.output(1, { dtype: "float32", shape: [rows, svmScores(ctx)] });
  },
  cost(ctx) {
    const perClass = ctx.ints("vectors_per_class");
    return supportCost(
      ctx,
      perClass === undefined ? labelsOf(ctx).count : perClass.reduce((sum, count) => sum + count, 0),
    );
  },
  held: [...SUPPORT, "prob_a", "prob_b"],
  examples: [
    {
      title: "three classes, a score for each pair",
      opset: 1,
      inputs: [f32("n", 2)],
      attributes: {
        classlabels_ints: [1, 2, 3],
        coefficients: { floats: [1, 2, 3, 4, 5, 6] },
        kernel_params: { floats: [0.5, 0, 3] },
        kernel_type: "LINEAR",
        rho: { floats: [1, 2, 3] },
        support_vectors: { floats: [1, 2, 3, 4, 5, 6] },
        vectors_per_class: [1, 1, 1],
      },
      bindings: { n: 4 },
      outputs: [of("int64", "n"), f32("n", 3)],
      macs: 4 * 3 * 2,
    },
  ],
};

export const mlLinearOps: readonly OpSpec[] = [
  linearRegressor,
  linearClassifier,
  svmRegressor,
  svmClassifier,
];
