import { add } from "../expr";
import type { Dim } from "../facts/fact";
import { checkSame } from "./agree";
import { contraction } from "./contraction";
import { QUANTIZE_FLOPS, REDUCE_FLOPS } from "./conventions";
import { dividedBy, firstKnown, plus, tensorFact, times } from "./dims";
import { constant, f32 } from "./example";
import { flopsOf, perElement, unknownCost, withExtras } from "./pricing";
import type { OpContext, OpCost, OpExample, OpSpec } from "./spec";

/** One cell of a recurrent family: how many gates its weights hold, and what each hidden unit costs beside them. */
interface Cell {
  readonly name: string;
  readonly gates: number;
  /** FLOPs per hidden unit and step: bias, activations and products of the cell's equations. */
  readonly flops: number;
  readonly what: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly examples: readonly OpExample[];
}

interface Sizes {
  readonly steps: Dim;
  readonly batch: Dim;
  readonly directions: number;
  readonly hidden: Dim;
  readonly features: Dim;
  readonly batchFirst: boolean;
}

export function recurrentSizes(ctx: OpContext, gates: number): Sizes {
  const x = ctx.input(0).shape;
  const batchFirst = ctx.int("layout", 0) !== 0;
  const [w, r] = [ctx.input(1).shape, ctx.input(2).shape];
  return {
    steps: x?.[batchFirst ? 1 : 0],
    batch: x?.[batchFirst ? 0 : 1],
    directions: ctx.string("direction", "forward") === "bidirectional" ? 2 : 1,
    hidden: firstKnown(ctx.maybeInt("hidden_size"), r?.[2], dividedBy(w?.[1], gates)),
    features: firstKnown(x?.[2], w?.[2]),
    batchFirst,
  };
}

/** Shapes of Y and of Y_h (and Y_c), by the attribute layout (ONNX LSTM). */
export function recurrentShapes(sizes: Sizes): readonly [readonly Dim[], readonly Dim[]] {
  const { steps, batch, directions, hidden, batchFirst } = sizes;
  return batchFirst
    ? [
        [batch, steps, directions, hidden],
        [batch, directions, hidden],
      ]
    : [
        [steps, directions, batch, hidden],
        [directions, batch, hidden],
      ];
}

/** Price of a recurrent layer: at each step every gate of every unit sums over input and state. */
function recurrentCost(sizes: Sizes, gates: number, flops: number, what: string): OpCost {
  const { steps, batch, directions, hidden, features } = sizes;
  if (hidden === undefined || features === undefined) {
    return unknownCost("width of the input or of the hidden state is not known");
  }
  const units = [directions, steps, batch, hidden];
  return contraction({
    kept: [...units, gates],
    summed: [add(features, hidden)],
    extras: [perElement(times(...units), flops, what)],
  });
}

function recurrent(cell: Cell): OpSpec {
  return {
    domain: "",
    name: cell.name,
    since: 1,
    inputs: cell.inputs,
    outputs: cell.outputs,
    infer(ctx) {
      const dtype = ctx.input(0).dtype;
      const sizes = recurrentSizes(ctx, cell.gates);
      const [all, last] = recurrentShapes(sizes);
      for (const state of [5, 6].filter((index) => index < cell.inputs.length)) {
        const batch = ctx.input(state).shape?.[sizes.batchFirst ? 0 : 1];
        checkSame(ctx, sizes.batch, batch, `the batch of X and of ${cell.inputs[state]}`);
      }
      for (const index of cell.outputs.keys()) {
        ctx.output(index, tensorFact(dtype, index === 0 ? all : last));
      }
    },
    cost: (ctx) => recurrentCost(recurrentSizes(ctx, cell.gates), cell.gates, cell.flops, cell.what),
    examples: cell.examples,
  };
}

const ACTIVATIONS = flopsOf("Sigmoid");
const LSTM_FLOPS = 4 * 2 + 3 * ACTIVATIONS + 2 * flopsOf("Tanh") + 4;
const LSTM_WORDS = "biases, three sigmoids, two tanhs and four products and sums per unit and step";
const GRU_FLOPS = 3 * 2 + 2 * ACTIVATIONS + flopsOf("Tanh") + 5;
const RNN_FLOPS = 2 + flopsOf("Tanh");

