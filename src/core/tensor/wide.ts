import type { DType } from "./dtype";

type Read = (view: DataView, offset: number) => number;

/** Elements that a float32 would round, with their bytes. */
const WIDE: { readonly [dtype in DType]?: { readonly bytes: number; readonly read: Read } } = {
  int32: { bytes: 4, read: (view, offset) => view.getInt32(offset, true) },
  uint32: { bytes: 4, read: (view, offset) => view.getUint32(offset, true) },
  int64: { bytes: 8, read: (view, offset) => Number(view.getBigInt64(offset, true)) },
  uint64: { bytes: 8, read: (view, offset) => Number(view.getBigUint64(offset, true)) },
  float64: { bytes: 8, read: (view, offset) => view.getFloat64(offset, true) },
};

/** True for types whose values need the digits of a double. Integers beyond 2^53 are rounded even then. */
export function isWide(dtype: DType): boolean {
  return WIDE[dtype] !== undefined;
}

/** Decodes `count` elements of a wide type from raw little-endian bytes. */
export function decodeWide(dtype: DType, bytes: Uint8Array, count: number, out: Float64Array): void {
  const { bytes: width, read } = WIDE[dtype]!;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let index = 0; index < count; index++) {
    out[index] = read(view, index * width);
  }
}
