import { add, floorDiv, mul, sub } from "../expr";
import type { Dim, Fact } from "../facts/fact";
import { dtypeFromCode } from "../tensor/dtype";
import { axisIndex, product, tensorFact, times } from "./dims";
import { constant, f32, of } from "./example";
import { elementCost, flopsOf, unknownCost } from "./pricing";
import type { CostContext, OpContext, OpCost, OpSpec } from "./spec";

const scalar = (fact: Fact): Dim => fact.small?.[0];

/** Bins of a transform of this length: all, or the half that a real signal has. */
function bins(length: Dim, onesided: boolean): Dim {
  return onesided && length !== undefined ? add(floorDiv(length, 2), 1) : length;
}

/** The usual count of a fast Fourier transform: 5·n·log2(n) for each signal; log2 rounded up. */
function fourierCost(signals: Dim, length: Dim): OpCost {
  if (typeof length !== "number") {
    return unknownCost("the length of the transform is not a number, and its logarithm not a formula");
  }
  const each = 5 * length * Math.ceil(Math.log2(Math.max(length, 2)));
  return elementCost(signals, each, `5·n·log2(n) with n=${length}`, "estimate");
}

function transformAxis(ctx: OpContext): number | undefined {
  const rank = ctx.input(0).shape?.length;
  // The axis was an attribute (1 by default) before opset 20 and is an input (-2 by default) from then on.
  const written = ctx.opset < 20 ? ctx.int("axis", 1) : ctx.hasInput(2) ? scalar(ctx.input(2)) : -2;
  return rank === undefined || typeof written !== "number" ? undefined : axisIndex(written, rank);
}

function transformLength(ctx: OpContext): Dim {
  const axis = transformAxis(ctx);
  return ctx.hasInput(1) ? scalar(ctx.input(1)) : axis === undefined ? undefined : ctx.input(0).shape?.[axis];
}

/** Samples of the real signal that half a spectrum stands for: an even number where nothing else is said. */
function realLength(ctx: OpContext): Dim {
  if (ctx.hasInput(1)) {
    return scalar(ctx.input(1));
  }
  const half = transformLength(ctx);
  return half === undefined ? undefined : mul(2, sub(half, 1));
}

const dft: OpSpec = {
  domain: "",
  name: "DFT",
  since: 17,
  inputs: ["input", "dft_length", "axis"],
  outputs: ["output"],
  infer(ctx) {
    const { dtype, shape } = ctx.input(0);
    const axis = transformAxis(ctx);
    const onesided = ctx.int("onesided", 0) !== 0;
    // The inverse of half a spectrum is a real signal; its length is read off the spectrum unless it is given.
    const isReal = onesided && ctx.int("inverse", 0) !== 0;
    const length = isReal ? realLength(ctx) : bins(transformLength(ctx), onesided);
    const parts = isReal ? 1 : 2;
    const shaped = shape?.map(
      (dim, index): Dim =>
        index + 1 === shape.length ? parts : axis === undefined ? undefined : index === axis ? length : dim,
    );
    ctx.output(0, tensorFact(dtype, shaped));
  },
  cost(ctx) {
    const axis = transformAxis(ctx);
    const others = ctx
      .input(0)
      .shape?.filter((_, index, shape) => index !== axis && index + 1 < shape.length);
    return fourierCost(product(others), transformLength(ctx));
  },
  examples: [
    {
      title: "half of the bins of a real signal",
      opset: 17,
      inputs: [f32("batch", 8, 1)],
      attributes: { axis: 1, onesided: 1 },
      bindings: { batch: 3 },
      outputs: [f32("batch", 5, 2)],
      macs: 0,
      other: 3 * 5 * 8 * 3,
    },
    {
      title: "length and axis as inputs",
      opset: 20,
      inputs: [f32("batch", 8, 2), constant("int64", [], [4]), constant("int64", [], [-2])],
      bindings: { batch: 1 },
      outputs: [f32("batch", 4, 2)],
      other: 5 * 4 * 2,
    },
  ],
};

