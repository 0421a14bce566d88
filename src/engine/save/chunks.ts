import type { Segment } from "../../core/model/types";
import { CHUNK_BYTES, readRanges, type TensorReader } from "../../core/tensor/reader";
import type { ByteSource } from "../../core/wire/source";
import type { ComputePool } from "./compute/pool";

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
  const gathered = new Gathered();
  for (const segment of segments) {
    for (const piece of pieces(segment, source, reader)) {
      yield* gathered.add(piece);
    }
  }
  yield* gathered.rest();
}

/** The bytes of segments in pieces of any length, with the tensors of a pool from there. */
export async function* pooledChunks(
  segments: readonly Segment[],
  source: ByteSource,
  reader: TensorReader,
  pool: ComputePool | undefined,
): AsyncGenerator<Uint8Array> {
  for (const segment of segments) {
    const computed = segment.kind === "tensor" ? pool?.chunks(segment.tensor) : undefined;
    yield* computed ?? pieces(segment, source, reader);
  }
}

class Gathered {
  private readonly buffer = new Uint8Array(CHUNK_BYTES);
  private length = 0;

  *add(piece: Uint8Array): Generator<Uint8Array> {
    if (this.length + piece.length > this.buffer.length) {
      yield* this.rest();
    }
    if (piece.length >= this.buffer.length) {
      yield piece;
      return;
    }
    this.buffer.set(piece, this.length);
    this.length += piece.length;
  }

  *rest(): Generator<Uint8Array> {
    if (this.length > 0) {
      yield this.buffer.subarray(0, this.length);
      this.length = 0;
    }
  }
}

function pieces(segment: Segment, source: ByteSource, reader: TensorReader): Iterable<Uint8Array> {
  switch (segment.kind) {
    case "copy":
      return readRanges(source, [segment.span]);
    case "bytes":
      return [segment.bytes];
    case "tensor":
      return reader.raw(segment.tensor);
  }
}
