import type { Dim } from "../facts/fact";
import { axisIndex, product, tensorFact } from "./dims";
import { constant, f32, fed } from "./example";
import { IN_PLACE, moveCost, pickCost } from "./moving";
import { elementCost } from "./pricing";
import { elementsAt, indexOf, smallDims, withSmall } from "./small";
import type { CostContext, InferContext, OpCost, OpSpec } from "./spec";

/** Elements that Gather picks from a small tensor by known indices. */
function gatheredElements(
  ctx: InferContext,
  axis: number,
  result: readonly Dim[],
): readonly Dim[] | undefined {
  const { small } = ctx.input(0);
  const indices = ctx.input(1);
  const from = smallDims(ctx.input(0).shape);
  const picks = smallDims(indices.shape);
  const to = smallDims(result);
  if (small === undefined || from === undefined || picks === undefined || to === undefined) {
    return undefined;
  }
  return elementsAt(to, (position) => {
    const pick = indices.small?.[indexOf(position.slice(axis, axis + picks.length), picks)];
    if (typeof pick !== "number") {
      return undefined;
    }
    const at = pick < 0 ? pick + (from[axis] ?? 0) : pick;
    const source = [...position.slice(0, axis), at, ...position.slice(axis + picks.length)];
    return at >= 0 && at < (from[axis] ?? 0) ? small[indexOf(source, from)] : undefined;
  });
}

const gather: OpSpec = {
  domain: "",
  name: "Gather",
  since: 1,
  inputs: ["data", "indices"],
  outputs: ["output"],
  infer(ctx) {
    const data = ctx.input(0);
    const indices = ctx.input(1).shape;
    const axis = data.shape && axisIndex(ctx.int("axis", 0), data.shape.length);
    if (data.shape === undefined || indices === undefined || axis === undefined) {
      ctx.output(0, tensorFact(data.dtype, undefined));
      return;
    }
    const shape = [...data.shape.slice(0, axis), ...indices, ...data.shape.slice(axis + 1)];
    ctx.output(0, withSmall(tensorFact(data.dtype, shape), gatheredElements(ctx, axis, shape)));
  },
  cost: (ctx) => pickCost(ctx, "only the picked rows are read, not the whole table", [1]),
  examples: [
    {
      title: "embeddings",
      opset: 13,
      inputs: [f32(50, 8), fed("int64", ["batch", "n"], [1, 2, 3, 4, 5, 6])],
      bindings: { batch: 2, n: 3 },
      outputs: [f32("batch", "n", 8)],
      macs: 0,
      other: 0,
    },
    {
      title: "one column",
      opset: 13,
      inputs: [f32("n", 4), constant("int64", [], [-1])],
      attributes: { axis: 1 },
      bindings: { n: 3 },
      outputs: [f32("n")],
    },
  ],
};

const gatherElements: OpSpec = {
  domain: "",
  name: "GatherElements",
  since: 11,
  inputs: ["data", "indices"],
  outputs: ["output"],
  infer: (ctx) => ctx.output(0, tensorFact(ctx.input(0).dtype, ctx.input(1).shape)),
  cost: (ctx) => pickCost(ctx, "only the picked elements are read", [1]),
  examples: [
    {
      title: "one of each row",
      opset: 13,
      inputs: [f32(2, 4), constant("int64", [2, 1], [1, 3])],
      attributes: { axis: 1 },
      outputs: [f32(2, 1)],
      macs: 0,
      other: 0,
    },
  ],
};

const gatherND: OpSpec = {
  domain: "",
  name: "GatherND",
  since: 11,
  inputs: ["data", "indices"],
  outputs: ["output"],
  infer(ctx) {
    const { shape, dtype } = ctx.input(0);
    const indices = ctx.input(1).shape;
    const depth = indices?.at(-1);
    const known = shape !== undefined && indices !== undefined && typeof depth === "number";
    const taken = known ? ctx.int("batch_dims", 0) + depth : 0;
    ctx.output(0, tensorFact(dtype, known ? [...indices.slice(0, -1), ...shape.slice(taken)] : undefined));
  },
  cost: (ctx) => pickCost(ctx, "only the picked slices are read", [1]),
  examples: [
    {
      title: "rows by pairs of indices",
      opset: 13,
      inputs: [f32(2, 3, 4), constant("int64", [5, 2], [0, 0, 0, 1, 1, 0, 1, 1, 1, 2])],
      outputs: [f32(5, 4)],
      macs: 0,
      other: 0,
    },
    {
      title: "batched",
      opset: 13,
      inputs: [f32(2, 3, 4), constant("int64", [2, 1], [0, 2])],
      attributes: { batch_dims: 1 },
      outputs: [f32(2, 4)],
    },
  ],
};