function frameLength(ctx: OpContext): Dim {
  return ctx.hasInput(3) ? scalar(ctx.input(3)) : ctx.input(2).shape?.[0];
}

function frames(ctx: OpContext): Dim {
  const length = ctx.input(0).shape?.[1];
  const [step, frame] = [scalar(ctx.input(1)), frameLength(ctx)];
  return length === undefined || frame === undefined || typeof step !== "number" || step < 1
    ? undefined
    : add(floorDiv(sub(length, frame), step), 1);
}

const stft: OpSpec = {
  domain: "",
  name: "STFT",
  since: 17,
  inputs: ["signal", "frame_step", "window", "frame_length"],
  outputs: ["output"],
  infer(ctx) {
    const { dtype, shape } = ctx.input(0);
    const width = bins(frameLength(ctx), ctx.int("onesided", 1) !== 0);
    ctx.output(0, tensorFact(dtype, [shape?.[0], frames(ctx), width, 2]));
  },
  cost: (ctx) => fourierCost(times(ctx.input(0).shape?.[0], frames(ctx)), frameLength(ctx)),
  examples: [
    {
      title: "windows of 8 every 4",
      opset: 17,
      inputs: [f32("batch", "n", 1), constant("int64", [], [4]), f32(8)],
      bindings: { batch: 1, n: 20 },
      outputs: [f32("batch", "floor((n-8)/4)+1", 5, 2)],
      macs: 0,
      other: 4 * 5 * 8 * 3,
    },
  ],
};

function window(name: string, cosines: number): OpSpec {
  const flops = cosines * (flopsOf("Cos") + flopsOf("Mul") + flopsOf("Sub"));
  return {
    domain: "",
    name,
    since: 17,
    inputs: ["size"],
    outputs: ["output"],
    infer(ctx) {
      const dtype = dtypeFromCode(ctx.int("output_datatype", 1));
      ctx.output(0, tensorFact(dtype, [scalar(ctx.input(0))]));
    },
    cost: (ctx: CostContext) =>
      elementCost(product(ctx.outputFact(0).shape), flops, "a weighted sum of cosines", "estimate"),
    examples: [
      {
        title: "eight samples",
        opset: 17,
        inputs: [constant("int64", [], [8])],
        outputs: [f32(8)],
        macs: 0,
        other: 8 * flops,
      },
      {
        title: "double precision",
        opset: 17,
        inputs: [constant("int32", [], [4])],
        attributes: { output_datatype: 11 },
        outputs: [of("float64", 4)],
      },
    ],
  };
}

const melWeightMatrix: OpSpec = {
  domain: "",
  name: "MelWeightMatrix",
  since: 17,
  inputs: ["num_mel_bins", "dft_length", "sample_rate", "lower_edge_hertz", "upper_edge_hertz"],
  outputs: ["output"],
  infer(ctx) {
    const dtype = dtypeFromCode(ctx.int("output_datatype", 1));
    ctx.output(0, tensorFact(dtype, [bins(scalar(ctx.input(1)), true), scalar(ctx.input(0))]));
  },
  cost: (ctx) => elementCost(product(ctx.outputFact(0).shape), 2, "a slope", "estimate"),
  examples: [
    {
      title: "eight bands",
      opset: 17,
      inputs: [
        constant("int64", [], [8]),
        constant("int64", [], [16]),
        constant("int64", [], [8192]),
        constant("float32", [], [0]),
        constant("float32", [], [4096]),
      ],
      outputs: [f32(9, 8)],
      macs: 0,
      other: 144,
    },
  ],
};

export const signalOps: readonly OpSpec[] = [
  dft,
  stft,
  window("HannWindow", 1),
  window("HammingWindow", 1),
  window("BlackmanWindow", 2),
  melWeightMatrix,
];
