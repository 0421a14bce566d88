import type { ExampleInput } from "../../../../src/core/ops/spec";
import type { Random } from "../../../support/random";
import {
  axisOf,
  between,
  coin,
  count,
  fedAs,
  floats,
  type Generator,
  generators,
  integers,
  sizes,
} from "./generator";

/** Indices into an axis of that size, some counted from its end; stored or hidden. */
function indices(random: Random, shape: readonly number[], size: number): ExampleInput {
  const values = integers(random, count(shape), -size, size - 1);
  return coin(random) ? { dtype: "int64", shape, content: values } : fedAs("int64", shape, values);
}

function tuples(random: Random, front: readonly number[], within: readonly number[]): ExampleInput {
  const values = Array.from({ length: count(front) }, () => within.map((size) => random.below(size))).flat();
  return fedAs("int64", [...front, within.length], values);
}

export const gatherGenerators: readonly Generator[] = [
  ...generators("Gather", [7, 11, 13], (random, opset) => {
    const shape = sizes(random, between(random, 1, 4));
    const axis = opset < 11 ? random.below(shape.length) : axisOf(random, shape.length);
    const picks = sizes(random, between(random, 0, 3), 3);
    const size = shape.at(axis) ?? 1;
    const data: ExampleInput =
      coin(random) && count(shape) < 64
        ? { dtype: "int64", shape, content: integers(random, count(shape), 0, 50) }
        : floats(...shape);
    const values = integers(random, count(picks), opset < 11 ? 0 : -size, size - 1);
    const chosen: ExampleInput = coin(random)
      ? { dtype: "int64", shape: picks, content: values }
      : fedAs("int64", picks, values);
    return { inputs: [data, chosen], attributes: { axis } };
  }),
  ...generators("GatherElements", [11, 13], (random) => {
    const shape = sizes(random, between(random, 1, 4));
    const axis = axisOf(random, shape.length);
    const at = axis < 0 ? axis + shape.length : axis;
    const picks = shape.map((size, i) => (i === at ? between(random, 1, 4) : between(random, 1, size)));
    return { inputs: [floats(...shape), indices(random, picks, shape[at] ?? 1)], attributes: { axis } };
  }),
  ...generators("GatherND", [11, 12, 13], (random, opset) => {
    const shape = sizes(random, between(random, 1, 4));
    const batch = opset < 12 ? 0 : random.below(shape.length);
    const depth = between(random, 1, shape.length - batch);
    const front = [...shape.slice(0, batch), ...sizes(random, between(random, batch === 0 ? 0 : 1, 2), 3)];
    return {
      inputs: [floats(...shape), tuples(random, front, shape.slice(batch, batch + depth))],
      ...(batch === 0 ? {} : { attributes: { batch_dims: batch } }),
    };
  }),
  ...generators("ScatterElements", [11, 16, 18], (random) => {
    const shape = sizes(random, between(random, 1, 3));
    const axis = axisOf(random, shape.length);
    const picks = shape.map((size) => between(random, 1, size));
    const at = axis < 0 ? axis + shape.length : axis;
    return {
      inputs: [floats(...shape), indices(random, picks, shape[at] ?? 1), floats(...picks)],
      attributes: { axis },
    };
  }),
  ...generators("ScatterND", [11, 16], (random) => {
    const shape = sizes(random, between(random, 1, 3));
    const depth = between(random, 1, shape.length);
    const front = sizes(random, between(random, 1, 2), 3);
    return {
      inputs: [
        floats(...shape),
        tuples(random, front, shape.slice(0, depth)),
        floats(...front, ...shape.slice(depth)),
      ],
    };
  }),
  ...generators("Compress", [9, 11], (random, opset) => {
    const shape = sizes(random, between(random, 1, 3));
    const axis = opset < 11 ? random.below(shape.length) : axisOf(random, shape.length);
    const named = coin(random);
    const length = between(random, 1, named ? (shape.at(axis) ?? 1) : count(shape));
    return {
      inputs: [floats(...shape), fedAs("bool", [length], integers(random, length, 0, 1))],
      ...(named ? { attributes: { axis } } : {}),
    };
  }),
  ...generators("OneHot", [9, 11], (random) => {
    const shape = sizes(random, between(random, 0, 3));
    const depth = between(random, 1, 5);
    return {
      inputs: [
        fedAs("int64", shape, integers(random, count(shape), -depth, depth - 1)),
        { dtype: "int64", shape: coin(random) ? [] : [1], content: [depth] },
        { dtype: "float32", shape: [2], content: [0, 1] },
      ],
      ...(coin(random) ? { attributes: { axis: axisOf(random, shape.length + 1) } } : {}),
    };
  }),
  ...generators("TopK", [10, 11], (random, opset) => {
    const shape = sizes(random, between(random, 1, 3), 5);
    const axis = opset < 11 ? random.below(shape.length) : axisOf(random, shape.length);
    return {
      inputs: [
        floats(...shape),
        { dtype: "int64", shape: [1], content: [between(random, 0, shape.at(axis) ?? 1)] },
      ],
      attributes: { axis },
      outputs: 2,
    };
  }),
  ...generators(["CumSum"], [11, 14], (random) => {
    const shape = sizes(random, between(random, 1, 3));
    return {
      inputs: [floats(...shape), { dtype: "int64", shape: [], content: [axisOf(random, shape.length)] }],
      attributes: { exclusive: random.below(2), reverse: random.below(2) },
    };
  }),
  ...generators("Unique", 11, (random) => {
    const shape = sizes(random, between(random, 1, 3));
    return {
      inputs: [fedAs("int64", shape, integers(random, count(shape), 0, 3))],
      attributes: {
        sorted: random.below(2),
        ...(coin(random) ? { axis: axisOf(random, shape.length) } : {}),
      },
      outputs: 4,
    };
  }),
  ...generators("NonZero", [9, 13], (random) => {
    const shape = sizes(random, between(random, 1, 3));
    const values = integers(random, count(shape), 0, 1);
    return {
      inputs: [coin(random) ? { dtype: "int64", shape, content: values } : fedAs("int64", shape, values)],
    };
  }),
];
