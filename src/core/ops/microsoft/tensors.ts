import { add, floorDiv, mul, sub } from "../../expr";
import type { Dim } from "../../facts/fact";
import type { DType } from "../../tensor/dtype";
import { arrangeOps } from "../arrange";
import { axisIndex, broadcastDims, product, tensorFact, times } from "../dims";
import { constant, f32, fed, of } from "../example";
import { gatherOps } from "../gather";
import { generateOps } from "../generate";
import { IN_PLACE, moveCost, VIEW, viewCost } from "../moving";
import { elementCost, flopsOf, unknownCost, withExtras } from "../pricing";
import { resizeOps } from "../resize";
import { scalarOf } from "../small";
import type { CostContext, InferContext, OpCost, OpExample, OpSpec } from "../spec";

/** Operators on tensors that onnxruntime had before ONNX, or beside it. */
const DOMAIN = "com.microsoft";

/** An operator that means what ONNX's operator of that name means. */
function sameAs(specs: readonly OpSpec[], name: string, examples: readonly OpExample[]): OpSpec {
  const spec = specs.find((candidate) => candidate.name === name);
  if (spec === undefined) {
    throw new Error(`no operator ${name}`);
  }
  return { ...spec, domain: DOMAIN, since: 1, examples };
}

const sameShape = (ctx: InferContext): void =>
  ctx.output(0, tensorFact(ctx.input(0).dtype, ctx.input(0).shape));

interface Simple {
  readonly name: string;
  readonly inputs?: readonly string[];
  readonly infer?: OpSpec["infer"];
  readonly cost: OpSpec["cost"];
  readonly examples: readonly OpExample[];
}

const simple = ({ name, inputs = ["X"], infer = sameShape, cost, examples }: Simple): OpSpec => ({
  domain: DOMAIN,
  name,
  since: 1,
  inputs,
  outputs: ["Y"],
  infer,
  cost,
  examples,
});

const unique: OpSpec = {
  domain: DOMAIN,
  name: "Unique",
  since: 1,
  inputs: ["x"],
  outputs: ["y", "idx", "counts"],
  infer(ctx) {
    const { shape, dtype } = ctx.input(0);
    const found = ctx.fresh("found");
    ctx.output(0, tensorFact(dtype, [found]));
    ctx.output(1, { dtype: "int64", shape: [product(shape)] });
    ctx.output(2, { dtype: "int64", shape: [found] });
  },
  cost(ctx) {
    const count = product(ctx.input(0).shape);
    const steps = typeof count === "number" && count > 1 ? Math.ceil(Math.log2(count)) : 1;
    return elementCost(count, steps, "log2 n comparisons of a sort", "estimate");
  },
  examples: [
    {
      title: "of a vector",
      opset: 1,
      inputs: [fed("float32", [4], [2, 1, 2, 3])],
      bindings: { "out0.found": 3 },
      outputs: [f32("out0.found"), of("int64", 4), of("int64", "out0.found")],
      macs: 0,
      other: 8,
    },
  ],
};

/** Half of the bins of a real signal, and back. Only the last axis is read as the signal. */
function fourier(name: string, inverse: boolean): OpSpec {
  return simple({
    name,
    infer(ctx) {
      const { shape, dtype } = ctx.input(0);
      const front = shape?.slice(0, inverse ? -2 : -1);
      const last = shape?.at(inverse ? -2 : -1);
      const length =
        last === undefined ? undefined : inverse ? mul(2, sub(last, 1)) : add(floorDiv(last, 2), 1);
      ctx.output(0, tensorFact(dtype, front && [...front, length, ...(inverse ? [] : [2])]));
    },
    cost(ctx) {
      const real = inverse ? ctx.outputFact(0).shape : ctx.input(0).shape;
      const length = real?.at(-1);
      if (typeof length !== "number") {
        return unknownCost("the length of the transform is not a number, and its logarithm not a formula");
      }
      const each = 5 * length * Math.ceil(Math.log2(Math.max(length, 2)));
      return elementCost(product(real?.slice(0, -1)), each, `5·n·log2(n) with n=${length}`, "estimate");
    },
    examples: [
      {
        title: inverse ? "back to a real signal" : "half of the bins",
        opset: 1,
        inputs: [inverse ? f32("batch", 5, 2) : f32("batch", 8)],
        attributes: { onesided: 1, normalized: 0, signal_ndim: 1 },
        bindings: { batch: 2 },
        outputs: [inverse ? f32("batch", 8) : f32("batch", 5, 2)],
        macs: 0,
        other: 2 * 5 * 8 * 3,
        noKernel: "Could not find an implementation",
      },
    ],
  });
}

