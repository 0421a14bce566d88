import { ceilDiv, mul, sub } from "../expr";
import type { Dim, Fact } from "../facts/fact";
import type { DType } from "../tensor/dtype";
import { checkSame } from "./agree";
import { axisIndex, dividedBy, firstKnown, plus, tensorFact, times, unknownDims } from "./dims";
import { constant, f32, of } from "./example";
import { IN_PLACE, moveCost } from "./moving";
import { elementsAt, frontAxes, indexOf, numbersOf, sizesOf, smallDims, withSmall } from "./small";
import type { InferContext, OpContext, OpSpec } from "./spec";

const transpose: OpSpec = {
  domain: "",
  name: "Transpose",
  since: 1,
  inputs: ["data"],
  outputs: ["transposed"],
  infer(ctx) {
    const { shape, dtype, small } = ctx.input(0);
    const written = ctx.ints("perm");
    if (shape === undefined) {
      ctx.output(0, tensorFact(dtype, written && unknownDims(written.length)));
      return;
    }
    const perm = written ?? [...shape.keys()].reverse();
    if (perm.length !== shape.length) {
      ctx.problem(`perm has ${perm.length} axes and the data ${shape.length}`);
    }
    const result = tensorFact(
      dtype,
      perm.map((axis) => shape[axis]),
    );
    const from = smallDims(shape);
    const to = smallDims(result.shape);
    const moved =
      small === undefined || from === undefined || to === undefined
        ? undefined
        : elementsAt(to, (position) => small[indexOf(unpermute(position, perm), from)]);
    ctx.output(0, withSmall(result, moved));
  },
  cost: () => moveCost("every element is copied to its new place"),
  examples: [
    {
      title: "heads before positions",
      opset: 13,
      inputs: [f32("batch", "n", 4, 8)],
      attributes: { perm: [0, 2, 1, 3] },
      bindings: { batch: 2, n: 3 },
      outputs: [f32("batch", 4, "n", 8)],
      macs: 0,
      other: 0,
    },
    { title: "reversed", opset: 13, inputs: [f32("n", 3)], bindings: { n: 2 }, outputs: [f32(3, "n")] },
  ],
};

function unpermute(position: readonly number[], perm: readonly number[]): readonly number[] {
  const original: number[] = [];
  perm.forEach((axis, i) => {
    original[axis] = position[i] ?? 0;
  });
  return original;
}

/** Joined elements along the first axis, where row-major parts simply follow each other. */
function concatElements(facts: readonly Fact[], axis: number): readonly Dim[] | undefined {
  if (axis !== 0 || facts.every((fact) => fact.small === undefined)) {
    return undefined;
  }
  const parts = facts.map((fact) => {
    const dims = smallDims(fact.shape);
    const count = dims?.reduce((product, dim) => product * dim, 1);
    return fact.small ?? (count === undefined ? undefined : unknownDims(count));
  });
  return parts.every((part) => part !== undefined) ? parts.flat() : undefined;
}

