import type { Dim } from "../facts/fact";
import { checkWindow } from "./agree";
import { product, tensorFact, times, unknownDims, words, wordsProduct } from "./dims";
import { f32, of } from "./example";
import { elementCost, flopsOf, perElement, unknownCost, withExtras } from "./pricing";
import type { CostContext, InferContext, OpContext, OpCost, OpExample, OpSpec } from "./spec";
import { slide, windowOf } from "./window";

/** Shape of the output of a pool: channels stay, the window slides over the rest (ONNX MaxPool). */
export function poolShape(ctx: InferContext, channelsLast = false): readonly Dim[] | undefined {
  const x = ctx.input(0).shape;
  const kernel = ctx.ints("kernel_shape");
  const rank = x?.length ?? (kernel && kernel.length + 2);
  if (rank === undefined || rank < 2 || kernel?.length !== rank - 2) {
    return rank === undefined ? undefined : unknownDims(rank);
  }
  const window = windowOf(ctx, kernel);
  checkWindow(ctx, channelsLast ? x?.slice(1, -1) : x?.slice(2), window);
  return channelsLast
    ? [x?.[0], ...slide(x?.slice(1, -1), window), x?.at(-1)]
    : [x?.[0], x?.[1], ...slide(x?.slice(2), window)];
}

/** Kernel sizes, none larger than the padded input: with ceil_mode a kernel may hang over its end. */
function reachable(ctx: CostContext): readonly number[] | undefined {
  const kernel = ctx.ints("kernel_shape");
  const spatial = ctx.input(0).shape?.slice(2);
  const pads = ctx.ints("pads");
  return ctx.int("ceil_mode", 0) === 0
    ? kernel
    : kernel?.map((size, axis) => {
        const input = spatial?.[axis];
        const padding = (pads?.[axis] ?? 0) + (pads?.[axis + kernel.length] ?? 0);
        return typeof input === "number" ? Math.min(size, input + padding) : size;
      });
}

/** FLOPs of `perItem` for each element under each position of the window, padding included. */
export function poolCost(ctx: CostContext, perItem: number, what: string): OpCost {
  const outputs = product(ctx.outputFact(0).shape);
  const kernel = reachable(ctx);
  const other = times(outputs, product(kernel), perItem);
  if (kernel === undefined || other === undefined) {
    return unknownCost("kernel or output shape is not known");
  }
  const each = perItem === 1 ? "1 FLOP" : `${perItem} FLOPs`;
  const rule = `${each} (${what}) for each of ${wordsProduct(kernel)} elements under the window at each of ${words(outputs)} outputs`;
  return { macs: 0, other, trust: "estimate", rule };
}

interface PoolKind {
  readonly name: string;
  readonly since: number;
  readonly perItem: number;
  readonly what: string;
  /** FLOPs per output beside those per element. */
  readonly perOutput: number;
  readonly examples: readonly OpExample[];
}

function pool(kind: PoolKind, outputs: readonly string[] = ["Y"]): OpSpec {
  return {
    domain: "",
    name: kind.name,
    since: kind.since,
    inputs: ["X"],
    outputs,
    infer(ctx) {
      const shape = poolShape(ctx);
      ctx.output(0, tensorFact(ctx.input(0).dtype, shape));
      if (ctx.hasOutput(1)) {
        ctx.output(1, tensorFact("int64", shape));
      }
    },
    cost: (ctx) =>
      withExtras(poolCost(ctx, kind.perItem, kind.what), [
        perElement(product(ctx.outputFact(0).shape), kind.perOutput, "finishing each output"),
      ]),
    examples: kind.examples,
  };
}

function globalShape(ctx: OpContext): readonly Dim[] | undefined {
  return ctx.input(0).shape?.map((dim, axis) => (axis < 2 ? dim : 1));
}

function globalPool(kind: PoolKind): OpSpec {
  return {
    domain: "",
    name: kind.name,
    since: kind.since,
    inputs: ["X"],
    outputs: ["Y"],
    infer: (ctx) => ctx.output(0, tensorFact(ctx.input(0).dtype, globalShape(ctx))),
    cost: (ctx) =>
      withExtras(elementCost(product(ctx.input(0).shape), kind.perItem, kind.what, "estimate"), [
        perElement(product(ctx.outputFact(0).shape), kind.perOutput, "finishing each output"),
      ]),
    examples: kind.examples,
  };
}

/** One comparison or one addition per element. */
const ONE = 1;
const LP_ITEM = flopsOf("Abs") + flopsOf("Pow") + flopsOf("Add");
const LP_OUTPUT = flopsOf("Pow");