const complexMul = (name: string): OpSpec =>
  simple({
    name,
    inputs: ["A", "B"],
    infer: (ctx) =>
      ctx.output(0, tensorFact(ctx.input(0).dtype, broadcastDims(ctx.input(0).shape, ctx.input(1).shape))),
    cost: (ctx) =>
      elementCost(product(ctx.outputFact(0).shape), 3, "half of four products and two sums", "exact"),
    examples: [
      {
        title: "pairs of real and imaginary parts",
        opset: 1,
        inputs: [f32("batch", 4, 2), f32(4, 2)],
        bindings: { batch: 2 },
        outputs: [f32("batch", 4, 2)],
        macs: 0,
        other: 16 * 3,
        noKernel: "Could not find an implementation",
      },
    ],
  });

/** A triangular decomposition of each matrix and n right-hand sides: n³ MACs. */
function inverseCost(ctx: CostContext): OpCost {
  const { shape } = ctx.input(0);
  const size = shape?.at(-1);
  const macs = times(product(shape?.slice(0, -2)), size, size, size);
  return macs === undefined
    ? unknownCost("the size of the matrices is not known")
    : { macs, other: 0, trust: "estimate", rule: "n³ MACs for the inverse of each matrix" };
}

const cropAndResize: OpSpec = {
  domain: DOMAIN,
  name: "CropAndResize",
  since: 1,
  inputs: ["X", "rois", "batch_indices", "crop_size"],
  outputs: ["Y"],
  infer(ctx) {
    const { shape, dtype } = ctx.input(0);
    const regions = ctx.input(1).shape?.[0];
    const size = ctx.input(3).small ?? [undefined, undefined];
    ctx.output(0, tensorFact(dtype, [regions, shape?.[1], size[0], size[1]]));
  },
  cost: (ctx) =>
    elementCost(product(ctx.outputFact(0).shape), 8, "reading between the cells of the image", "estimate"),
  examples: [
    {
      title: "two regions",
      opset: 1,
      inputs: [
        f32(1, 3, 6, 6),
        fed("float32", ["regions", 4], [0, 0, 1, 1, 0, 0, 0.5, 0.5]),
        fed("int32", ["regions"], [0, 0]),
        constant("int32", [2], [2, 3]),
      ],
      bindings: { regions: 2 },
      outputs: [f32("regions", 3, 2, 3)],
      macs: 0,
      other: 36 * 8,
    },
  ],
};

const unfoldTensor: OpSpec = simple({
  name: "UnfoldTensor",
  infer(ctx) {
    const { shape, dtype } = ctx.input(0);
    const axis = shape && axisIndex(ctx.int("dim", -1), shape.length);
    const [size, step] = [ctx.int("size", 1), ctx.int("step", 1)];
    const unfolded = shape?.map(
      (dim, i): Dim =>
        i === axis && dim !== undefined ? add(floorDiv(sub(dim, size), Math.max(1, step)), 1) : dim,
    );
    ctx.output(0, tensorFact(dtype, unfolded && [...unfolded, size]));
  },
  cost: () => moveCost("every slice is copied"),
  examples: [
    {
      title: "overlapping windows",
      opset: 1,
      inputs: [f32("batch", 8)],
      attributes: { dim: -1, size: 4, step: 2 },
      bindings: { batch: 2 },
      outputs: [f32("batch", 3, 4)],
      macs: 0,
      other: 0,
    },
  ],
});

