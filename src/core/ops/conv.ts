import { add, type Expr, min, mul, sub } from "../expr";
import type { Dim } from "../facts/fact";
import { checkSame, checkWindow } from "./agree";
import { contraction } from "./contraction";
import { QUANTIZE_FLOPS } from "./conventions";
import { firstKnown, product, tensorFact, times, unknownDims, wordsProduct } from "./dims";
import { constant, f32, of } from "./example";
import { requantizeExtra, zeroPointExtra } from "./matmul";
import { type Extra, perElement, unknownCost, withExtras } from "./pricing";
import type { CostContext, InferContext, OpContext, OpCost, OpSpec, QuantSpec } from "./spec";
import { type Axis, extent, slide, windowOf } from "./window";

/** Where a convolution's operands are (X is input 0 in all forms), and how their axes are ordered. */
export interface ConvLayout {
  readonly weight: number;
  /** Input index of the bias; undefined for forms without one. */
  readonly bias: number | undefined;
  /** Channels of X and Y are the last axis instead of the second. */
  readonly channelsLast?: boolean;
  /** Input channels of the weight are its last axis instead of the second. */
  readonly weightChannelsLast?: boolean;
}

export const PLAIN: ConvLayout = { weight: 1, bias: 2 };
const INTEGER: ConvLayout = { weight: 1, bias: undefined };
export const QLINEAR: ConvLayout = { weight: 3, bias: 8 };

/** Sizes of a convolution, whatever its layout; undefined members are unknown. */
interface ConvSizes {
  readonly batch: Dim;
  readonly spatial: readonly Dim[];
  readonly channels: Dim;
  /** Sizes of the weight's axes as stored: [0] and [1] are its channel axes. */
  readonly weight: readonly [Dim, Dim];
  readonly kernel: readonly Dim[];
}

/** Undefined when not even the number of spatial axes is known. */
function sizesOf(ctx: OpContext, layout: ConvLayout): ConvSizes | undefined {
  const x = ctx.input(0).shape;
  const w = ctx.input(layout.weight).shape;
  const declared = ctx.ints("kernel_shape");
  const rank = x?.length ?? w?.length ?? (declared && declared.length + 2);
  if (rank === undefined || rank < 2 || (w !== undefined && w.length !== rank)) {
    return undefined;
  }
  const stored = layout.weightChannelsLast ? w?.slice(1, -1) : w?.slice(2);
  const spatial = layout.channelsLast ? x?.slice(1, -1) : x?.slice(2);
  return {
    batch: x?.[0],
    spatial: spatial ?? unknownDims(rank - 2),
    channels: layout.channelsLast ? x?.at(-1) : x?.[1],
    weight: [w?.[0], layout.weightChannelsLast ? w?.at(-1) : w?.[1]],
    kernel: Array.from({ length: rank - 2 }, (_, axis) => firstKnown(declared?.[axis], stored?.[axis])),
  };
}

/** Shape of the output of a convolution (ONNX Conv). */
export function convShape(ctx: InferContext, layout: ConvLayout): readonly Dim[] | undefined {
  const sizes = sizesOf(ctx, layout);
  if (sizes === undefined) {
    return undefined;
  }
  const window = windowOf(ctx, sizes.kernel);
  checkWindow(ctx, sizes.spatial, window);
  checkSame(
    ctx,
    sizes.channels,
    times(sizes.weight[1], ctx.int("group", 1)),
    "channels of the input and of the weight differ",
  );
  const spatial = slide(sizes.spatial, window);
  const channels = sizes.weight[0];
  return layout.channelsLast ? [sizes.batch, ...spatial, channels] : [sizes.batch, channels, ...spatial];
}

const UNKNOWN = unknownCost("shapes of input and weight are not known");

function biasExtra(ctx: CostContext, bias: number | undefined): readonly Extra[] {
  return bias !== undefined && ctx.hasInput(bias)
    ? [perElement(product(ctx.outputFact(0).shape), 1, "adding the bias", false)]
    : [];
}

/** Price of a convolution: batch·Co·positions outputs, each a sum over (Ci/groups)·kernel products. */
export function convCost(ctx: CostContext, layout: ConvLayout, extras: readonly Extra[] = []): OpCost {
  const sizes = sizesOf(ctx, layout);
  const kept = ctx.outputFact(0).shape;
  if (sizes === undefined || kept === undefined) {
    return UNKNOWN;
  }
  const summed = [sizes.weight[1], ...sizes.kernel];
  return contraction({ kept, summed, extras: [...biasExtra(ctx, layout.bias), ...extras] });
}

/** Price of a convolution between quantised tensors, from zero points to the requantised output. */
export function qLinearConvCost(ctx: CostContext, layout: ConvLayout): OpCost {
  return convCost(ctx, layout, [
    ...zeroPointExtra(ctx, 2, 0),
    ...zeroPointExtra(ctx, 5, 3),
    requantizeExtra(product(ctx.outputFact(0).shape)),
  ]);
}

/** Each output channel of Conv has its own slice of the weight's first axis. */
export function convQuant(weight: number): QuantSpec {
  return { weight, channelAxis: () => 0 };
}

