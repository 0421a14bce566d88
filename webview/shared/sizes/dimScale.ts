import type { DimControl } from "../../../src/protocol/engine";

/** Steps of a slider between two powers of two. */
const STEPS_PER_DOUBLING = 8;

const LARGEST: { readonly [meaning in DimControl["meaning"]]: number } = {
  batch: 256,
  sequence: 32_768,
  past: 32_768,
  image: 2_048,
  other: 4_096,
};

/** A slider over sizes 1 to `max` by their logarithm: every doubling is equally far. */
export interface DimScale {
  readonly steps: number;
  readonly max: number;
}

/** The scale for a dim; it reaches beyond the usual when the default or the value does. */
export function dimScale(dim: Pick<DimControl, "meaning" | "value" | "defaultValue">): DimScale {
  const most = Math.max(LARGEST[dim.meaning], dim.value, dim.defaultValue);
  const doublings = Math.ceil(Math.log2(most));
  return { steps: doublings * STEPS_PER_DOUBLING, max: 2 ** doublings };
}

export function stepOf(value: number): number {
  return Math.round(Math.log2(Math.max(1, value)) * STEPS_PER_DOUBLING);
}

/** The size at a step; distinct steps below 16 may give the same one. */
export function valueAt(step: number): number {
  return Math.max(1, Math.round(2 ** (step / STEPS_PER_DOUBLING)));
}

/** The size that a slider moved from `from` to `step` stands for: never the same one, so that each key press counts. */
export function movedTo(from: number, step: number): number {
  const towards = Math.sign(step - stepOf(from));
  const value = valueAt(step);
  return value === from && towards !== 0 ? Math.max(1, from + towards) : value;
}

/** A size as typed: a positive whole number, or undefined. */
export function parsedSize(text: string): number | undefined {
  const value = Number(text.trim());
  return Number.isSafeInteger(value) && value > 0 ? value : undefined;
}
