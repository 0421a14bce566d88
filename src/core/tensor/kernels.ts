import { ModelError } from "../errors";
import type { Json, TensorRef } from "../model/types";
import { blockScales, blockWeights, blockZeros } from "./blockQuantize";
import { convertFloats } from "./convertFloats";
import { int8PerChannelScales, int8PerChannelWeights } from "./int8PerChannel";
import type { TensorReader } from "./reader";
import { transpose } from "./transpose";

/**
 * Computes the elements of a derived tensor from others, chunk by chunk, as raw little-endian bytes. No kernel may
 * hold a whole weight.
 */
export interface Kernel {
  run(
    from: readonly TensorRef[],
    params: { readonly [key: string]: Json },
    target: TensorRef,
    reader: TensorReader,
  ): Iterable<Uint8Array>;
}

const KERNELS: { readonly [name: string]: Kernel } = {
  int8PerChannelWeights,
  int8PerChannelScales,
  transpose,
  convertFloats,
  blockWeights,
  blockScales,
  blockZeros,
};

/** @throws ModelError when there is no kernel of that name */
export function kernelNamed(name: string): Kernel {
  const kernel = KERNELS[name];
  if (kernel === undefined) {
    throw new ModelError("internal", `There is no tensor kernel named ${name}.`);
  }
  return kernel;
}
