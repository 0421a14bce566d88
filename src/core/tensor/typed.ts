import { ModelError } from "../errors";
import type { Cursor } from "../wire/cursor";
import type { Span } from "../wire/source";
import { bitsPerElement, type DType } from "./dtype";

const CHUNK_ELEMENTS = 1 << 16;
/** float_data and double_data, with the bytes of one stored number. */
const FIXED_WIDTHS: { readonly [field: number]: number } = { 4: 4, 10: 8 };

/**
 * Elements of TensorProto's typed fields as raw little-endian bytes. float_data (4) and double_data (10) are stored as
 * such; int32_data (5), int64_data (7) and uint64_data (11) are varints, one for each element, or for each byte of
 * packed sub-byte elements; float16 and bfloat16 sit as bit patterns in int32_data. A chunk is only valid until the
 * next one is asked for.
 */
export function* typedToRaw(
  cursor: Cursor,
  dtype: DType,
  field: number,
  spans: readonly (Span & { readonly packed: boolean })[],
): Generator<Uint8Array> {
  if (field === 6 || dtype === "string") {
    throw new ModelError("unsupported", "A tensor of strings has no numbers.", { file: cursor.source.name });
  }
  const fixed = FIXED_WIDTHS[field];
  const width = fixed ?? Math.max(1, bitsPerElement(dtype) / 8);
  const buffer = new Uint8Array(CHUNK_ELEMENTS * width);
  const view = new DataView(buffer.buffer);
  let filled = 0;
  for (const { start, end } of spans) {
    for (let at = start; at < end; ) {
      if (fixed === undefined) {
        at = putVarint(cursor, at, view, filled, width);
        filled += width;
      } else {
        const piece = cursor.view({ start: at, end: Math.min(end, at + buffer.length - filled) });
        buffer.set(piece, filled);
        at += piece.length;
        filled += piece.length;
      }
      if (filled === buffer.length) {
        yield buffer;
        filled = 0;
      }
    }
  }
  if (filled > 0) {
    yield buffer.subarray(0, filled);
  }
}

/** Writes a varint's low bytes; answers where the next one starts. DataView takes numbers modulo their width. */
function putVarint(cursor: Cursor, at: number, view: DataView, offset: number, width: number): number {
  if (width === 8) {
    const { value, next } = wideVarint(cursor, at);
    view.setBigUint64(offset, value, true);
    return next;
  }
  const value = cursor.varint(at);
  if (width === 1) {
    view.setUint8(offset, value);
  } else if (width === 2) {
    view.setUint16(offset, value, true);
  } else {
    view.setUint32(offset, value, true);
  }
  return cursor.next;
}

/** All 64 bits: exporters write the largest int64 for "to the end", which a double cannot hold. */
function wideVarint(cursor: Cursor, at: number): { readonly value: bigint; readonly next: number } {
  let value = 0n;
  for (let index = 0; index < 10; index++) {
    const byte = cursor.byte(at + index);
    value |= BigInt(byte & 0x7f) << BigInt(7 * index);
    if (byte < 0x80) {
      return { value, next: at + index + 1 };
    }
  }
  throw new ModelError("malformed", "A number is longer than ten bytes.", {
    file: cursor.source.name,
    offset: at,
  });
}