const concat: OpSpec = {
  domain: "",
  name: "Concat",
  since: 1,
  inputs: ["inputs"],
  outputs: ["concat_result"],
  infer(ctx) {
    const facts = ctx.node.inputs.map((_, i) => ctx.input(i));
    const dtype = facts.find((fact) => fact.dtype !== undefined)?.dtype;
    const rank = facts.find((fact) => fact.shape !== undefined)?.shape?.length;
    const axis = rank === undefined ? undefined : axisIndex(ctx.int("axis", 1), rank);
    if (rank === undefined || axis === undefined) {
      ctx.output(0, tensorFact(dtype, undefined));
      return;
    }
    if (facts.some((fact) => fact.shape !== undefined && fact.shape.length !== rank)) {
      ctx.problem("the inputs have different ranks");
    }
    const shape = unknownDims(rank).map((_, i) => {
      const sizes = facts.map((fact) => fact.shape?.[i]);
      if (i !== axis) {
        const first = firstKnown(...sizes);
        for (const size of sizes) {
          checkSame(ctx, first, size, `sizes of axis ${i} differ`);
        }
      }
      return i === axis ? plus(...sizes) : firstKnown(...sizes);
    });
    ctx.output(0, withSmall(tensorFact(dtype, shape), concatElements(facts, axis)));
  },
  cost: () => moveCost("every element is copied to its place"),
  examples: [
    {
      title: "a cache and what is new",
      opset: 13,
      inputs: [f32("batch", 4, "past", 8), f32("batch", 4, "n", 8)],
      attributes: { axis: -2 },
      bindings: { batch: 2, past: 3, n: 1 },
      outputs: [f32("batch", 4, "past + n", 8)],
      macs: 0,
      other: 0,
    },
    {
      title: "parts of a shape",
      opset: 11,
      inputs: [constant("int64", [1], [2]), constant("int64", [2], [3, 4])],
      attributes: { axis: 0 },
      outputs: [of("int64", 3)],
    },
  ],
};

/** Sizes of the parts: written, or equal ones; by num_outputs the last part is what is left. */
function splitSizes(ctx: InferContext, dim: Dim): readonly Dim[] {
  const written = ctx.hasInput(1) ? sizesOf(ctx.input(1)) : ctx.ints("split");
  if (written !== undefined || ctx.hasInput(1)) {
    return written ?? unknownDims(ctx.outputCount);
  }
  const parts = ctx.int("num_outputs", ctx.outputCount);
  if (dim === undefined || parts < 1) {
    return unknownDims(ctx.outputCount);
  }
  const size = ceilDiv(dim, parts);
  return unknownDims(ctx.outputCount).map(
    (_, i): Dim => (i < parts - 1 ? size : sub(dim, mul(size, parts - 1))),
  );
}

const split: OpSpec = {
  domain: "",
  name: "Split",
  since: 1,
  inputs: ["input", "split"],
  outputs: ["outputs"],
  infer(ctx) {
    const { shape, dtype, small } = ctx.input(0);
    const axis = shape && axisIndex(ctx.int("axis", 0), shape.length);
    const sizes = splitSizes(ctx, axis === undefined ? undefined : shape?.[axis]);
    let start: Dim = 0;
    for (let i = 0; i < ctx.outputCount; i++) {
      const size = sizes[i];
      const dims = shape?.map((dim, at) => (at === axis ? size : dim));
      const end = plus(start, size);
      const part =
        shape?.length === 1 && typeof start === "number" && typeof end === "number"
          ? small?.slice(start, end)
          : undefined;
      ctx.output(i, withSmall(tensorFact(dtype, dims), part));
      start = end;
    }
  },
  cost: () => moveCost("every element is copied to its part"),
  examples: [
    {
      title: "query, key, value",
      opset: 13,
      inputs: [f32("n", 12)],
      attributes: { axis: -1 },
      bindings: { n: 2 },
      outputs: [f32("n", 4), f32("n", 4), f32("n", 4)],
      macs: 0,
      other: 0,
    },
    {
      title: "sizes as an attribute",
      opset: 11,
      inputs: [f32(2, 7)],
      attributes: { axis: 1, split: [3, 4] },
      outputs: [f32(2, 3), f32(2, 4)],
    },
    {
      title: "sizes as an input",
      opset: 13,
      inputs: [f32(7), constant("int64", [2], [3, 4])],
      outputs: [f32(3), f32(4)],
    },
    {
      title: "uneven, by number",
      opset: 18,
      inputs: [f32(7)],
      attributes: { num_outputs: 3 },
      outputs: [f32(3), f32(3), f32(1)],
    },
  ],
};

/** Dims after broadcasting to a target of sizes; an open size only says what a dim of more than 1 already says. */
function expandedDim(own: Dim, wanted: Dim): Dim {
  if (wanted === 1 || own === wanted) {
    return own;
  }
  if (own === 1) {
    return wanted;
  }
  return typeof own === "number" ? own : typeof wanted === "number" && wanted > 1 ? wanted : own;
}