const expandDims: OpSpec = {
  domain: DOMAIN,
  name: "ExpandDims",
  since: 1,
  inputs: ["X", "axis"],
  outputs: ["Y"],
  infer(ctx) {
    const { shape, dtype } = ctx.input(0);
    const written = scalarOf(ctx.input(1));
    const at =
      shape === undefined || typeof written !== "number" ? undefined : axisIndex(written, shape.length + 1);
    ctx.output(0, tensorFact(dtype, at === undefined ? undefined : shape?.toSpliced(at, 0, 1)));
  },
  cost: viewCost,
  reuses: VIEW,
  examples: [
    {
      title: "a new last axis",
      opset: 1,
      inputs: [f32("batch", 3), constant("int32", [1], [-1])],
      bindings: { batch: 2 },
      outputs: [f32("batch", 3, 1)],
      macs: 0,
      other: 0,
    },
  ],
};

const range: OpSpec = sameAs(generateOps, "Range", [
  {
    title: "positions",
    opset: 1,
    inputs: [constant("int64", [], [0]), constant("int64", [], [7]), constant("int64", [], [2])],
    outputs: [of("int64", 4)],
    macs: 0,
    other: 4,
  },
]);

const wordConvEmbedding: OpSpec = {
  domain: DOMAIN,
  name: "WordConvEmbedding",
  since: 1,
  inputs: ["Sequence", "W", "B", "C"],
  outputs: ["Y"],
  infer(ctx) {
    const shape = ctx.input(0).shape;
    const filters = ctx.input(1).shape?.[0];
    ctx.output(0, tensorFact(ctx.input(1).dtype, shape && [...shape.slice(0, -1), filters]));
  },
  cost(ctx) {
    const [filters, , window, width] = ctx.input(1).shape ?? [];
    const words = product(ctx.input(0).shape);
    const macs = times(words, filters, window, width);
    return macs === undefined
      ? unknownCost("shapes are not known")
      : withExtras(
          {
            macs,
            other: 0,
            trust: "estimate",
            rule: "a convolution over the characters of each word, as if all were as long as the longest",
          },
          [{ amount: times(words, filters, 1 + flopsOf("Tanh")), what: "bias, tanh", estimate: true }],
        );
  },
  examples: [
    {
      title: "words of up to five characters",
      opset: 1,
      inputs: [of("int32", "n", 5), f32(4, 1, 3, 2), f32(4), f32(10, 2)],
      bindings: { n: 2 },
      outputs: [f32("n", 4)],
      macs: 10 * 4 * 3 * 2,
    },
  ],
};

function hash(): OpSpec {
  const dtypeOf = (positive: number): DType => (positive !== 0 ? "uint32" : "int32");
  return simple({
    name: "MurmurHash3",
    infer: (ctx) => ctx.output(0, tensorFact(dtypeOf(ctx.int("positive", 1)), ctx.input(0).shape)),
    cost: (ctx) => elementCost(product(ctx.input(0).shape), 20, "the steps of the hash", "estimate"),
    examples: [
      {
        title: "of integers",
        opset: 1,
        inputs: [of("int32", "n")],
        bindings: { n: 3 },
        outputs: [of("uint32", "n")],
        macs: 0,
        other: 60,
      },
    ],
  });
}

const tokenizer: OpSpec = simple({
  name: "Tokenizer",
  infer(ctx) {
    const { shape } = ctx.input(0);
    ctx.output(0, tensorFact("string", shape && [...shape, ctx.fresh("tokens")]));
  },
  cost: () => moveCost("strings are cut; strings take no arithmetic"),
  examples: [
    {
      title: "by spaces",
      opset: 1,
      inputs: [of("string", "n")],
      attributes: { mark: 0, mincharnum: 1, pad_value: "#", separators: [" "] },
      bindings: { n: 3, "out0.tokens": 1 },
      outputs: [of("string", "n", "out0.tokens")],
      macs: 0,
      other: 0,
    },
  ],
});

