import { ModelError } from "../errors";
import { LIMITS } from "../limits";
import type { ByteSource, Span } from "./source";
import { decodeText, NameCache } from "./text";

const FIRST_WINDOW = 4 * 1024;
const LARGEST_WINDOW = 1024 * 1024;

/**
 * Reads a source through a window that grows while reading goes on in order and shrinks after a jump, so that hopping
 * over gigabytes of weights reads a few kilobytes at each landing.
 */
export class Cursor {
  readonly source: ByteSource;
  /** End of what the last read took. */
  next = 0;
  private window = new Uint8Array(0);
  private windowStart = 0;
  private windowEnd = 0;
  private reach = FIRST_WINDOW;
  /** Made when the first name is read: many cursors read none. */
  private names: NameCache | undefined;

  constructor(source: ByteSource) {
    this.source = source;
  }

  /** A protobuf varint as a signed 64-bit number; beyond 2^53 it is the nearest double. Sets `next`. */
  varint(offset: number): number {
    let result = 0;
    let factor = 1;
    for (let index = 0; index < 10; index++) {
      const byte = this.byte(offset + index);
      if (index === 7) {
        return this.longVarint(offset);
      }
      result += (byte & 0x7f) * factor;
      if (byte < 0x80) {
        this.next = offset + index + 1;
        return result;
      }
      factor *= 128;
    }
    return result;
  }

  byte(offset: number): number {
    if (offset < this.windowStart || offset >= this.windowEnd) {
      this.load(offset, 1);
    }
    return this.window[offset - this.windowStart]!;
  }

  /** A view of a range, valid until the next read. */
  view(span: Span): Uint8Array {
    const length = span.end - span.start;
    if (length > LIMITS.messageBytes) {
      throw new ModelError("limit", `A message of ${length} bytes is larger than any that can be held.`, {
        file: this.source.name,
        offset: span.start,
      });
    }
    if (span.start < this.windowStart || span.end > this.windowEnd) {
      this.load(span.start, length);
    }
    return this.window.subarray(span.start - this.windowStart, span.end - this.windowStart);
  }

  /** A UTF-8 text of at most `limit` bytes. */
  text(span: Span, limit: number): string {
    this.demandShort(span, limit);
    const view = this.view(span);
    return decodeText(view, 0, view.length);
  }

  /** A UTF-8 text that a model is likely to have several times, the name of a value or of an operator. */
  name(span: Span): string {
    this.demandShort(span, LIMITS.nameBytes);
    if (span.start < this.windowStart || span.end > this.windowEnd) {
      this.load(span.start, span.end - span.start);
    }
    this.names ??= new NameCache();
    return this.names.decode(this.window, span.start - this.windowStart, span.end - this.windowStart);
  }

  private demandShort({ start, end }: Span, limit: number): void {
    if (end - start > limit) {
      throw new ModelError("limit", `A text of ${end - start} bytes where at most ${limit} are allowed.`, {
        file: this.source.name,
        offset: start,
      });
    }
  }

  float32(offset: number): number {
    const view = this.view({ start: offset, end: offset + 4 });
    return new DataView(view.buffer, view.byteOffset, 4).getFloat32(0, true);
  }

  private longVarint(offset: number): number {
    let result = 0n;
    for (let index = 0; index < 10; index++) {
      const byte = this.byte(offset + index);
      result |= BigInt(byte & 0x7f) << BigInt(7 * index);
      if (byte < 0x80) {
        this.next = offset + index + 1;
        return Number(BigInt.asIntN(64, result));
      }
    }
    throw new ModelError("malformed", "A number is longer than ten bytes.", {
      file: this.source.name,
      offset,
    });
  }

  private load(offset: number, length: number): void {
    const { source } = this;
    if (offset < 0 || offset + length > source.size) {
      throw new ModelError(
        "truncated",
        `${source.name} ends at byte ${source.size}, in the middle of a message.`,
        { file: source.name, offset: source.size },
        "The file is incomplete: download or export it again.",
      );
    }
    const goesOn =
      offset >= this.windowStart && offset <= this.windowEnd + FIRST_WINDOW && this.windowEnd > 0;
    this.reach = goesOn ? Math.min(this.reach * 2, LARGEST_WINDOW) : FIRST_WINDOW;
    const size = Math.min(Math.max(this.reach, length), source.size - offset);
    // A fresh array at each load: views handed out before stay as they were.
    this.window = new Uint8Array(size);
    source.read(offset, this.window);
    this.windowStart = offset;
    this.windowEnd = offset + size;
  }
}
