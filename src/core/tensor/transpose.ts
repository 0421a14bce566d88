import { ModelError } from "../errors";
import type { TensorRef } from "../model/types";
import { bitsPerElement, type DType } from "./dtype";
import type { Kernel } from "./kernels";
import type { TensorReader } from "./reader";
import { byteLength, CHUNK_BYTES } from "./size";

/** Bytes of the result that are held at a time: a tensor of more is read once for each such part of it. */
const PART_BYTES = 64 * 2 ** 20;

/** The axes of a tensor in another order: axis i of the result is axis perm[i] of the source, as ONNX's Transpose. */
export const transpose: Kernel = {
  *run([source], { perm }, _target, reader) {
    const order = perm as readonly number[];
    const width = bitsPerElement(source!.dtype) / 8;
    if (!canTranspose(source!.dtype)) {
      throw new ModelError("unsupported", `Tensor ${source!.name} of type ${source!.dtype} shares bytes.`);
    }
    const total = byteLength(source!);
    const part = Math.max(width, Math.floor(PART_BYTES / width) * width);
    for (let start = 0; start < total; start += part) {
      const bytes = new Uint8Array(Math.min(part, total - start));
      fill(bytes, start / width, { source: source!, order, width, reader });
      for (let at = 0; at < bytes.length; at += CHUNK_BYTES) {
        yield bytes.subarray(at, at + CHUNK_BYTES);
      }
    }
  },
};

/** Elements of less than a byte cannot be moved one by one. */
export function canTranspose(dtype: DType): boolean {
  return bitsPerElement(dtype) >= 8;
}

interface Move {
  readonly source: TensorRef;
  readonly order: readonly number[];
  /** Bytes of an element. */
  readonly width: number;
  readonly reader: TensorReader;
}

/** Fills elements `first` and on of the result, going through the whole source once. */
function fill(into: Uint8Array, first: number, { source, order, width, reader }: Move): void {
  const { dims } = source;
  const places = placesOf(dims, order);
  const at = dims.map(() => 0);
  const last = dims.length - 1;
  const end = first + into.length / width;
  let place = 0;
  for (const chunk of reader.raw(source)) {
    for (let offset = 0; offset < chunk.length; offset += width) {
      if (place >= first && place < end) {
        const target = (place - first) * width;
        for (let byte = 0; byte < width; byte++) {
          into[target + byte] = chunk[offset + byte]!;
        }
      }
      for (let axis = last; axis >= 0; axis--) {
        place += places[axis]!;
        at[axis]! += 1;
        if (at[axis]! < dims[axis]!) {
          break;
        }
        place -= at[axis]! * places[axis]!;
        at[axis] = 0;
      }
    }
  }
}

/** How far a step along each axis of the source leads in the result, in elements. */
function placesOf(dims: readonly number[], order: readonly number[]): readonly number[] {
  const places = dims.map(() => 0);
  let stride = 1;
  for (const axis of order.toReversed()) {
    places[axis] = stride;
    stride *= dims[axis]!;
  }
  return places;
}