/** LSTM with quantised weights, stored as [directions, input, 4·hidden] and [directions, hidden, 4·hidden]. */
const dynamicQuantizeLstm: OpSpec = {
  domain: "com.microsoft",
  name: "DynamicQuantizeLSTM",
  since: 1,
  inputs: [
    "X",
    "W",
    "R",
    "B",
    "sequence_lens",
    "initial_h",
    "initial_c",
    "P",
    "W_scale",
    "W_zero_point",
    "R_scale",
    "R_zero_point",
  ],
  outputs: ["Y", "Y_h", "Y_c"],
  infer(ctx) {
    const [all, last] = recurrentShapes(quantisedSizes(ctx));
    ctx.output(0, tensorFact(ctx.input(0).dtype, all));
    ctx.output(1, tensorFact(ctx.input(0).dtype, last));
    ctx.output(2, tensorFact(ctx.input(0).dtype, last));
  },
  cost(ctx) {
    const sizes = quantisedSizes(ctx);
    const read = times(sizes.directions, sizes.steps, sizes.batch, plus(sizes.features, sizes.hidden));
    return withExtras(recurrentCost(sizes, 4, LSTM_FLOPS, LSTM_WORDS), [
      perElement(read, QUANTIZE_FLOPS + 2 * REDUCE_FLOPS, "quantising inputs and states"),
    ]);
  },
  examples: [
    {
      title: "forward",
      opset: 1,
      inputs: [
        f32("n", "batch", 3),
        constant("int8", [1, 3, 16], new Array<number>(48).fill(1)),
        constant("int8", [1, 4, 16], new Array<number>(64).fill(1)),
        f32(1, 32),
        null,
        null,
        null,
        null,
        constant("float32", [1], [0.5]),
        constant("int8", [1], [0]),
        constant("float32", [1], [0.5]),
        constant("int8", [1], [0]),
      ],
      attributes: { hidden_size: 4 },
      bindings: { n: 5, batch: 2 },
      outputs: [f32("n", 1, "batch", 4), f32(1, "batch", 4), f32(1, "batch", 4)],
      macs: 5 * 2 * 16 * 7,
      other: 40 * LSTM_FLOPS + 70 * (QUANTIZE_FLOPS + 2),
    },
  ],
};

function quantisedSizes(ctx: OpContext): Sizes {
  const sizes = recurrentSizes(ctx, 4);
  const [w, r] = [ctx.input(1).shape, ctx.input(2).shape];
  return {
    ...sizes,
    hidden: firstKnown(ctx.maybeInt("hidden_size"), r?.[1]),
    features: firstKnown(ctx.input(0).shape?.[2], w?.[1]),
  };
}

export const rnnOps: readonly OpSpec[] = [
  recurrent({
    name: "LSTM",
    gates: 4,
    flops: LSTM_FLOPS,
    what: LSTM_WORDS,
    inputs: ["X", "W", "R", "B", "sequence_lens", "initial_h", "initial_c", "P"],
    outputs: ["Y", "Y_h", "Y_c"],
    examples: [
      {
        title: "forward",
        opset: 14,
        inputs: [f32("n", "batch", 3), f32(1, 16, 3), f32(1, 16, 4), f32(1, 32)],
        attributes: { hidden_size: 4 },
        bindings: { n: 5, batch: 2 },
        outputs: [f32("n", 1, "batch", 4), f32(1, "batch", 4), f32(1, "batch", 4)],
        macs: 5 * 2 * 16 * 7,
        other: 40 * LSTM_FLOPS,
      },
      {
        title: "both directions, only the last state",
        opset: 7,
        inputs: [f32("n", 1, 3), f32(2, 8, 3), f32(2, 8, 2)],
        attributes: { hidden_size: 2, direction: "bidirectional" },
        bindings: { n: 4 },
        outputs: [null, f32(2, 1, 2)],
        macs: 2 * 4 * 8 * 5,
      },
    ],
  }),
  recurrent({
    name: "GRU",
    gates: 3,
    flops: GRU_FLOPS,
    what: "biases, two sigmoids, one tanh and five products and sums per unit and step",
    inputs: ["X", "W", "R", "B", "sequence_lens", "initial_h"],
    outputs: ["Y", "Y_h"],
    examples: [
      {
        title: "reverse",
        opset: 14,
        inputs: [f32("n", 2, 3), f32(1, 12, 3), f32(1, 12, 4)],
        attributes: { hidden_size: 4, direction: "reverse" },
        bindings: { n: 5 },
        outputs: [f32("n", 1, 2, 4), f32(1, 2, 4)],
        macs: 5 * 2 * 12 * 7,
        other: 40 * GRU_FLOPS,
      },
    ],
  }),
  recurrent({
    name: "RNN",
    gates: 1,
    flops: RNN_FLOPS,
    what: "biases and one tanh per unit and step",
    inputs: ["X", "W", "R", "B", "sequence_lens", "initial_h"],
    outputs: ["Y", "Y_h"],
    examples: [
      {
        title: "forward",
        opset: 14,
        inputs: [f32("n", 2, 3), f32(1, 4, 3), f32(1, 4, 4)],
        attributes: { hidden_size: 4 },
        bindings: { n: 5 },
        outputs: [f32("n", 1, 2, 4), f32(1, 2, 4)],
        macs: 5 * 2 * 4 * 7,
        other: 40 * RNN_FLOPS,
      },
      {
        title: "batch first",
        opset: 14,
        inputs: [f32(2, "n", 3), f32(1, 4, 3), f32(1, 4, 4)],
        attributes: { hidden_size: 4, layout: 1 },
        bindings: { n: 5 },
        outputs: [f32(2, "n", 1, 4), f32(2, 1, 4)],
        noKernel: "Batchwise recurrent operations (layout == 1) are not supported",
      },
    ],
  }),
  dynamicQuantizeLstm,
];
