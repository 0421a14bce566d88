import { ModelError } from "../errors";
import type { Cursor } from "./cursor";
import type { Span } from "./source";

export const VARINT = 0;
export const FIXED64 = 1;
export const LENGTH = 2;
export const FIXED32 = 5;
const START_GROUP = 3;
const END_GROUP = 4;
const MAX_GROUP_DEPTH = 32;

/** Walks the fields of one message without entering them. */
export class FieldScanner {
  field = 0;
  wire = 0;
  /** Offset of the field's tag. */
  start = 0;
  /** Content without tag and length. */
  valueStart = 0;
  end: number;
  /** Content of a varint field. */
  value = 0;
  private readonly cursor: Cursor;
  private readonly stop: number;

  constructor(cursor: Cursor, span: Span) {
    this.cursor = cursor;
    this.end = span.start;
    this.stop = span.end;
  }

  /** Moves to the next field; false at the end of the message. */
  advance(): boolean {
    if (this.end >= this.stop) {
      return false;
    }
    this.start = this.end;
    const tag = this.cursor.varint(this.start);
    this.wire = tag % 8;
    this.field = Math.floor(tag / 8);
    this.valueStart = this.cursor.next;
    if (this.field < 1 || this.field > 536_870_911) {
      throw this.malformed(`field number ${this.field}`);
    }
    this.skipValue();
    if (this.end > this.stop) {
      throw this.overrun();
    }
    return true;
  }

  /** The content of a length-delimited field. */
  get span(): Span {
    return { start: this.valueStart, end: this.end };
  }

  /** The whole record, tag included. */
  get record(): Span {
    return { start: this.start, end: this.end };
  }

  /** For a field that must be a message, text or bytes. */
  expectLength(): Span {
    if (this.wire !== LENGTH) {
      throw this.malformed(`field ${this.field} with wire type ${this.wire} where a message or text belongs`);
    }
    return this.span;
  }

  /** For a field that must be a number. */
  expectVarint(): number {
    if (this.wire !== VARINT) {
      throw this.malformed(`field ${this.field} with wire type ${this.wire} where a number belongs`);
    }
    return this.value;
  }

  /** Walks the message that the present field holds. */
  inner(): FieldScanner {
    return new FieldScanner(this.cursor, this.expectLength());
  }

  /** Numbers of a repeated varint field, packed or not. */
  *varints(): Generator<number> {
    if (this.wire === VARINT) {
      yield this.value;
      return;
    }
    const { start, end } = this.expectLength();
    for (let at = start; at < end; at = this.cursor.next) {
      const value = this.cursor.varint(at);
      if (this.cursor.next > end) {
        throw this.overrun();
      }
      yield value;
    }
  }

  private skipValue(): void {
    switch (this.wire) {
      case VARINT:
        this.value = this.cursor.varint(this.valueStart);
        this.end = this.cursor.next;
        break;
      case FIXED64:
        this.end = this.valueStart + 8;
        break;
      case LENGTH: {
        const length = this.cursor.varint(this.valueStart);
        this.valueStart = this.cursor.next;
        if (length < 0) {
          throw this.malformed(`a negative length (${length})`);
        }
        this.end = this.valueStart + length;
        break;
      }
      case FIXED32:
        this.end = this.valueStart + 4;
        break;
      case START_GROUP:
        this.end = this.skipGroup(this.valueStart, this.field, 0);
        break;
      default:
        throw this.malformed(`wire type ${this.wire}`);
    }
  }

  /** Groups left the language before ONNX began, but a reader must be able to pass one by. */
  private skipGroup(from: number, field: number, depth: number): number {
    if (depth > MAX_GROUP_DEPTH) {
      throw this.malformed("groups nested too deeply");
    }
    let at = from;
    while (at < this.stop) {
      const tag = this.cursor.varint(at);
      at = this.cursor.next;
      const inner = Math.floor(tag / 8);
      switch (tag % 8) {
        case VARINT:
          this.cursor.varint(at);
          at = this.cursor.next;
          break;
        case FIXED64:
          at += 8;
          break;
        case LENGTH: {
          const length = this.cursor.varint(at);
          if (length < 0) {
            throw this.malformed(`a negative length (${length})`);
          }
          at = this.cursor.next + length;
          break;
        }
        case FIXED32:
          at += 4;
          break;
        case START_GROUP:
          at = this.skipGroup(at, inner, depth + 1);
          break;
        case END_GROUP:
          if (inner !== field) {
            throw this.malformed("a group that ends another group");
          }
          return at;
        default:
          throw this.malformed(`wire type ${tag % 8}`);
      }
    }
    throw this.overrun();
  }

  private malformed(what: string): ModelError {
    return new ModelError(
      "malformed",
      `${this.cursor.source.name} is not a valid ONNX file: ${what} at byte ${this.start}.`,
      { file: this.cursor.source.name, offset: this.start },
      "The file is damaged or is not an ONNX model: download or export it again.",
    );
  }

  private overrun(): ModelError {
    const { name, size } = this.cursor.source;
    if (this.end > size) {
      return new ModelError(
        "truncated",
        `${name} ends at byte ${size}; a field at byte ${this.start} says that it goes on to byte ${this.end}.`,
        { file: name, offset: this.start },
        "The file is incomplete or damaged: download or export it again.",
      );
    }
    return this.malformed(`a field that is longer than the message around it`);
  }
}