/**
 * ONNX ConvTranspose: stride·(in - 1) + output padding + extent - pads. SAME_* pads down to in·stride; a kernel too
 * small for that is not padded up, which is where onnxruntime departs from the text of ONNX.
 */
function transposedPositions(input: Expr, axis: Axis, autoPad: string, outputPadding: number): Dim {
  const reach = extent(axis);
  if (reach === undefined) {
    return undefined;
  }
  const full = add(mul(sub(input, 1), axis.stride), reach, outputPadding);
  return autoPad.startsWith("SAME") ? min(mul(input, axis.stride), full) : sub(full, axis.begin + axis.end);
}

/** Price of a transposed convolution: each input element is spread over the kernel of every output channel. */
function spread(inputs: readonly Dim[], targets: readonly Dim[]): OpCost {
  const macs = times(product(inputs), product(targets));
  const rule = `1 MAC for each of ${wordsProduct(targets)} products that each of ${wordsProduct(inputs)} inputs goes into`;
  return { macs, other: 0, trust: macs === undefined ? "unknown" : "exact", rule };
}

function transposedShape(ctx: OpContext): readonly Dim[] | undefined {
  const sizes = sizesOf(ctx, PLAIN);
  if (sizes === undefined) {
    return undefined;
  }
  const window = windowOf(ctx, sizes.kernel);
  const given = ctx.ints("output_shape");
  const padding = ctx.ints("output_padding");
  const group = ctx.int("group", 1);
  const spatial = window.axes.map((axis, index): Dim => {
    const fixed = given?.[given.length - window.axes.length + index];
    const input = sizes.spatial[index];
    if (fixed !== undefined || input === undefined) {
      return fixed;
    }
    return transposedPositions(input, axis, window.autoPad, padding?.[index] ?? 0);
  });
  return [sizes.batch, times(sizes.weight[1], group), ...spatial];
}

const conv: OpSpec = {
  domain: "",
  name: "Conv",
  since: 1,
  inputs: ["X", "W", "B"],
  outputs: ["Y"],
  infer(ctx) {
    ctx.output(0, tensorFact(ctx.input(0).dtype ?? ctx.input(1).dtype, convShape(ctx, PLAIN)));
  },
  cost: (ctx) => convCost(ctx, PLAIN),
  quant: convQuant(1),
  examples: [
    {
      title: "3×3, padded, with bias",
      opset: 11,
      inputs: [f32("batch", 3, "h", "w"), f32(8, 3, 3, 3), f32(8)],
      attributes: { kernel_shape: [3, 3], pads: [1, 1, 1, 1] },
      bindings: { batch: 2, h: 5, w: 6 },
      outputs: [f32("batch", 8, "h", "w")],
      macs: 2 * 8 * 5 * 6 * 3 * 9,
      other: 2 * 8 * 5 * 6,
    },
    {
      title: "strided stem of an image model",
      opset: 13,
      inputs: [f32(1, 3, "h", 9), f32(4, 3, 7, 7)],
      attributes: { strides: [2, 2], pads: [3, 3, 3, 3] },
      bindings: { h: 11 },
      outputs: [f32(1, 4, "floor((h-1)/2)+1", 5)],
      macs: 4 * 6 * 5 * 3 * 49,
      other: 0,
    },
    {
      title: "depthwise, dilated, unequal pads",
      opset: 22,
      inputs: [f32(1, 4, 10, 10), f32(4, 1, 3, 3)],
      attributes: { group: 4, dilations: [2, 3], pads: [2, 0, 1, 4] },
      outputs: [f32(1, 4, 9, 8)],
      macs: 4 * 9 * 8 * 9,
    },
    {
      title: "SAME_UPPER, strided",
      opset: 13,
      inputs: [f32(1, 2, "h", 8), f32(6, 2, 3, 3)],
      attributes: { auto_pad: "SAME_UPPER", strides: [2, 3] },
      bindings: { h: 7 },
      outputs: [f32(1, 6, "ceil(h/2)", 3)],
      macs: 6 * 4 * 3 * 2 * 9,
    },
    {
      title: "VALID ignores nothing but pads",
      opset: 13,
      inputs: [f32(1, 2, 8, 8), f32(6, 2, 3, 3)],
      attributes: { auto_pad: "VALID", strides: [2, 2] },
      outputs: [f32(1, 6, 3, 3)],
      macs: 6 * 9 * 2 * 9,
    },
    {
      title: "one spatial axis, two groups",
      opset: 11,
      inputs: [f32("batch", 4, "n"), f32(6, 2, 5)],
      attributes: { group: 2 },
      bindings: { batch: 1, n: 9 },
      outputs: [f32("batch", 6, "n-4")],
      macs: 6 * 5 * 2 * 5,
    },
    {
      title: "three spatial axes",
      opset: 11,
      inputs: [f32(1, 2, 4, 5, 6), f32(3, 2, 2, 2, 2)],
      outputs: [f32(1, 3, 3, 4, 5)],
      macs: 3 * 60 * 2 * 8,
    },
  ],
};