const isAllFinite: OpSpec = simple({
  name: "IsAllFinite",
  infer: (ctx) => ctx.output(0, { dtype: "bool", shape: [] }),
  cost(ctx) {
    const counts = ctx.node.inputs.map((_, i) => product(ctx.input(i).shape));
    const all = counts.reduce<Dim>((a, b) => (a === undefined || b === undefined ? undefined : add(a, b)), 0);
    return elementCost(all, 1, "testing", "exact");
  },
  examples: [
    {
      title: "two tensors",
      opset: 1,
      inputs: [f32("n", 3), f32(4)],
      bindings: { n: 2 },
      outputs: [of("bool")],
      macs: 0,
      other: 10,
      noKernel: "Could not find an implementation",
    },
  ],
});

const nGramRepeatBlock: OpSpec = {
  domain: DOMAIN,
  name: "NGramRepeatBlock",
  since: 1,
  inputs: ["input_ids", "scores"],
  outputs: ["scores_out"],
  infer: (ctx) => ctx.output(0, tensorFact(ctx.input(1).dtype, ctx.input(1).shape)),
  cost: (ctx) =>
    elementCost(
      times(product(ctx.input(0).shape), ctx.int("ngram_size", 1)),
      1,
      "comparing n-grams",
      "estimate",
    ),
  examples: [
    {
      title: "pairs",
      opset: 1,
      inputs: [fed("int64", ["batch", 4], [1, 2, 1, 3, 0, 1, 0, 2]), f32("batch", 5)],
      attributes: { ngram_size: 2 },
      bindings: { batch: 2 },
      outputs: [f32("batch", 5)],
      macs: 0,
      other: 16,
    },
  ],
};

const cDist: OpSpec = {
  domain: DOMAIN,
  name: "CDist",
  since: 1,
  inputs: ["A", "B"],
  outputs: ["C"],
  infer: (ctx) =>
    ctx.output(0, tensorFact(ctx.input(0).dtype, [ctx.input(0).shape?.[0], ctx.input(1).shape?.[0]])),
  cost(ctx) {
    const pairs = product(ctx.outputFact(0).shape);
    const macs = times(pairs, ctx.input(0).shape?.[1]);
    const root = ctx.string("metric", "sqeuclidean") === "euclidean" ? flopsOf("Sqrt") : 0;
    const rule = "one product of each pair's elements; the squares of each vector are counted with them";
    return withExtras({ macs, other: 0, trust: macs === undefined ? "unknown" : "estimate", rule }, [
      { amount: times(pairs, 3 + root), what: "joining the squares", estimate: true },
    ]);
  },
  examples: [
    {
      title: "every pair",
      opset: 1,
      inputs: [f32("m", 4), f32("k", 4)],
      attributes: { metric: "euclidean" },
      bindings: { m: 2, k: 3 },
      outputs: [f32("m", "k")],
      macs: 24,
    },
  ],
};

const timeWarping: OpSpec = simple({
  name: "DynamicTimeWarping",
  infer: (ctx) => ctx.output(0, { dtype: "int32", shape: [2, ctx.fresh("path")] }),
  cost: (ctx) => elementCost(product(ctx.input(0).shape), 4, "three comparisons and a sum", "estimate"),
  examples: [
    {
      title: "a path through a matrix",
      opset: 1,
      inputs: [fed("float32", [2, 2], [1, 9, 9, 1])],
      bindings: { "out0.path": 2 },
      outputs: [of("int32", 2, "out0.path")],
      macs: 0,
      other: 16,
    },
  ],
});

