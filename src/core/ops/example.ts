import type { DType } from "../tensor/dtype";
import type { ExampleInput } from "./spec";

/** Short forms for the examples of operators. */

type Shape = readonly (number | string)[];

export const of = (dtype: DType, ...shape: Shape): { dtype: DType; shape: Shape } => ({ dtype, shape });

export const f32 = (...shape: Shape) => of("float32", ...shape);

/** An initializer with these elements. */
export const constant = (dtype: DType, shape: Shape, content: readonly number[]): ExampleInput => ({
  dtype,
  shape,
  content,
});

/** A fed input whose elements matter to the kernel but are hidden from inference. */
export const fed = (dtype: DType, shape: Shape, feed: readonly number[]): ExampleInput => ({
  dtype,
  shape,
  feed,
});