/** Copies the data and overwrites; with a reduction also one FLOP for each update. */
function scatterCost(ctx: CostContext): OpCost {
  const rule = "the data is copied and the updates are written into it";
  return ctx.string("reduction", "none") === "none"
    ? moveCost(rule)
    : elementCost(product(ctx.input(2).shape), 1, "reducing each update", "exact");
}

function scatter(name: string, since: number): OpSpec {
  return {
    domain: "",
    name,
    since,
    inputs: ["data", "indices", "updates"],
    outputs: ["output"],
    infer: (ctx) => ctx.output(0, tensorFact(ctx.input(0).dtype, ctx.input(0).shape)),
    cost: scatterCost,
    ...(name === "ScatterND" ? {} : { reuses: IN_PLACE }),
    examples: [
      {
        title: "into rows",
        opset: name === "Scatter" ? 9 : 13,
        inputs:
          name === "ScatterND"
            ? [f32(4, 3), constant("int64", [2, 1], [0, 2]), f32(2, 3)]
            : [f32(4, 3), constant("int64", [1, 3], [0, 2, 1]), f32(1, 3)],
        outputs: [f32(4, 3)],
        macs: 0,
        other: 0,
      },
      ...(name === "ScatterND"
        ? [
            {
              title: "adding",
              opset: 16,
              inputs: [f32(4, 3), constant("int64", [2, 1], [0, 2]), f32(2, 3)],
              attributes: { reduction: "add" },
              outputs: [f32(4, 3)],
              other: 6,
            },
          ]
        : []),
    ],
  };
}

const compress: OpSpec = {
  domain: "",
  name: "Compress",
  since: 9,
  inputs: ["input", "condition"],
  outputs: ["output"],
  infer(ctx) {
    const { shape, dtype } = ctx.input(0);
    const axis = ctx.maybeInt("axis");
    const kept = ctx.fresh("kept");
    if (axis === undefined) {
      ctx.output(0, tensorFact(dtype, [kept]));
      return;
    }
    const at = shape && axisIndex(axis, shape.length);
    ctx.output(
      0,
      tensorFact(
        dtype,
        shape?.map((dim, i) => (i === at ? kept : dim)),
      ),
    );
  },
  cost: () => moveCost("the kept slices are copied"),
  examples: [
    {
      title: "rows that a condition keeps",
      opset: 11,
      inputs: [f32(3, 2), fed("bool", [3], [1, 0, 1])],
      attributes: { axis: 0 },
      bindings: { "out0.kept": 2 },
      outputs: [f32("out0.kept", 2)],
      macs: 0,
      other: 0,
    },
  ],
};

/** The update of a key-value cache; its buffer is meant to be written in place. */
const tensorScatter: OpSpec = {
  domain: "",
  name: "TensorScatter",
  since: 24,
  inputs: ["past_cache", "update", "write_indices"],
  outputs: ["present_cache"],
  infer: (ctx) => ctx.output(0, tensorFact(ctx.input(0).dtype ?? ctx.input(1).dtype, ctx.input(0).shape)),
  cost: () => moveCost("the cache is copied and the update written into it"),
  reuses: IN_PLACE,
  examples: [
    {
      title: "one position for each of a batch",
      opset: 24,
      inputs: [f32("batch", 2, 8, 4), f32("batch", 2, 1, 4), fed("int64", ["batch"], [3, 5])],
      bindings: { batch: 2 },
      outputs: [f32("batch", 2, 8, 4)],
      macs: 0,
      other: 0,
    },
  ],
};

export const gatherOps: readonly OpSpec[] = [
  gather,
  gatherElements,
  gatherND,
  scatter("Scatter", 9),
  scatter("ScatterElements", 11),
  scatter("ScatterND", 11),
  compress,
  tensorScatter,
];
