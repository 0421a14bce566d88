import { ModelError } from "../errors";
import type { Cursor } from "../wire/cursor";
import type { Span } from "../wire/source";
import { bitsPerElement, type DType } from "./dtype";

const CHUNK = 1 << 16;
const FIXED_FIELDS = new Set([4, 10]);

/**
 * Elements of TensorProto's typed fields as raw little-endian bytes. float_data (4) and double_data (10) are stored as
 * such; int32_data (5), int64_data (7) and uint64_data (11) are varints, one for each element, or for each byte of
 * packed sub-byte elements; float16 and bfloat16 sit as bit patterns in int32_data.
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
  if (FIXED_FIELDS.has(field)) {
    for (const { start, end } of spans) {
      for (let at = start; at < end; at += CHUNK) {
        yield cursor.view({ start: at, end: Math.min(end, at + CHUNK) });
      }
    }
    return;
  }
  const width = Math.max(1, bitsPerElement(dtype) / 8);
  const buffer = new Uint8Array(CHUNK * width);
  const view = new DataView(buffer.buffer);
  let count = 0;
  for (const { start, end } of spans) {
    for (let at = start; at < end; at = cursor.next) {
      putInteger(view, count * width, width, cursor.varint(at));
      count++;
      if (count === CHUNK) {
        yield buffer.slice(0, count * width);
        count = 0;
      }
    }
  }
  if (count > 0) {
    yield buffer.slice(0, count * width);
  }
}

function putInteger(view: DataView, offset: number, width: number, value: number): void {
  switch (width) {
    case 1:
      view.setUint8(offset, value & 0xff);
      break;
    case 2:
      view.setUint16(offset, value & 0xffff, true);
      break;
    case 4:
      view.setInt32(offset, Number(BigInt.asIntN(32, BigInt(value))), true);
      break;
    default:
      view.setBigInt64(offset, BigInt(value), true);
  }
}