const convTranspose: OpSpec = {
  domain: "",
  name: "ConvTranspose",
  since: 1,
  inputs: ["X", "W", "B"],
  outputs: ["Y"],
  infer(ctx) {
    ctx.output(0, tensorFact(ctx.input(0).dtype ?? ctx.input(1).dtype, transposedShape(ctx)));
  },
  cost(ctx) {
    const sizes = sizesOf(ctx, PLAIN);
    if (sizes === undefined) {
      return UNKNOWN;
    }
    const channels = firstKnown(sizes.channels, sizes.weight[0]);
    return withExtras(
      spread([sizes.batch, channels, ...sizes.spatial], [sizes.weight[1], ...sizes.kernel]),
      biasExtra(ctx, 2),
    );
  },
  quant: { weight: 1, channelAxis: (ctx) => (ctx.int("group", 1) === 1 ? 1 : undefined) },
  examples: [
    {
      title: "doubles an image",
      opset: 11,
      inputs: [f32("batch", 4, "h", 3), f32(4, 2, 2, 2), f32(2)],
      attributes: { strides: [2, 2] },
      bindings: { batch: 1, h: 5 },
      outputs: [f32("batch", 2, "2*h", 6)],
      macs: 4 * 15 * 2 * 4,
      other: 2 * 60,
    },
    {
      title: "pads, output padding, dilation, groups",
      opset: 13,
      inputs: [f32(1, 4, 5, 5), f32(4, 3, 3, 3)],
      attributes: {
        strides: [3, 2],
        pads: [1, 0, 1, 2],
        output_padding: [1, 0],
        dilations: [1, 2],
        group: 2,
      },
      outputs: [f32(1, 6, 14, 11)],
      macs: 4 * 25 * 3 * 9,
    },
    {
      title: "output_shape decides",
      opset: 22,
      inputs: [f32(1, 2, 3, 3), f32(2, 1, 3, 3)],
      attributes: { strides: [2, 2], output_shape: [6, 8] },
      outputs: [f32(1, 1, 6, 8)],
      macs: 2 * 9 * 9,
    },
    {
      title: "SAME_UPPER multiplies by the stride",
      opset: 13,
      inputs: [f32(1, 2, "h", 4), f32(2, 1, 3, 3)],
      attributes: { strides: [2, 3], auto_pad: "SAME_UPPER" },
      bindings: { h: 3 },
      outputs: [f32(1, 1, "2*h", 12)],
      macs: 2 * 12 * 9,
    },
    {
      title: "one spatial axis",
      opset: 13,
      inputs: [f32(1, 2, "n"), f32(2, 3, 4)],
      attributes: { strides: [2], pads: [1, 1] },
      bindings: { n: 5 },
      outputs: [f32(1, 3, "2*n")],
      macs: 2 * 5 * 12,
    },
  ],
};

const convInteger: OpSpec = {
  domain: "",
  name: "ConvInteger",
  since: 10,
  inputs: ["x", "w", "x_zero_point", "w_zero_point"],
  outputs: ["y"],
  infer: (ctx) => ctx.output(0, tensorFact("int32", convShape(ctx, INTEGER))),
  cost: (ctx) => convCost(ctx, INTEGER, [...zeroPointExtra(ctx, 2, 0), ...zeroPointExtra(ctx, 3, 1)]),
  examples: [
    {
      title: "zero point of the input",
      opset: 10,
      inputs: [of("uint8", "batch", 2, 5, 5), of("uint8", 3, 2, 3, 3), constant("uint8", [], [1])],
      bindings: { batch: 2 },
      outputs: [of("int32", "batch", 3, 3, 3)],
      macs: 2 * 3 * 9 * 2 * 9,
      other: 100,
    },
  ],
};

const qLinearConv: OpSpec = {
  domain: "",
  name: "QLinearConv",
  since: 10,
  inputs: ["x", "x_scale", "x_zero_point", "w", "w_scale", "w_zero_point", "y_scale", "y_zero_point", "B"],
  outputs: ["y"],
  infer: (ctx) => ctx.output(0, tensorFact(ctx.input(7).dtype, convShape(ctx, QLINEAR))),
  cost: (ctx) => qLinearConvCost(ctx, QLINEAR),
  examples: [
    {
      title: "scale per channel and bias",
      opset: 10,
      inputs: [
        of("uint8", "batch", 2, 5, 5),
        constant("float32", [], [0.5]),
        constant("uint8", [], [128]),
        constant("int8", [3, 2, 1, 1], [1, 2, 3, 4, 5, 6]),
        constant("float32", [3], [0.5, 0.25, 0.125]),
        constant("int8", [3], [0, 0, 0]),
        constant("float32", [], [0.5]),
        constant("uint8", [], [0]),
        constant("int32", [3], [1, 2, 3]),
      ],
      bindings: { batch: 2 },
      outputs: [of("uint8", "batch", 3, 5, 5)],
      macs: 2 * 3 * 25 * 2,
      other: 150 + 100 + 6 + QUANTIZE_FLOPS * 150,
    },
  ],
};

export const convOps: readonly OpSpec[] = [conv, convTranspose, convInteger, qLinearConv];
