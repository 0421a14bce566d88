import { ModelError } from "../errors";
import type { TensorData, TensorRef } from "../model/types";
import { Cursor } from "../wire/cursor";
import type { ByteSource, Span } from "../wire/source";
import { decodeFloats } from "./decode";
import { bitsPerElement } from "./dtype";
import { kernelNamed } from "./kernels";
import { byteLength, CHUNK_BYTES, elementCount } from "./size";
import { typedToRaw } from "./typed";
import { decodeWide, isWide } from "./wide";

export { byteLength, CHUNK_BYTES, elementCount };

/** Opens side files by the location that a tensor gives, refusing those outside the model's folder. */
export interface ExternalResolver {
  open(location: string): ByteSource;
}

/** Reads elements of tensors wherever they are, piece by piece. */
export class TensorReader {
  private readonly source: ByteSource;
  private readonly external: ExternalResolver;

  constructor(source: ByteSource, external: ExternalResolver) {
    this.source = source;
    this.external = external;
  }

  /**
   * The tensor's raw little-endian bytes in order, each chunk whole elements. A chunk is only valid until the next one
   * is asked for.
   */
  *raw(tensor: TensorRef): Generator<Uint8Array> {
    const needed = this.demandLength(tensor);
    let given = 0;
    for (const chunk of this.pieces(tensor)) {
      const rest = needed - given;
      if (rest <= 0) {
        return;
      }
      const piece = chunk.length > rest ? chunk.subarray(0, rest) : chunk;
      given += piece.length;
      yield piece;
    }
    if (given < needed) {
      throw this.tooFew(tensor, given, needed);
    }
  }

  /**
   * For whoever takes memory by a tensor's shape: the shape may claim billions where the file has four bytes.
   *
   * @throws ModelError when the elements cannot all be there; none is read to find out
   */
  demandPresent(tensor: TensorRef): void {
    const needed = this.demandLength(tensor);
    const { data } = tensor;
    if (data.kind === "external") {
      const { start, end } = this.externalSpan(tensor, data);
      if (end - start < needed) {
        throw this.tooFew(tensor, end - start, needed);
      }
    } else if (data.kind === "memory" && data.bytes.length < needed) {
      throw this.tooFew(tensor, data.bytes.length, needed);
    } else if (data.kind === "stored") {
      const stored = data.spans.reduce((sum, { start, end }) => sum + end - start, 0);
      // Each varint takes a byte at least.
      const widest = data.encoding.kind === "raw" ? 1 : Math.max(1, bitsPerElement(tensor.dtype) / 8);
      if (stored * widest < needed) {
        throw this.tooFew(tensor, stored, needed);
      }
    }
  }

  /**
   * Reads raw bytes at any place of a tensor whose bytes lie somewhere as they are; undefined for one that must be
   * decoded or computed from its start.
   */
  directly(tensor: TensorRef): ((offset: number, into: Uint8Array) => void) | undefined {
    const { data } = tensor;
    this.demandPresent(tensor);
    if (data.kind === "memory") {
      return (offset, into) => into.set(data.bytes.subarray(offset, offset + into.length));
    }
    if (data.kind === "external") {
      const file = this.external.open(data.location);
      return (offset, into) => file.read(data.offset + offset, into);
    }
    if (data.kind === "stored" && data.encoding.kind === "raw" && data.spans.length === 1) {
      const { start } = data.spans[0]!;
      return (offset, into) => this.source.read(start + offset, into);
    }
    return undefined;
  }

  private tooFew(tensor: TensorRef, given: number, needed: number): ModelError {
    return new ModelError(
      "truncated",
      `Tensor ${tensor.name} has ${given} bytes of elements where its shape needs ${needed}.`,
      { file: this.source.name, tensor: tensor.name },
    );
  }

  /** Elements as float32; the array is reused between calls. */
  floats(tensor: TensorRef, onChunk: (values: Float32Array, firstElement: number) => void): void {
    let first = 0;
    for (const values of this.floatChunks(tensor)) {
      onChunk(values, first);
      first += values.length;
    }
  }

