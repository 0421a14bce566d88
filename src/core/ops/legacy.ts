import { sub } from "../expr";
import type { Dim } from "../facts/fact";
import { plus, product, tensorFact, unknownDims } from "./dims";
import { constant, f32 } from "./example";
import { IN_PLACE, moveCost } from "./moving";
import { elementCost, flopsOf } from "./pricing";
import { scalarOf, sizesOf } from "./small";
import type { InferContext, OpExample, OpSpec } from "./spec";

/** Operators that ONNX once had as experiments, and first versions that work unlike all later ones. */

const GONE = "is not a registered function/op";

interface Old {
  readonly name: string;
  readonly flops: number;
  readonly what: string;
  readonly attributes?: OpExample["attributes"];
}

/** Kernels that onnxruntime lets write over their input. */
const OVER_INPUT = ["ParametricSoftplus", "ScaledTanh"];

function elementwise({ name, flops, what, attributes = {} }: Old): OpSpec {
  return {
    domain: "",
    name,
    since: 1,
    inputs: ["X"],
    outputs: ["Y"],
    infer: (ctx) => ctx.output(0, tensorFact(ctx.input(0).dtype, ctx.input(0).shape)),
    cost: (ctx) => elementCost(product(ctx.input(0).shape), flops, what, flops > 3 ? "estimate" : "exact"),
    ...(OVER_INPUT.includes(name) ? { reuses: IN_PLACE } : {}),
    examples: [
      {
        title: "every element",
        opset: 7,
        inputs: [f32("batch", 3, 2, 2)],
        attributes,
        bindings: { batch: 2 },
        outputs: [f32("batch", 3, 2, 2)],
        macs: 0,
        other: 24 * flops,
      },
    ],
  };
}

/** Borders (left, top, right, bottom) off the last two axes, or a size from the corner on. */
function inferCrop(ctx: InferContext): void {
  const { shape, dtype } = ctx.input(0);
  const [left = 0, top = 0, right = 0, bottom = 0] = ctx.ints("border") ?? [];
  const scale = ctx.ints("scale");
  const cut = (dim: Dim, off: number, size: number | undefined): Dim =>
    size ?? (dim === undefined ? undefined : sub(dim, off));
  ctx.output(
    0,
    tensorFact(
      dtype,
      shape && [
        ...shape.slice(0, -2),
        cut(shape.at(-2), top + bottom, scale?.[0]),
        cut(shape.at(-1), left + right, scale?.[1]),
      ],
    ),
  );
}

const crop: OpSpec = {
  domain: "",
  name: "Crop",
  since: 1,
  inputs: ["input"],
  outputs: ["output"],
  infer: inferCrop,
  cost: () => moveCost("what is left is copied"),
  examples: [
    {
      title: "borders",
      opset: 7,
      inputs: [f32("batch", 3, 8, 8)],
      attributes: { border: [1, 2, 3, 1] },
      bindings: { batch: 2 },
      outputs: [f32("batch", 3, 5, 4)],
      macs: 0,
      other: 0,
    },
  ],
};

function filled(name: string): OpSpec {
  return {
    domain: "",
    name,
    since: 1,
    inputs: ["shape"],
    outputs: ["output"],
    infer(ctx) {
      const asInput = ctx.int("input_as_shape", 0) !== 0;
      const front = ctx.hasInput(0)
        ? asInput
          ? sizesOf(ctx.input(0))
          : ctx.input(0).shape
        : ctx.ints("shape");
      const extra = ctx.ints("extra_shape") ?? [];
      ctx.output(0, tensorFact("float32", front && [...front, ...extra]));
    },
    cost: () => moveCost("filling"),
    examples: [
      {
        title: "as large as the input",
        opset: 7,
        inputs: [f32("n", 3)],
        attributes: { extra_shape: [2] },
        bindings: { n: 2 },
        outputs: [f32("n", 3, 2)],
        macs: 0,
        other: 0,
        noKernel: name === "ConstantFill" ? GONE : "Could not find an implementation",
      },
    ],
  };
}

/** One axis and one number of tiles. */
const tile1: OpSpec = {
  domain: "",
  name: "Tile",
  since: 1,
  inputs: ["input", "tiles", "axis"],
  outputs: ["output"],
  infer(ctx) {
    const { shape, dtype } = ctx.input(0);
    const [tiles, axis] = [scalarOf(ctx.input(1)), scalarOf(ctx.input(2))];
    const tiled = shape?.map((dim, i): Dim => {
      if (i !== axis) {
        return axis === undefined ? undefined : dim;
      }
      return dim === undefined || tiles === undefined ? undefined : product([dim, tiles]);
    });
    ctx.output(0, tensorFact(dtype, tiled));
  },
  cost: () => moveCost("elements are copied once for each repetition"),
  examples: [
    {
      title: "along the second axis",
      opset: 1,
      inputs: [f32("n", 3), constant("float32", [1], [4]), constant("float32", [1], [1])],
      bindings: { n: 2 },
      outputs: [f32("n", 12)],
      macs: 0,
      other: 0,
      noKernel: "Could not find an implementation",
    },
  ],
};

/** Scales of rows and columns of an image, as attributes. */
const upsample1: OpSpec = {
  domain: "",
  name: "Upsample",
  since: 1,
  inputs: ["X"],
  outputs: ["Y"],
  infer(ctx) {
    const { shape, dtype } = ctx.input(0);
    const scales = [1, 1, ctx.float("height_scale", 1), ctx.float("width_scale", 1)];
    const sizes = shape?.map((dim, axis): Dim => {
      const scale = scales[axis] ?? 1;
      return typeof dim === "number" ? Math.floor(dim * scale) : scale === 1 ? dim : scaledSymbol(dim, scale);
    });
    ctx.output(0, tensorFact(dtype, sizes ?? unknownDims(4)));
  },
  cost: () => moveCost("the nearest element is copied for each output"),
  examples: [
    {
      title: "twice as large",
      opset: 1,
      inputs: [f32(1, 3, "h", 4)],
      attributes: { height_scale: { float: 2 }, width_scale: { float: 2 }, mode: "nearest" },
      bindings: { h: 3 },
      outputs: [f32(1, 3, "2*h", 8)],
      macs: 0,
      other: 0,
      noKernel: "Could not find an implementation",
    },
  ],
};

const scaledSymbol = (dim: Dim, scale: number): Dim =>
  Number.isInteger(scale) ? plus(...new Array<Dim>(scale).fill(dim)) : undefined;

export const legacyOps: readonly OpSpec[] = [
  elementwise({
    name: "Affine",
    flops: 2,
    what: "scale, offset",
    attributes: { alpha: { float: 2 }, beta: { float: 1 } },
  }),
  elementwise({ name: "Scale", flops: 1, what: "scale", attributes: { scale: { float: 2 } } }),
  elementwise({
    name: "ImageScaler",
    flops: 2,
    what: "scale, offset",
    attributes: { scale: { float: 2 }, bias: { floats: [1, 2, 3] } },
  }),
  elementwise({
    name: "ParametricSoftplus",
    flops: flopsOf("Softplus") + 2,
    what: "softplus, two scales",
    attributes: { alpha: { float: 2 }, beta: { float: 1 } },
  }),
  elementwise({
    name: "ScaledTanh",
    flops: flopsOf("Tanh") + 2,
    what: "tanh, two scales",
    attributes: { alpha: { float: 2 }, beta: { float: 1 } },
  }),
  crop,
  filled("ConstantFill"),
  filled("GivenTensorFill"),
  tile1,
  upsample1,
];
