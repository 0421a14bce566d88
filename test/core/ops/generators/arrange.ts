import type { ExampleInput } from "../../../../src/core/ops/spec";
import {
  axisOf,
  between,
  coin,
  count,
  floats,
  type Generator,
  generators,
  integers,
  shuffled,
  sizes,
  someAxes,
  stored,
  storedScalar,
} from "./generator";

/** Integers that inference sees, so that their folding is compared as well; or floats that it does not. */
function dataOf(random: Parameters<typeof sizes>[0], shape: readonly number[]): ExampleInput {
  return coin(random) && count(shape) <= 64
    ? { dtype: "int64", shape, content: integers(random, count(shape), -9, 9) }
    : floats(...shape);
}

/** Sizes that add up to `total`. */
function parts(random: Parameters<typeof sizes>[0], total: number, howMany: number): number[] {
  const cuts = integers(random, howMany - 1, 0, total).sort((a, b) => a - b);
  return [...cuts, total].map((cut, i) => cut - (i === 0 ? 0 : (cuts[i - 1] ?? 0)));
}

export const arrangeGenerators: readonly Generator[] = [
  ...generators("Transpose", [7, 13, 21], (random) => {
    const rank = between(random, 0, 4);
    return {
      inputs: [dataOf(random, sizes(random, rank))],
      ...(coin(random) ? { attributes: { perm: shuffled(random, rank) } } : {}),
    };
  }),
  ...generators("Concat", [7, 11, 13], (random, opset) => {
    const shape = sizes(random, between(random, 1, 4));
    const axis = opset < 11 ? random.below(shape.length) : axisOf(random, shape.length);
    const at = axis < 0 ? axis + shape.length : axis;
    const isInteger = coin(random);
    const inputs = Array.from({ length: between(random, 1, 4) }, (): ExampleInput => {
      const own = shape.map((size, i) => (i === at ? between(random, 0, 3) : size));
      return isInteger
        ? { dtype: "int64", shape: own, content: integers(random, count(own), 0, 9) }
        : floats(...own);
    });
    return { inputs, attributes: { axis } };
  }),
  ...generators("Split", [7, 11, 13, 18], (random, opset) => {
    const shape = sizes(random, between(random, 1, 3), 8);
    const axis = opset < 11 ? random.below(shape.length) : axisOf(random, shape.length);
    const total = shape.at(axis) ?? 1;
    const data = dataOf(random, shape);
    const written = coin(random);
    const outputs = written || opset >= 18 ? between(random, 1, Math.min(3, total)) : total % 2 === 0 ? 2 : 1;
    const split = parts(random, total, outputs);
    if (written) {
      return opset < 13
        ? { inputs: [data], attributes: { axis, split }, outputs }
        : { inputs: [data, stored(split)], attributes: { axis }, outputs };
    }
    return {
      inputs: [data],
      attributes: { axis, ...(opset >= 18 ? { num_outputs: outputs } : {}) },
      outputs,
    };
  }),
  ...generators("Expand", [8, 13], (random) => {
    const whole = sizes(random, between(random, 1, 4));
    const own = whole.map((size) => (coin(random) ? 1 : size)).slice(random.below(whole.length));
    const target = whole.map((size) => (random.below(4) === 0 ? 1 : size)).slice(random.below(whole.length));
    const fitting = target.map((size, i) => {
      const other = own.at(i - target.length);
      return other !== undefined && other > 1 && size > 1 ? other : size;
    });
    return { inputs: [dataOf(random, own), stored(fitting)] };
  }),
  ...generators("Tile", [7, 13], (random) => {
    const shape = sizes(random, between(random, 1, 3), 3);
    return { inputs: [dataOf(random, shape), stored(integers(random, shape.length, 0, 3))] };
  }),
  ...generators("Pad", [7, 10, 11, 13, 18, 21], (random, opset) => {
    const shape = sizes(random, between(random, 1, 3), 5).map((size) => size + 3);
    const mode = random.pick(["constant", "reflect", "edge"]);
    const lowest = mode === "constant" ? -1 : 0;
    if (opset < 11) {
      return {
        inputs: [floats(...shape)],
        attributes: { mode, pads: integers(random, 2 * shape.length, lowest, 2) },
      };
    }
    if (opset >= 18 && coin(random)) {
      const axes = someAxes(random, shape.length);
      return {
        inputs: [floats(...shape), stored(integers(random, 2 * axes.length, lowest, 2)), null, stored(axes)],
        attributes: { mode },
      };
    }
    return {
      inputs: [floats(...shape), stored(integers(random, 2 * shape.length, lowest, 2))],
      attributes: { mode },
    };
  }),
  ...generators(["DepthToSpace", "SpaceToDepth"], [11, 13], (random, _opset, op) => {
    const block = between(random, 1, 3);
    const [n = 1, c = 1, h = 1, w = 1] = sizes(random, 4, 3);
    const toDepth = op === "SpaceToDepth";
    const shape = toDepth ? [n, c, h * block, w * block] : [n, c * block * block, h, w];
    return {
      inputs: [floats(...shape)],
      attributes: { blocksize: block, ...(toDepth ? {} : { mode: random.pick(["DCR", "CRD"]) }) },
    };
  }),
  ...generators("Trilu", 14, (random) => ({
    inputs: [
      floats(...sizes(random, between(random, 2, 4))),
      ...(coin(random) ? [storedScalar(between(random, -3, 3))] : []),
    ],
    attributes: { upper: random.below(2) },
  })),
  ...generators("ReverseSequence", 10, (random) => {
    const [time = 1, batch = 1, ...rest] = sizes(random, between(random, 2, 4));
    const batchFirst = coin(random);
    const shape = batchFirst ? [batch, time, ...rest] : [time, batch, ...rest];
    return {
      inputs: [floats(...shape), stored(integers(random, batch, 1, time))],
      attributes: { batch_axis: batchFirst ? 0 : 1, time_axis: batchFirst ? 1 : 0 },
    };
  }),
  ...generators("CenterCropPad", 18, (random) => {
    const shape = sizes(random, between(random, 1, 3), 6);
    const axes = someAxes(random, shape.length);
    return { inputs: [floats(...shape), stored(integers(random, axes.length, 1, 7))], attributes: { axes } };
  }),
];
