import type { ExampleInput, OpExample } from "../../../../src/core/ops/spec";
import type { DType } from "../../../../src/core/tensor/dtype";
import type { Random } from "../../../support/random";

/** Makes random valid uses of an operator at one version of its operator set. */
export interface Generator {
  readonly op: string;
  readonly domain?: string;
  readonly opset: number;
  /** A use; whether onnxruntime takes it, it says itself. */
  make(random: Random): OpExample;
}

/** What a use consists of beside title, opset and the number of outputs. */
export type Use = Pick<OpExample, "inputs" | "attributes"> & { readonly outputs?: number };

/** Generators of one operator for several versions, or of several operators that are used alike. */
export function generators(
  ops: readonly string[] | string,
  opsets: readonly number[] | number,
  use: (random: Random, opset: number, op: string) => Use,
  domain?: string,
): readonly Generator[] {
  return [ops].flat().flatMap((op) =>
    [opsets].flat().map(
      (opset): Generator => ({
        op,
        opset,
        ...(domain === undefined ? {} : { domain }),
        make(random) {
          const { outputs = 1, ...given } = use(random, opset, op);
          return {
            title: "random",
            opset,
            ...given,
            outputs: Array.from({ length: outputs }, () => ({ dtype: "float32", shape: [] })),
          };
        },
      }),
    ),
  );
}

/** A fed tensor of these sizes. */
export const fedAs = (dtype: DType, shape: readonly number[], feed?: readonly number[]): ExampleInput =>
  feed === undefined ? { dtype, shape } : { dtype, shape, feed };

export const floats = (...shape: readonly number[]): ExampleInput => fedAs("float32", shape);

/** A stored vector of integers. */
export const stored = (values: readonly number[], dtype: DType = "int64"): ExampleInput => ({
  dtype,
  shape: [values.length],
  content: values,
});

export const storedScalar = (value: number, dtype: DType = "int64"): ExampleInput => ({
  dtype,
  shape: [],
  content: [value],
});

/** From `low` to `high`, both included. */
export const between = (random: Random, low: number, high: number): number =>
  low + random.below(high - low + 1);

export const coin = (random: Random): boolean => random.below(2) === 1;

/** Sizes from 1 to `largest`. */
export const sizes = (random: Random, rank: number, largest = 4): number[] =>
  Array.from({ length: rank }, () => between(random, 1, largest));

export const count = (shape: readonly number[]): number => shape.reduce((product, size) => product * size, 1);

/** An axis of that rank, counted from either end. */
export function axisOf(random: Random, rank: number): number {
  const axis = random.below(rank);
  return coin(random) ? axis : axis - rank;
}

/** Numbers from 0 to `length` - 1 in any order. */
export function shuffled(random: Random, length: number): number[] {
  const order = Array.from({ length }, (_, i) => i);
  for (let i = length - 1; i > 0; i--) {
    const j = random.below(i + 1);
    [order[i], order[j]] = [order[j] as number, order[i] as number];
  }
  return order;
}

/** Some axes of that rank, each once, counted from either end. */
export function someAxes(random: Random, rank: number, least = 1): number[] {
  const picked = shuffled(random, rank).slice(0, between(random, Math.min(least, rank), rank));
  return picked.map((axis) => (coin(random) ? axis : axis - rank));
}

/** Shapes that broadcast together, where each may have 1 where another has more, or lack axes at the front. */
export function broadcastable(random: Random, howMany: number, rank: number): number[][] {
  const whole = sizes(random, rank);
  return Array.from({ length: howMany }, () =>
    whole.map((size) => (random.below(3) === 0 ? 1 : size)).slice(random.below(rank + 1)),
  );
}

/** Whole numbers from `low` to `high`. */
export const integers = (random: Random, length: number, low: number, high: number): number[] =>
  Array.from({ length }, () => between(random, low, high));