const expand: OpSpec = {
  domain: "",
  name: "Expand",
  since: 8,
  inputs: ["input", "shape"],
  outputs: ["output"],
  infer(ctx) {
    const { shape, dtype, small } = ctx.input(0);
    const target = sizesOf(ctx.input(1));
    if (shape === undefined || target === undefined) {
      ctx.output(0, tensorFact(dtype, undefined));
      return;
    }
    const rank = Math.max(shape.length, target.length);
    const result = unknownDims(rank).map((_, i) => {
      const own = i - (rank - shape.length);
      const wanted = i - (rank - target.length);
      return expandedDim(own < 0 ? 1 : shape[own], wanted < 0 ? 1 : target[wanted]);
    });
    const from = smallDims(shape);
    const to = smallDims(result);
    const spread =
      small === undefined || from === undefined || to === undefined
        ? undefined
        : elementsAt(to, (position) => small[indexOf(position, from)]);
    ctx.output(0, withSmall(tensorFact(dtype, result), spread));
  },
  cost: () => moveCost("elements are copied as often as the shape asks"),
  examples: [
    {
      title: "both ways",
      opset: 13,
      inputs: [f32("n", 1), constant("int64", [3], [2, 1, 4])],
      bindings: { n: 3 },
      outputs: [f32(2, "n", 4)],
      macs: 0,
      other: 0,
    },
  ],
};

const tile: OpSpec = {
  domain: "",
  name: "Tile",
  since: 6,
  inputs: ["input", "repeats"],
  outputs: ["output"],
  infer(ctx) {
    const { shape, dtype, small } = ctx.input(0);
    const repeats = sizesOf(ctx.input(1));
    const result = shape?.map((dim, i) => times(dim, repeats?.[i]));
    const from = smallDims(shape);
    const to = smallDims(result);
    const tiled =
      small === undefined || from === undefined || to === undefined
        ? undefined
        : elementsAt(to, (position) => {
            const wrapped = position.map((at, axis) => at % (from[axis] ?? 1));
            return small[indexOf(wrapped, from)];
          });
    ctx.output(0, withSmall(tensorFact(dtype, result), tiled));
  },
  cost: () => moveCost("elements are copied once for each repetition"),
  examples: [
    {
      title: "along both axes",
      opset: 13,
      inputs: [f32("n", 3), constant("int64", [2], [2, 4])],
      bindings: { n: 2 },
      outputs: [f32("2*n", 12)],
      macs: 0,
      other: 0,
    },
  ],
};

/** Sizes added before and after every axis: for all axes, or for those that input 3 names (from opset 18). */
function padsOf(ctx: OpContext, rank: number): readonly Dim[] | undefined {
  const written =
    ctx.hasInput(1) || ctx.opset >= 11 ? sizesOf(ctx.input(1)) : (ctx.ints("pads") ?? ctx.ints("paddings"));
  if (!ctx.hasInput(3)) {
    return written?.length === 2 * rank ? written : undefined;
  }
  const named = numbersOf(ctx.input(3));
  const axes = named && frontAxes(named, rank);
  if (axes === undefined || written?.length !== 2 * axes.length) {
    return undefined;
  }
  const pads: Dim[] = new Array<Dim>(2 * rank).fill(0);
  axes.forEach((axis, i) => {
    pads[axis] = written[i];
    pads[axis + rank] = written[i + axes.length];
  });
  return pads;
}

