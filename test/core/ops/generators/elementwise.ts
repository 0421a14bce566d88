import type { ExampleInput } from "../../../../src/core/ops/spec";
import type { DType } from "../../../../src/core/tensor/dtype";
import type { Random } from "../../../support/random";
import {
  between,
  broadcastable,
  coin,
  count,
  fedAs,
  type Generator,
  generators,
  integers,
  sizes,
} from "./generator";

/** Operands that broadcast; small integers are sometimes stored, so that what inference folds is compared. */
function operands(random: Random, howMany: number, dtypes: readonly DType[], low = -6): ExampleInput[] {
  const dtype = random.pick(dtypes);
  const isStored = coin(random) && (dtype === "int64" || dtype === "bool");
  return broadcastable(random, howMany, between(random, 0, 4)).map((shape): ExampleInput => {
    if (!isStored || count(shape) > 32) {
      return fedAs(dtype, shape);
    }
    const [from, to] = dtype === "bool" ? [0, 1] : [low, 6];
    return { dtype, shape, content: integers(random, count(shape), from, to) };
  });
}

/** Divisors of integers must not be zero. */
function quotient(random: Random): ExampleInput[] {
  const dtype = random.pick<DType>(["float32", "int64", "int32"]);
  const [a, b] = broadcastable(random, 2, between(random, 0, 4)) as [number[], number[]];
  if (dtype === "float32") {
    return [fedAs(dtype, a), fedAs(dtype, b)];
  }
  const divisors = integers(random, count(b), 1, 5).map((value) => (coin(random) ? value : -value));
  return [
    { dtype, shape: a, content: integers(random, count(a), -20, 20) },
    { dtype, shape: b, content: divisors },
  ];
}

const NUMBERS: readonly DType[] = ["float32", "int64", "int32", "float64"];

export const elementwiseGenerators: readonly Generator[] = [
  ...generators(["Add", "Sub", "Mul"], [7, 13, 14], (random) => ({ inputs: operands(random, 2, NUMBERS) })),
  ...generators("Div", [7, 14], (random) => ({ inputs: quotient(random) })),
  ...generators("Mod", [10, 13], (random) => ({
    inputs: quotient(random),
    ...(coin(random) ? { attributes: { fmod: 1 } } : {}),
  })),
  ...generators("Pow", [12, 15], (random) => ({ inputs: operands(random, 2, ["float32"]) })),
  ...generators(["Equal", "Greater", "Less"], [11, 13], (random) => ({
    inputs: operands(random, 2, ["float32", "int64"]),
  })),
  ...generators(["GreaterOrEqual", "LessOrEqual"], [12, 16], (random) => ({
    inputs: operands(random, 2, ["float32", "int64"]),
  })),
  ...generators(["And", "Or", "Xor"], 7, (random) => ({ inputs: operands(random, 2, ["bool"]) })),
  ...generators(["BitwiseAnd", "BitwiseOr", "BitwiseXor"], 18, (random) => ({
    inputs: operands(random, 2, ["int32"]),
  })),
  ...generators(["Min", "Max"], [8, 13], (random, opset) => ({
    inputs: operands(random, between(random, 1, 4), opset < 12 ? ["float32"] : ["float32", "int64"]),
  })),
  ...generators(["Sum", "Mean"], [8, 13], (random) => ({
    inputs: operands(random, between(random, 1, 4), ["float32"]),
  })),
  ...generators("Where", [9, 16], (random) => {
    const [condition, x, y] = broadcastable(random, 3, between(random, 0, 4)) as [
      number[],
      number[],
      number[],
    ];
    const isStored = coin(random) && count(x) + count(y) < 64;
    const value = (shape: number[]): ExampleInput =>
      isStored
        ? { dtype: "int64", shape, content: integers(random, count(shape), 0, 9) }
        : fedAs("float32", shape);
    const mask: ExampleInput =
      isStored && coin(random)
        ? { dtype: "bool", shape: condition, content: integers(random, count(condition), 0, 1) }
        : fedAs("bool", condition);
    return { inputs: [mask, value(x), value(y)] };
  }),
  ...generators("PRelu", [9, 16], (random) => {
    const shape = sizes(random, between(random, 1, 4));
    const slope = shape.map((size) => (coin(random) ? 1 : size)).slice(random.below(shape.length));
    return { inputs: [fedAs("float32", shape), fedAs("float32", slope)] };
  }),
  ...generators(
    ["Abs", "Neg", "Sign", "Relu", "Floor", "Ceil", "Sqrt", "Exp", "Tanh", "Sigmoid"],
    13,
    (random) => ({
      inputs: [fedAs("float32", sizes(random, between(random, 0, 4)))],
    }),
  ),
];
