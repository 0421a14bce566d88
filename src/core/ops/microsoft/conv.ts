import { type ConvLayout, convCost, convQuant, convShape, PLAIN, QLINEAR, qLinearConvCost } from "../conv";
import { QUANTIZE_FLOPS } from "../conventions";
import { product, tensorFact } from "../dims";
import { constant, f32, of } from "../example";
import { poolCost, poolShape } from "../pooling";
import { flopsOf, perElement } from "../pricing";
import type { CostContext, OpContext, OpCost, OpExample, OpSpec } from "../spec";

const NHWC: ConvLayout = { ...PLAIN, channelsLast: true, weightChannelsLast: true };

interface Fused {
  readonly name: string;
  readonly layout: ConvLayout;
  readonly examples: readonly OpExample[];
}

/** Price of a convolution that also adds a residual (input 3) and ends in an activation. */
export function fusedConvCost(ctx: CostContext, layout: ConvLayout): OpCost {
  const outputs = product(ctx.outputFact(0).shape);
  const activation = ctx.string("activation", "");
  return convCost(ctx, layout, [
    ...(ctx.hasInput(3) ? [perElement(outputs, 1, "adding the residual", false)] : []),
    perElement(outputs, flopsOf(activation), activation),
  ]);
}

function fusedConv({ name, layout, examples }: Fused): OpSpec {
  return {
    domain: "com.microsoft",
    name,
    since: 1,
    inputs: ["X", "W", "B", "Z"],
    outputs: ["Y"],
    infer: (ctx) => ctx.output(0, tensorFact(ctx.input(0).dtype, convShape(ctx, layout))),
    cost: (ctx) => fusedConvCost(ctx, layout),
    quant: convQuant(1),
    examples,
  };
}

const qLayout = (ctx: OpContext): ConvLayout => ({
  ...QLINEAR,
  channelsLast: ctx.int("channels_last", 0) !== 0,
});

const qLinearConv: OpSpec = {
  domain: "com.microsoft",
  name: "QLinearConv",
  since: 1,
  inputs: ["x", "x_scale", "x_zero_point", "w", "w_scale", "w_zero_point", "y_scale", "y_zero_point", "B"],
  outputs: ["y"],
  infer: (ctx) => ctx.output(0, tensorFact(ctx.input(7).dtype, convShape(ctx, qLayout(ctx)))),
  cost: (ctx) => qLinearConvCost(ctx, qLayout(ctx)),
  examples: [
    {
      title: "channels last",
      opset: 1,
      inputs: [
        of("uint8", "batch", 5, 6, 2),
        constant("float32", [], [0.5]),
        constant("uint8", [], [128]),
        constant("int8", [3, 2, 1, 1], [1, 2, 3, 4, 5, 6]),
        constant("float32", [], [0.5]),
        constant("int8", [], [0]),
        constant("float32", [], [0.5]),
        constant("uint8", [], [0]),
      ],
      attributes: { channels_last: 1 },
      bindings: { batch: 2 },
      outputs: [of("uint8", "batch", 5, 6, 3)],
      macs: 2 * 3 * 30 * 2,
      other: 120 + 6 + 180 * QUANTIZE_FLOPS,
    },
  ],
};

const nhwcMaxPool: OpSpec = {
  domain: "com.microsoft",
  name: "NhwcMaxPool",
  since: 1,
  inputs: ["x"],
  outputs: ["y"],
  infer: (ctx) => ctx.output(0, tensorFact(ctx.input(0).dtype, poolShape(ctx, true))),
  cost: (ctx) => poolCost(ctx, 1, "comparing"),
  examples: [
    {
      title: "channels last",
      opset: 1,
      inputs: [of("uint8", "batch", 6, 6, 3)],
      attributes: { kernel_shape: [2, 2], strides: [2, 2] },
      bindings: { batch: 2 },
      outputs: [of("uint8", "batch", 3, 3, 3)],
      macs: 0,
      other: 2 * 27 * 4,
    },
  ],
};

export const microsoftConvOps: readonly OpSpec[] = [
  {
    ...fusedConv({
      name: "FusedConv",
      layout: PLAIN,
      examples: [
        {
          title: "residual and Relu",
          opset: 1,
          inputs: [f32("batch", 2, 5, 5), f32(3, 2, 3, 3), f32(3), f32("batch", 3, 5, 5)],
          attributes: { pads: [1, 1, 1, 1], activation: "Relu" },
          bindings: { batch: 2 },
          outputs: [f32("batch", 3, 5, 5)],
          macs: 2 * 75 * 18,
          other: 3 * 150,
        },
      ],
    }),
    // The residual is added where it stands.
    reuses: { as: "in place", inputs: [3] },
  },
  fusedConv({
    name: "NhwcConv",
    layout: NHWC,
    examples: [
      {
        title: "channels last, kernel in the middle of the weight",
        opset: 1,
        inputs: [f32("batch", 5, 6, 2), f32(4, 3, 3, 2)],
        attributes: { kernel_shape: [3, 3] },
        bindings: { batch: 2 },
        outputs: [f32("batch", 3, 4, 4)],
        macs: 2 * 48 * 18,
        other: 0,
        noKernel: "Could not find an implementation for NhwcConv(1)",
      },
    ],
  }),
  fusedConv({
    name: "NhwcFusedConv",
    layout: NHWC,
    examples: [
      {
        title: "half precision with a residual",
        opset: 1,
        inputs: [
          of("float16", "batch", 5, 6, 2),
          of("float16", 4, 3, 3, 2),
          of("float16", 4),
          of("float16", "batch", 3, 4, 4),
        ],
        attributes: { kernel_shape: [3, 3] },
        bindings: { batch: 2 },
        outputs: [of("float16", "batch", 3, 4, 4)],
        macs: 2 * 48 * 18,
        other: 96 * 2,
        noKernel: "Failed to find kernel for com.microsoft.NhwcFusedConv(1)",
      },
    ],
  }),
  qLinearConv,
  nhwcMaxPool,
];
