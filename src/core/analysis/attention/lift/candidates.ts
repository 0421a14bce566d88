import type { Inference } from "../../../infer/types";
import type { Model } from "../../../model/types";

/** Axes of graph inputs that one length may be behind. */
export interface Candidate {
  /** Axes by the input's name. */
  readonly axes: ReadonlyMap<string, readonly number[]>;
  /** Their size in the file. */
  readonly size: number;
}

/**
 * Where the number of tokens may come from, most likely first: axes of that very size; else the sides of a square
 * image, or the last axis of features in time, which the model makes tokens of.
 */
export function candidatesFor(model: Model, inference: Inference, tokens: number): readonly Candidate[] {
  const inputs = model.graph.inputs.flatMap(({ name }) => {
    const { shape } = inference.fact(model.graph, name);
    return shape === undefined || model.graph.initializers.has(name) ? [] : [{ name, shape }];
  });
  const same = new Map(
    inputs.flatMap(({ name, shape }) => {
      // The first axis is the batch's.
      const axes = shape.flatMap((size, axis) =>
        size === tokens && (axis > 0 || shape.length === 1) ? [axis] : [],
      );
      return axes.length === 0 ? [] : [[name, axes] as const];
    }),
  );
  if (same.size > 0) {
    return [{ axes: same, size: tokens }];
  }
  return inputs.flatMap(({ name, shape }): Candidate[] => {
    const size = shape.at(-1);
    const isImage = shape.length === 4 && shape[2] === size;
    return typeof size === "number" && (isImage || shape.length === 3)
      ? [{ axes: new Map([[name, isImage ? [2, 3] : [2]]]), size }]
      : [];
  });
}

/** "input_ids[1]" for each axis. */
export function axisNames({ axes }: Candidate): readonly string[] {
  return [...axes].flatMap(([input, own]) => own.map((axis) => `${input}[${axis}]`));
}
