import type { Segment } from "../../core/model/types";
import { CHUNK_BYTES, readRanges, type TensorReader } from "../../core/tensor/reader";
import type { ByteSource } from "../../core/wire/source";

/**
 * The bytes of segments in order; derived tensors are computed while reading. Small pieces are handed out together: a
 * write for each changed name would take longer than the weights. A chunk is only valid until the next one is asked for.
 *
 * @throws ModelError when a tensor cannot be read
 */
export function* segmentChunks(
  segments: readonly Segment[],
  source: ByteSource,
  reader: TensorReader,
): Generator<Uint8Array> {
  const gathered = new Uint8Array(CHUNK_BYTES);
  let length = 0;
  for (const piece of pieces(segments, source, reader)) {
    if (length + piece.length > gathered.length) {
      yield gathered.subarray(0, length);
      length = 0;
    }
    if (piece.length >= gathered.length) {
      yield piece;
      continue;
    }
    gathered.set(piece, length);
    length += piece.length;
  }
  if (length > 0) {
    yield gathered.subarray(0, length);
  }
}

function* pieces(
  segments: readonly Segment[],
  source: ByteSource,
  reader: TensorReader,
): Generator<Uint8Array> {
  for (const segment of segments) {
    switch (segment.kind) {
      case "copy":
        yield* readRanges(source, [segment.span]);
        break;
      case "bytes":
        yield segment.bytes;
        break;
      case "tensor":
        yield* reader.raw(segment.tensor);
        break;
    }
  }
}
