import type { DType } from "./dtype";
import { toHalf } from "./half";

type Make = (values: readonly number[]) => ArrayBufferLike;

const integers =
  (low: number, high: number, make: Make): ((values: readonly number[]) => ArrayBufferLike | undefined) =>
  (values) =>
    values.every((value) => Number.isSafeInteger(value) && value >= low && value <= high)
      ? make(values)
      : undefined;

const ENCODERS: { readonly [dtype in DType]?: (values: readonly number[]) => ArrayBufferLike | undefined } = {
  float64: (values) => Float64Array.from(values).buffer,
  float32: (values) => Float32Array.from(values).buffer,
  float16: (values) => Uint16Array.from(values, toHalf).buffer,
  bool: integers(0, 1, (values) => Uint8Array.from(values).buffer),
  int8: integers(-128, 127, (values) => Int8Array.from(values).buffer),
  uint8: integers(0, 255, (values) => Uint8Array.from(values).buffer),
  int16: integers(-32768, 32767, (values) => Int16Array.from(values).buffer),
  uint16: integers(0, 65535, (values) => Uint16Array.from(values).buffer),
  int32: integers(-(2 ** 31), 2 ** 31 - 1, (values) => Int32Array.from(values).buffer),
  uint32: integers(0, 2 ** 32 - 1, (values) => Uint32Array.from(values).buffer),
  int64: integers(-(2 ** 53), 2 ** 53, (values) => BigInt64Array.from(values, BigInt).buffer),
  uint64: integers(0, 2 ** 53, (values) => BigUint64Array.from(values, BigInt).buffer),
};

/**
 * Raw little-endian bytes of some elements, floats rounded to nearest. Undefined for types that are not written here, and
 * where an integer does not fit, or is beyond 2^53 and therefore not known to its last digit.
 */
export function encodeNumbers(dtype: DType, values: readonly number[]): Uint8Array | undefined {
  const buffer = ENCODERS[dtype]?.(values);
  return buffer === undefined ? undefined : new Uint8Array(buffer);
}