const maxPool = pool(
  {
    name: "MaxPool",
    since: 1,
    perItem: ONE,
    what: "comparing",
    perOutput: 0,
    examples: [
      {
        title: "3×3 with stride 2 and pads",
        opset: 12,
        inputs: [f32("batch", 4, "h", 8)],
        attributes: { kernel_shape: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1] },
        bindings: { batch: 2, h: 7 },
        outputs: [f32("batch", 4, "floor((h-1)/2)+1", 4)],
        macs: 0,
        other: 2 * 4 * 4 * 4 * 9,
      },
      {
        title: "ceil_mode",
        opset: 12,
        inputs: [f32(1, 1, "h", 6)],
        attributes: { kernel_shape: [3, 3], strides: [2, 2], ceil_mode: 1 },
        bindings: { h: 8 },
        outputs: [f32(1, 1, "ceil((h-3)/2)+1", 3)],
      },
      {
        title: "ceil_mode drops a window that starts in the padding",
        opset: 22,
        inputs: [f32(1, 1, 3, "w")],
        attributes: { kernel_shape: [2, 2], strides: [3, 3], pads: [0, 0, 1, 1], ceil_mode: 1 },
        bindings: { w: 6 },
        outputs: [f32(1, 1, 1, "min(ceil((w-1)/3)+1, ceil(w/3))")],
      },
      {
        title: "indices and dilations",
        opset: 11,
        inputs: [f32(1, 2, 7, 7)],
        attributes: { kernel_shape: [2, 3], dilations: [2, 2] },
        outputs: [f32(1, 2, 5, 3), of("int64", 1, 2, 5, 3)],
      },
      {
        title: "SAME_LOWER on bytes",
        opset: 12,
        inputs: [of("uint8", 1, 2, "n")],
        attributes: { kernel_shape: [3], strides: [2], auto_pad: "SAME_LOWER" },
        bindings: { n: 5 },
        outputs: [of("uint8", 1, 2, "ceil(n/2)")],
      },
    ],
  },
  ["Y", "Indices"],
);

const averagePool = pool({
  name: "AveragePool",
  since: 1,
  perItem: ONE,
  what: "adding",
  perOutput: ONE,
  examples: [
    {
      title: "2×2",
      opset: 11,
      inputs: [f32("batch", 3, "h", 6)],
      attributes: { kernel_shape: [2, 2], strides: [2, 2] },
      bindings: { batch: 1, h: 4 },
      outputs: [f32("batch", 3, "floor((h-2)/2)+1", 3)],
      macs: 0,
      other: 3 * 2 * 3 * (4 + 1),
    },
    {
      title: "dilated, ceil_mode, padding counted",
      opset: 19,
      inputs: [f32(1, 2, 9, 9)],
      attributes: {
        kernel_shape: [3, 2],
        strides: [2, 3],
        dilations: [2, 1],
        pads: [1, 0, 1, 1],
        ceil_mode: 1,
        count_include_pad: 1,
      },
      outputs: [f32(1, 2, 4, 3)],
    },
    {
      title: "VALID",
      opset: 11,
      inputs: [f32(1, 2, 8)],
      attributes: { kernel_shape: [3], strides: [3], auto_pad: "VALID" },
      outputs: [f32(1, 2, 2)],
    },
    {
      title: "ceil_mode with a kernel larger than the input",
      opset: 11,
      inputs: [f32(1, 2, 6, 9)],
      attributes: { kernel_shape: [8, 8], strides: [8, 8], ceil_mode: 1 },
      outputs: [f32(1, 2, 1, 2)],
    },
  ],
});

const lpPool = pool({
  name: "LpPool",
  since: 1,
  perItem: LP_ITEM,
  what: "absolute value, power, adding",
  perOutput: LP_OUTPUT,
  examples: [
    {
      title: "3×3",
      opset: 11,
      inputs: [f32(1, 2, "h", 5)],
      attributes: { kernel_shape: [3, 3], p: 2 },
      bindings: { h: 5 },
      outputs: [f32(1, 2, "h-2", 3)],
      other: 18 * (9 * LP_ITEM + LP_OUTPUT),
    },
    {
      title: "dilated with ceil_mode",
      opset: 18,
      inputs: [f32(1, 2, 8, 8)],
      attributes: { kernel_shape: [2, 2], dilations: [2, 1], strides: [2, 3], ceil_mode: 1 },
      outputs: [f32(1, 2, 4, 3)],
    },
  ],
});

const globalExample = (other: number): readonly OpExample[] => [
  {
    title: "over an image of any size",
    opset: 13,
    inputs: [f32("batch", 3, "h", "w")],
    bindings: { batch: 2, h: 4, w: 5 },
    outputs: [f32("batch", 3, 1, 1)],
    macs: 0,
    other,
  },
  { title: "one spatial axis", opset: 13, inputs: [f32(2, 3, 4)], outputs: [f32(2, 3, 1)] },
];

export const poolingOps: readonly OpSpec[] = [
  maxPool,
  averagePool,
  lpPool,
  globalPool({
    name: "GlobalMaxPool",
    since: 1,
    perItem: ONE,
    what: "comparing",
    perOutput: 0,
    examples: globalExample(120),
  }),
  globalPool({
    name: "GlobalAveragePool",
    since: 1,
    perItem: ONE,
    what: "adding",
    perOutput: ONE,
    examples: globalExample(120 + 6),
  }),
  globalPool({
    name: "GlobalLpPool",
    since: 1,
    perItem: LP_ITEM,
    what: "absolute value, power, adding",
    perOutput: LP_OUTPUT,
    examples: globalExample(120 * LP_ITEM + 6 * LP_OUTPUT),
  }),
];
