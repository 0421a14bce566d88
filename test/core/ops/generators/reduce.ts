import {
  axisOf,
  between,
  coin,
  floats,
  type Generator,
  generators,
  integers,
  sizes,
  someAxes,
  stored,
} from "./generator";

const REDUCTIONS = [
  "ReduceL1",
  "ReduceL2",
  "ReduceLogSum",
  "ReduceLogSumExp",
  "ReduceMax",
  "ReduceMean",
  "ReduceMin",
  "ReduceProd",
  "ReduceSumSquare",
];

export const reduceGenerators: readonly Generator[] = [
  ...generators([...REDUCTIONS, "ReduceSum"], 11, (random) => {
    const shape = sizes(random, between(random, 1, 4));
    return {
      inputs: [floats(...shape)],
      attributes: {
        keepdims: random.below(2),
        ...(coin(random) ? { axes: someAxes(random, shape.length) } : {}),
      },
    };
  }),
  ...generators([...REDUCTIONS, "ReduceSum"], 18, (random) => {
    const shape = sizes(random, between(random, 1, 4));
    const axes = coin(random)
      ? stored(someAxes(random, shape.length))
      : coin(random)
        ? stored([])
        : undefined;
    return {
      inputs: [floats(...shape), ...(axes === undefined ? [] : [axes])],
      attributes: { keepdims: random.below(2), noop_with_empty_axes: random.below(2) },
    };
  }),
  ...generators(["ReduceSum", "ReduceProd", "ReduceMax", "ReduceMin"], 13, (random, _opset, op) => {
    const length = between(random, 1, 5);
    const values = { dtype: "int64", shape: [length], content: integers(random, length, 1, 6) } as const;
    return op === "ReduceSum"
      ? { inputs: [values, stored([0])], attributes: { keepdims: random.below(2) } }
      : { inputs: [values], attributes: { axes: [0], keepdims: random.below(2) } };
  }),
  ...generators(["ArgMax", "ArgMin"], [11, 13], (random) => {
    const shape = sizes(random, between(random, 1, 4));
    return {
      inputs: [floats(...shape)],
      attributes: { axis: axisOf(random, shape.length), keepdims: random.below(2) },
    };
  }),
  ...generators("LpNormalization", 1, (random) => {
    const shape = sizes(random, between(random, 1, 4));
    return {
      inputs: [floats(...shape)],
      attributes: { axis: axisOf(random, shape.length), p: between(random, 1, 2) },
    };
  }),
];
