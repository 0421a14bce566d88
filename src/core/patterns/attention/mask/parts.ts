import type { Dim } from "../../../facts/fact";

/** Which keys a part of a mask lets a query see, counted from the query; undefined: as far as there are keys. */
export interface Bound {
  readonly from: number | undefined;
  readonly to: number | undefined;
  readonly evidence: string;
  /** Number of queries that the part was made for. */
  readonly rows: Dim;
}

/** What a value that is added to scores, or that chooses among them, is made of. */
export interface MaskParts {
  /** Each of them hides keys, whatever the others let through. */
  readonly bounds: readonly Bound[];
  /** Numbers of keys that see each other and no others. */
  readonly blocks: readonly { readonly keys: number; readonly evidence: string }[];
  /** Biases by position. */
  readonly biases: readonly string[];
  /** Inputs of the graph. */
  readonly inputs: readonly string[];
  /** Values that could not be read or understood, and so may hide any key. */
  readonly opaque: readonly string[];
}

/** Parts as a walk finds them. */
export class PartsFound implements MaskParts {
  readonly bounds: Bound[] = [];
  readonly blocks: { keys: number; evidence: string }[] = [];
  readonly biases: string[] = [];
  readonly inputs: string[] = [];
  readonly opaque: string[] = [];
}

export function merged(parts: readonly MaskParts[]): MaskParts {
  const all = new PartsFound();
  for (const { bounds, blocks, biases, inputs, opaque } of parts) {
    all.bounds.push(...bounds);
    all.blocks.push(...blocks);
    all.biases.push(...biases);
    all.inputs.push(...inputs);
    all.opaque.push(...opaque);
  }
  return all;
}
