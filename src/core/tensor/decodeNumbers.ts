import { decodeFloats } from "./decode";
import { bitsPerElement, type DType } from "./dtype";
import { decodeWide, isWide } from "./wide";

/** Elements as numbers from raw little-endian bytes: as doubles where a float32 would round them. */
export function decodeNumbers(dtype: DType, bytes: Uint8Array, count: number): Float32Array | Float64Array {
  if (isWide(dtype)) {
    const wide = new Float64Array(count);
    decodeWide(dtype, bytes, count, wide);
    return wide;
  }
  const narrow = new Float32Array(count);
  decodeFloats(dtype, bytes, count, narrow);
  return narrow;
}

/** Whole elements in so many bytes. */
export function elementsIn(dtype: DType, bytes: number): number {
  return Math.floor((bytes * 8) / bitsPerElement(dtype));
}