  /** Elements as float32 in order; a chunk is only valid until the next one is asked for. */
  *floatChunks(tensor: TensorRef): Generator<Float32Array> {
    const { dtype } = tensor;
    const bits = bitsPerElement(dtype);
    this.demandLength(tensor);
    const total = elementCount(tensor);
    let out: Float32Array | undefined;
    let first = 0;
    for (const chunk of this.raw(tensor)) {
      const count = Math.min(total - first, Math.floor((chunk.length * 8) / bits));
      first += count;
      if (dtype === "float32" && chunk.byteOffset % 4 === 0) {
        yield new Float32Array(chunk.buffer, chunk.byteOffset, count);
        continue;
      }
      if (out === undefined || out.length < count) {
        out = new Float32Array(count);
      }
      const values = out.subarray(0, count);
      if (!decodeFloats(dtype, chunk, count, values)) {
        throw new ModelError("unsupported", `Tensor ${tensor.name} of type ${dtype} has no numbers.`, {
          tensor: tensor.name,
        });
      }
      yield values;
    }
  }

  /** All elements as numbers, when there are at most `limit` of them and they can be had; undefined otherwise. */
  small(tensor: TensorRef, limit: number): readonly number[] | undefined {
    const bits = bitsPerElement(tensor.dtype);
    if (bits === 0 || !(elementCount(tensor) <= limit) || tensor.sparse !== undefined) {
      return undefined;
    }
    const values: number[] = [];
    try {
      if (isWide(tensor.dtype)) {
        for (const chunk of this.raw(tensor)) {
          const decoded = new Float64Array(Math.floor((chunk.length * 8) / bits));
          decodeWide(tensor.dtype, chunk, decoded.length, decoded);
          values.push(...decoded);
        }
      } else {
        this.floats(tensor, (chunk) => values.push(...chunk));
      }
    } catch (thrown) {
      if (thrown instanceof ModelError) {
        return undefined;
      }
      throw thrown;
    }
    return values;
  }

  /** Bytes of the elements, for dims as a tensor can have them. */
  private demandLength(tensor: TensorRef): number {
    const length = byteLength(tensor);
    if (Number.isSafeInteger(length) && tensor.dims.every((dim) => dim >= 0)) {
      return length;
    }
    throw new ModelError(
      "malformed",
      `Tensor ${tensor.name} has the impossible shape [${tensor.dims.join(", ")}].`,
      { file: this.source.name, tensor: tensor.name },
    );
  }

  private pieces(tensor: TensorRef): Iterable<Uint8Array> {
    const { data } = tensor;
    switch (data.kind) {
      case "memory":
        return slices(data.bytes);
      case "derived":
        return kernelNamed(data.kernel).run(data.from, data.params, tensor, this);
      case "external":
        return this.externalPieces(tensor, data);
      case "stored":
        return data.encoding.kind === "raw"
          ? readRanges(this.source, data.spans)
          : typedToRaw(new Cursor(this.source), tensor.dtype, data.encoding.field, data.spans);
    }
  }

  private externalPieces(
    tensor: TensorRef,
    data: TensorData & { readonly kind: "external" },
  ): Iterable<Uint8Array> {
    return readRanges(this.external.open(data.location), [this.externalSpan(tensor, data)]);
  }

  private externalSpan(tensor: TensorRef, data: TensorData & { readonly kind: "external" }): Span {
    const file = this.external.open(data.location);
    const length = data.length ?? byteLength(tensor);
    if (data.offset + length > file.size) {
      throw new ModelError(
        "truncated",
        `${data.location} ends at byte ${file.size}, but tensor ${tensor.name} needs it up to byte ${data.offset + length}.`,
        { file: data.location, offset: data.offset, tensor: tensor.name },
        "The data file is incomplete or belongs to another model: copy it again beside the .onnx file.",
      );
    }
    return { start: data.offset, end: data.offset + length };
  }
}

/** Ranges of a source in chunks; a chunk is only valid until the next one is asked for. */
export function* readRanges(source: ByteSource, spans: readonly Span[]): Generator<Uint8Array> {
  // One buffer for all: memory outside the JavaScript heap is freed late, and gigabytes pass through here.
  const longest = spans.reduce((most, { start, end }) => Math.max(most, end - start), 0);
  const buffer = new Uint8Array(Math.min(CHUNK_BYTES, longest));
  for (const { start, end } of spans) {
    for (let at = start; at < end; at += CHUNK_BYTES) {
      const chunk = buffer.subarray(0, Math.min(CHUNK_BYTES, end - at));
      source.read(at, chunk);
      yield chunk;
    }
  }
}

function* slices(bytes: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += CHUNK_BYTES) {
    yield bytes.subarray(at, at + CHUNK_BYTES);
  }
}