const pad: OpSpec = {
  domain: "",
  name: "Pad",
  since: 1,
  inputs: ["data", "pads", "constant_value", "axes"],
  outputs: ["output"],
  axes: { input: 3 },
  infer(ctx) {
    const { shape, dtype } = ctx.input(0);
    const pads = shape && padsOf(ctx, shape.length);
    ctx.output(
      0,
      tensorFact(
        dtype,
        shape?.map((dim, axis) => plus(dim, pads?.[axis], pads?.[axis + shape.length])),
      ),
    );
  },
  cost: () => moveCost("every element is copied to its place and the border filled"),
  examples: [
    {
      title: "pads as an attribute",
      opset: 10,
      inputs: [f32("batch", 3, 8, 8)],
      attributes: { pads: [0, 0, 1, 2, 0, 0, 1, 2] },
      bindings: { batch: 2 },
      outputs: [f32("batch", 3, 10, 12)],
      macs: 0,
      other: 0,
    },
    {
      title: "pads as an input",
      opset: 13,
      inputs: [f32("h"), constant("int64", [2], [1, -2])],
      bindings: { h: 5 },
      outputs: [f32("h - 1")],
    },
    {
      title: "named axes",
      opset: 18,
      inputs: [f32("batch", 3, 8), constant("int64", [2], [1, 2]), f32(), constant("int64", [1], [-1])],
      bindings: { batch: 2 },
      outputs: [f32("batch", 3, 11)],
    },
  ],
};

function sameAsInput(
  name: string,
  since: number,
  rule: string,
  example: { readonly dtype: DType; readonly opset: number },
): OpSpec {
  return {
    domain: "",
    name,
    since,
    inputs: ["input"],
    outputs: ["output"],
    infer: (ctx) => ctx.output(0, tensorFact(ctx.input(0).dtype, ctx.input(0).shape)),
    cost: () => moveCost(rule),
    examples: [
      {
        title: "of a matrix",
        opset: example.opset,
        inputs: [of(example.dtype, "n", 3)],
        bindings: { n: 2 },
        outputs: [of(example.dtype, "n", 3)],
        macs: 0,
        other: 0,
      },
    ],
  };
}

const trilu: OpSpec = {
  ...sameAsInput("Trilu", 14, "elements on one side are copied, the others set to zero", {
    dtype: "float32",
    opset: 14,
  }),
  reuses: IN_PLACE,
};

const reverseSequence: OpSpec = {
  ...sameAsInput("ReverseSequence", 10, "every element is copied to its new place", {
    dtype: "float32",
    opset: 10,
  }),
  inputs: ["input", "sequence_lens"],
  examples: [
    {
      title: "each batch element to its length",
      opset: 10,
      inputs: [f32(4, 2), constant("int64", [2], [3, 4])],
      outputs: [f32(4, 2)],
      macs: 0,
      other: 0,
    },
  ],
};

function blocks(name: string, toDepth: boolean): OpSpec {
  return {
    domain: "",
    name,
    since: 1,
    inputs: ["input"],
    outputs: ["output"],
    infer(ctx) {
      const { shape, dtype } = ctx.input(0);
      const size = ctx.int("blocksize", 0);
      const area = size * size;
      if (size < 1) {
        ctx.problem("blocksize must be at least 1");
      }
      const [n, c, h, w] = shape ?? [];
      const dims = toDepth
        ? [n, times(c, area), dividedBy(h, size), dividedBy(w, size)]
        : [n, dividedBy(c, area), times(h, size), times(w, size)];
      ctx.output(0, tensorFact(dtype, size < 1 ? unknownDims(4) : dims));
    },
    cost: () => moveCost("every element is copied to its new place"),
    examples: [
      {
        title: "blocks of 2",
        opset: 13,
        inputs: [toDepth ? f32("batch", 3, 4, 6) : f32("batch", 12, 2, 3)],
        attributes: { blocksize: 2 },
        bindings: { batch: 1 },
        outputs: [toDepth ? f32("batch", 12, 2, 3) : f32("batch", 3, 4, 6)],
        macs: 0,
        other: 0,
      },
    ],
  };
}

export const arrangeOps: readonly OpSpec[] = [
  transpose,
  concat,
  split,
  expand,
  tile,
  pad,
  trilu,
  reverseSequence,
  blocks("DepthToSpace", false),
  blocks("SpaceToDepth", true),
];