const bifurcationDetector: OpSpec = {
  domain: DOMAIN,
  name: "BifurcationDetector",
  since: 1,
  inputs: ["src_tokens", "cur_tokens", "prev_suffix_match_idx", "pred_tokens"],
  outputs: ["tokens", "suffix_match_idx"],
  infer(ctx) {
    ctx.output(0, { dtype: "int64", shape: [ctx.fresh("tokens")] });
    ctx.output(1, { dtype: "int64", shape: [] });
  },
  cost: () => moveCost("tokens are compared and joined"),
  examples: [
    {
      title: "without predicted tokens",
      opset: 1,
      inputs: [fed("int64", [3], [1, 2, 3]), fed("int64", [2], [1, 2]), fed("int64", [], [0])],
      attributes: { max_ngram_size: 3, min_ngram_size: 1 },
      bindings: { "out0.tokens": 2 },
      outputs: [of("int64", "out0.tokens"), of("int64")],
      macs: 0,
      other: 0,
    },
  ],
};

const embedding: OpSpec = {
  domain: DOMAIN,
  name: "TorchEmbedding",
  since: 1,
  inputs: ["weight", "indices", "padding_idx", "scale_grad_by_freq"],
  outputs: ["Y"],
  infer(ctx) {
    const [weight, indices] = [ctx.input(0), ctx.input(1).shape];
    ctx.output(0, tensorFact(weight.dtype, indices && [...indices, weight.shape?.[1]]));
  },
  cost: () => moveCost("the rows of the indices are copied"),
  examples: [
    {
      title: "rows",
      opset: 1,
      inputs: [f32(10, 4), of("int64", "batch", 3)],
      bindings: { batch: 2 },
      outputs: [f32("batch", 3, 4)],
      macs: 0,
      other: 0,
      noKernel: "Could not find an implementation",
    },
  ],
};

export const microsoftTensorOps: readonly OpSpec[] = [
  sameAs(arrangeOps, "Trilu", [
    {
      title: "of matrices",
      opset: 1,
      inputs: [f32("batch", 3, 4)],
      bindings: { batch: 2 },
      outputs: [f32("batch", 3, 4)],
      macs: 0,
      other: 0,
    },
  ]),
  sameAs(arrangeOps, "Pad", [
    {
      title: "both ends",
      opset: 1,
      inputs: [f32("n", 3), constant("int64", [4], [0, 1, 2, 0])],
      bindings: { n: 2 },
      outputs: [f32("n + 2", 4)],
      macs: 0,
      other: 0,
    },
  ]),
  sameAs(gatherOps, "GatherND", [
    {
      title: "rows",
      opset: 1,
      inputs: [f32(4, 3), constant("int64", [2, 1], [0, 2])],
      outputs: [f32(2, 3)],
      macs: 0,
      other: 0,
    },
  ]),
  sameAs(resizeOps, "GridSample", [
    {
      title: "a grid of two by three",
      opset: 1,
      inputs: [f32("batch", 2, 4, 4), f32("batch", 2, 3, 2)],
      bindings: { batch: 1 },
      outputs: [f32("batch", 2, 2, 3)],
    },
  ]),
  range,
  unique,
  expandDims,
  cropAndResize,
  unfoldTensor,
  isAllFinite,
  nGramRepeatBlock,
  cDist,
  timeWarping,
  bifurcationDetector,
  embedding,
  hash(),
  tokenizer,
  wordConvEmbedding,
  fourier("Rfft", false),
  fourier("Irfft", true),
  complexMul("ComplexMul"),
  complexMul("ComplexMulConj"),
  simple({
    name: "Inverse",
    cost: inverseCost,
    examples: [
      {
        title: "a batch of matrices",
        opset: 1,
        inputs: [fed("float32", ["batch", 2, 2], [2, 0, 0, 2])],
        bindings: { batch: 1 },
        outputs: [f32("batch", 2, 2)],
        macs: 8,
        other: 0,
      },
    ],
  }),
  {
    ...simple({
      name: "SampleOp",
      cost: () => moveCost("a copy"),
      examples: [
        {
          title: "a copy",
          opset: 1,
          inputs: [f32("n")],
          bindings: { n: 3 },
          outputs: [f32("n")],
          macs: 0,
          other: 0,
        },
      ],
    }),
    reuses: IN_PLACE,
  },
];
