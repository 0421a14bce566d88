import type { ExampleInput } from "../../../../src/core/ops/spec";
import type { DType } from "../../../../src/core/tensor/dtype";
import { DTYPE_CODES } from "../../../../src/core/tensor/dtype";
import type { Random } from "../../../support/random";
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

/** Another way to write the elements of a shape: some dims copied, one left open. */
function target(random: Random, shape: readonly number[], allowZero: boolean): number[] {
  const factors = shuffled(random, shape.length).map((axis) => shape[axis] ?? 1);
  const dims: number[] = [];
  for (const factor of factors) {
    const last = dims.at(-1);
    if (last !== undefined && random.below(3) === 0) {
      dims[dims.length - 1] = last * factor;
    } else {
      dims.push(factor);
    }
  }
  const copied = dims.map((dim, axis) => (!allowZero && dim === shape[axis] && coin(random) ? 0 : dim));
  if (copied.length > 0 && coin(random) && !dims.includes(0)) {
    copied[random.below(copied.length)] = -1;
  }
  return copied;
}

/** Sizes with some of 1. */
const withOnes = (random: Random, rank: number): number[] =>
  sizes(random, rank).map((size) => (coin(random) ? 1 : size));

const data = (random: Random, shape: readonly number[]): ExampleInput =>
  coin(random) && count(shape) < 64
    ? { dtype: "int64", shape, content: integers(random, count(shape), -9, 9) }
    : floats(...shape);

const FAR = [2 ** 31 - 1, 2 ** 62, -(2 ** 31), -(2 ** 62)];

function bound(random: Random, size: number): number {
  return random.below(5) === 0 ? random.pick(FAR) : between(random, -size - 2, size + 2);
}

/** Bounds of a slice over some axes; steps are 1 where the operator has none. */
function slicing(random: Random, shape: readonly number[], steps: boolean) {
  const axes = someAxes(random, shape.length);
  const named = axes.map((axis) => shape.at(axis) ?? 1);
  return {
    axes,
    starts: named.map((size) => bound(random, size)),
    ends: named.map((size) => bound(random, size)),
    steps: named.map(() => (steps ? random.pick([1, 1, 2, 3, -1, -2]) : 1)),
  };
}

const CASTS: readonly DType[] = ["int32", "int64", "float32", "float64", "bool", "uint8"];

export const shapeGenerators: readonly Generator[] = [
  ...generators("Reshape", [7, 13, 14], (random, opset) => {
    const shape = sizes(random, between(random, 0, 4));
    const allowZero = opset >= 14 && random.below(4) === 0;
    return {
      inputs: [data(random, shape), stored(target(random, shape, allowZero))],
      ...(allowZero ? { attributes: { allowzero: 1 } } : {}),
    };
  }),
  ...generators("Flatten", [9, 11, 13], (random, opset) => {
    const shape = sizes(random, between(random, 1, 4));
    const axis = between(random, 0, shape.length);
    return {
      inputs: [floats(...shape)],
      attributes: { axis: opset < 11 || coin(random) ? axis : -between(random, 1, shape.length) },
    };
  }),
  ...generators("Squeeze", [7, 11, 13, 21], (random, opset) => {
    const shape = withOnes(random, between(random, 1, 4));
    const ones = shape.flatMap((size, axis) => (size === 1 ? [axis] : []));
    const axes = ones
      .filter(() => coin(random))
      .map((axis) => (opset >= 11 && coin(random) ? axis - shape.length : axis));
    if (axes.length === 0) {
      return { inputs: [data(random, shape)] };
    }
    return opset < 13
      ? { inputs: [data(random, shape)], attributes: { axes } }
      : { inputs: [data(random, shape), stored(axes)] };
  }),
  ...generators("Unsqueeze", [7, 11, 13, 21], (random, opset) => {
    const shape = sizes(random, between(random, 0, 3));
    const rank = shape.length + between(random, 1, 2);
    const axes = shuffled(random, rank)
      .slice(0, rank - shape.length)
      .map((axis) => (opset >= 11 && coin(random) ? axis - rank : axis));
    return opset < 13
      ? { inputs: [data(random, shape)], attributes: { axes } }
      : { inputs: [data(random, shape), stored(axes)] };
  }),
  ...generators("Shape", [7, 13, 15, 21], (random, opset) => {
    const shape = sizes(random, between(random, 0, 4));
    const edge = () => between(random, -shape.length - 1, shape.length + 1);
    return {
      inputs: [floats(...shape)],
      ...(opset >= 15
        ? {
            attributes: {
              ...(coin(random) ? { start: edge() } : {}),
              ...(coin(random) ? { end: edge() } : {}),
            },
          }
        : {}),
    };
  }),
  ...generators("Size", [7, 13], (random) => ({ inputs: [floats(...sizes(random, between(random, 0, 4)))] })),
  ...generators("Cast", [9, 13, 19], (random) => ({
    inputs: [data(random, sizes(random, between(random, 0, 3)))],
    attributes: { to: DTYPE_CODES[random.pick(CASTS)] },
  })),
  ...generators("Slice", 9, (random) => {
    const shape = sizes(random, between(random, 1, 3), 6);
    const { axes, starts, ends } = slicing(random, shape, false);
    const front = axes.map((axis) => (axis < 0 ? axis + shape.length : axis));
    return { inputs: [data(random, shape)], attributes: { axes: front, starts, ends } };
  }),
  ...generators("Slice", [10, 11, 13], (random, opset) => {
    const shape = sizes(random, between(random, 1, 3), 6);
    const { axes, starts, ends, steps } = slicing(random, shape, true);
    const front = opset < 11 ? axes.map((axis) => (axis < 0 ? axis + shape.length : axis)) : axes;
    return { inputs: [data(random, shape), stored(starts), stored(ends), stored(front), stored(steps)] };
  }),
  ...generators("Range", 11, (random) => {
    const dtype = random.pick<DType>(["int64", "float32"]);
    const delta = random.pick([1, 2, 3, -1, -2]) * (dtype === "float32" ? 0.5 : 1);
    return {
      inputs: [between(random, -5, 5), between(random, -9, 9), delta].map((value) =>
        storedScalar(value, dtype),
      ),
    };
  }),
  ...generators("ConstantOfShape", [9, 20], (random) => ({
    inputs: [stored(integers(random, between(random, 0, 3), 0, 4))],
    ...(coin(random)
      ? {
          attributes: { value: { tensor: { dtype: "int64", dims: [1], content: [between(random, -3, 3)] } } },
        }
      : {}),
  })),
  ...generators("EyeLike", 9, (random) => ({
    inputs: [floats(...sizes(random, 2))],
    attributes: { k: between(random, -2, 2), ...(coin(random) ? { dtype: 7 } : {}) },
  })),
  ...generators(["Softmax", "LogSoftmax", "Hardmax"], [11, 13], (random) => {
    const shape = sizes(random, between(random, 1, 4));
    return { inputs: [floats(...shape)], attributes: { axis: axisOf(random, shape.length) } };
  }),
];
