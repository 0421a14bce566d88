import type { TensorRef } from "../model/types";
import { packedBytes } from "./dtype";

/** Bytes handed out at once: enough to stream at disk speed, little enough to hold many. A multiple of 16. */
export const CHUNK_BYTES = 1 << 20;

/** Elements of the dense tensor. */
export function elementCount(tensor: TensorRef): number {
  return tensor.dims.reduce((product, dim) => product * dim, 1);
}

/** Bytes of the elements in raw form. */
export function byteLength(tensor: TensorRef): number {
  return packedBytes(tensor.dtype, elementCount(tensor));
}
