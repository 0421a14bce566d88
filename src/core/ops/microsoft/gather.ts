import { mul } from "../../expr";
import type { Dim } from "../../facts/fact";
import { DEQUANTIZE_FLOPS } from "../conventions";
import { axisIndex, dividedBy, plus, product, tensorFact, times } from "../dims";
import { constant, f32, fed } from "../example";
import { elementCost } from "../pricing";
import type { CostContext, OpContext, OpSpec } from "../spec";

/** Shape of the data as it would be unpacked: uint8 holds 8 / bits elements in each byte of the last axis. */
function unpacked(ctx: OpContext): readonly Dim[] | undefined {
  const { shape, dtype } = ctx.input(0);
  const each = dtype === "uint8" ? Math.trunc(8 / ctx.int("bits", 4)) : 1;
  return shape?.map((dim, axis) => (dim !== undefined && axis + 1 === shape.length ? mul(dim, each) : dim));
}

function gathered(ctx: OpContext): readonly Dim[] | undefined {
  const data = unpacked(ctx);
  const indices = ctx.input(1).shape;
  const axis = data && axisIndex(ctx.int("gather_axis", 0), data.length);
  return data === undefined || indices === undefined || axis === undefined
    ? undefined
    : [...data.slice(0, axis), ...indices, ...data.slice(axis + 1)];
}

/** Bytes of the gathered rows with their share of scales and zero points, and of the indices. */
function readBytes(ctx: CostContext): Dim {
  const data = unpacked(ctx);
  const axis = data && axisIndex(ctx.int("gather_axis", 0), data.length);
  const rows = axis === undefined ? undefined : data?.[axis];
  const picked = product(ctx.input(1).shape);
  const tables = [0, 2, 3].filter((index) => ctx.hasInput(index));
  const share = tables.map((index) => dividedBy(times(ctx.bytes(ctx.input(index)), picked), rows));
  return plus(ctx.bytes(ctx.input(1)), ...share);
}

const gatherBlockQuantized: OpSpec = {
  domain: "com.microsoft",
  name: "GatherBlockQuantized",
  since: 1,
  inputs: ["data", "indices", "scales", "zero_points"],
  outputs: ["output"],
  infer: (ctx) => ctx.output(0, tensorFact(ctx.input(2).dtype, gathered(ctx))),
  cost(ctx) {
    const what = "subtract the zero point, multiply by the scale";
    const cost = elementCost(product(ctx.outputFact(0).shape), DEQUANTIZE_FLOPS, what, "exact");
    const read = readBytes(ctx);
    return read === undefined ? cost : { ...cost, readBytes: read };
  },
  weightElements(ctx, input) {
    const elements = input === 0 ? product(unpacked(ctx)) : undefined;
    return typeof elements === "number" ? elements : undefined;
  },
  examples: [
    {
      title: "embedding of 4 bits in bytes",
      opset: 1,
      inputs: [
        constant(
          "uint8",
          [5, 16],
          Array.from({ length: 80 }, (_, index) => index),
        ),
        fed("int64", ["batch", "n"], [0, 1, 2, 3, 4, 0]),
        f32(5, 2),
      ],
      attributes: { bits: 4, block_size: 16, quantize_axis: 1 },
      bindings: { batch: 2, n: 3 },
      outputs: [f32("batch", "n", 32)],
      macs: 0,
      other: 6 * 32 * DEQUANTIZE_FLOPS,
    },
    {
      title: "embedding of 8 bits",
      opset: 1,
      inputs: [
        constant(
          "uint8",
          [4, 16],
          Array.from({ length: 64 }, (_, index) => index),
        ),
        fed("int64", ["n"], [0, 3]),
        f32(4, 1),
      ],
      attributes: { bits: 8, block_size: 16, quantize_axis: 1 },
      bindings: { n: 2 },
      outputs: [f32("n", 16)],
      other: 32 * DEQUANTIZE_FLOPS,
    },
    {
      title: "int4 along another axis",
      opset: 1,
      inputs: [
        constant(
          "int4",
          [2, 16],
          Array.from({ length: 32 }, (_, index) => (index % 16) - 8),
        ),
        fed("int32", [3], [0, 1, 1]),
        f32(2, 1),
      ],
      attributes: { block_size: 16, gather_axis: 0, quantize_axis: 1 },
      outputs: [f32(3, 16)],
    },
  ],
};

export const microsoftGatherOps: readonly OpSpec[] = [gatherBlockQuantized];
