import type { DType } from "./dtype";
import { bitsPerElement } from "./dtype";

/** Columns of what is hashed as one long row. */
const LINE = 4096;
/** Columns that are given keys of their own; some 4 bytes each. */
const MOST_COLUMNS = 1 << 22;

/** Two lanes of 32 bits each, as text. */
export type Hash = string;

/**
 * A hash of a matrix in which each element counts by its row and its column: of equal matrices it is equal, and the
 * hash of one is the turned hash of its transpose, so that both are found in one pass over the bytes in file order.
 */
export class MatrixHash {
  private readonly columns: number;
  private readonly width: number;
  private readonly hashes: { readonly isTurned: boolean; first: number; second: number }[];
  private readonly columnKeys: Uint32Array;
  private row = 0;
  private column = 0;

  /**
   * @param columns of the matrix; elements of whole bytes
   * @param kinds which hashes are wanted: "straight" of the matrix itself, "turned" of its transpose
   */
  constructor(dtype: DType, columns: number, kinds: readonly ("straight" | "turned")[]) {
    this.columns = columns;
    this.width = bitsPerElement(dtype) / 8;
    this.hashes = kinds.map((kind) => ({ isTurned: kind === "turned", first: 0, second: 0 }));
    this.columnKeys = Uint32Array.from({ length: columns }, (_, column) => keyOf(column));
  }

  /** Whether matrices of this type and size can be hashed so. */
  static canTake(dtype: DType, columns: number): boolean {
    return [8, 16, 32, 64].includes(bitsPerElement(dtype)) && columns <= MOST_COLUMNS;
  }

  /** Whole elements in order. */
  add(bytes: Uint8Array): void {
    const words = wordsOf(bytes, this.width);
    const { columns, columnKeys } = this;
    let { row, column } = this;
    for (let at = 0; at < words.length; ) {
      const end = Math.min(words.length, at + columns - column);
      for (const hash of this.hashes) {
        addRow(hash, words, at, end, columnKeys, column, keyOf(row));
      }
      column += end - at;
      if (column === columns) {
        column = 0;
        row++;
      }
      at = end;
    }
    this.row = row;
    this.column = column;
  }

  /** In the order of `kinds`. */
  digests(): readonly Hash[] {
    return this.hashes.map(({ first, second }) => `${first >>> 0}.${second >>> 0}`);
  }
}

/** A hash of bytes in order. */
export class LineHash {
  private readonly hash = new MatrixHash("uint32", LINE, ["straight"]);
  private readonly left = new Uint8Array(4);
  private held = 0;

  add(bytes: Uint8Array): void {
    let from = 0;
    while (this.held > 0 && from < bytes.length) {
      this.left[this.held++] = bytes[from++]!;
      if (this.held === 4) {
        this.hash.add(this.left.slice());
        this.held = 0;
      }
    }
    const whole = from + Math.floor((bytes.length - from) / 4) * 4;
    this.hash.add(bytes.subarray(from, whole));
    for (let at = whole; at < bytes.length; at++) {
      this.left[this.held++] = bytes[at]!;
    }
  }

  digest(): Hash {
    if (this.held > 0) {
      this.hash.add(this.left.slice().fill(0, this.held));
      this.held = 0;
    }
    return this.hash.digests()[0]!;
  }
}

/** Elements as integers of at most 32 bits; of 64 bits the halves are mixed into one. */
function wordsOf(bytes: Uint8Array, width: number): Uint8Array | Uint16Array | Uint32Array {
  if (width === 1) {
    return bytes;
  }
  const aligned = bytes.byteOffset % 4 === 0 ? bytes : bytes.slice();
  if (width === 2) {
    return new Uint16Array(aligned.buffer, aligned.byteOffset, aligned.length / 2);
  }
  const words = new Uint32Array(aligned.buffer, aligned.byteOffset, aligned.length / 4);
  if (width === 4) {
    return words;
  }
  const mixed = new Uint32Array(words.length / 2);
  for (let at = 0; at < mixed.length; at++) {
    mixed[at] = mix(words[2 * at]! ^ Math.imul(words[2 * at + 1]!, 0x9e37_79b1));
  }
  return mixed;
}

/** Sums, so that the order in which elements come does not matter: only where they stand. */
function addRow(
  hash: { readonly isTurned: boolean; first: number; second: number },
  words: Uint8Array | Uint16Array | Uint32Array,
  from: number,
  to: number,
  columnKeys: Uint32Array,
  firstColumn: number,
  rowKey: number,
): void {
  let { first, second } = hash;
  if (hash.isTurned) {
    const factor = rowKey | 1;
    for (let at = from, column = firstColumn; at < to; at++, column++) {
      const placed = Math.imul(words[at]! ^ columnKeys[column]!, factor);
      first = (first + Math.imul(placed ^ (placed >>> 15), 0x85eb_ca6b)) | 0;
      second = (second + Math.imul(placed ^ (placed >>> 13), 0xc2b2_ae35)) | 0;
    }
  } else {
    for (let at = from, column = firstColumn; at < to; at++, column++) {
      const placed = Math.imul(words[at]! ^ rowKey, columnKeys[column]! | 1);
      first = (first + Math.imul(placed ^ (placed >>> 15), 0x85eb_ca6b)) | 0;
      second = (second + Math.imul(placed ^ (placed >>> 13), 0xc2b2_ae35)) | 0;
    }
  }
  hash.first = first;
  hash.second = second;
}

/** A number for each row or column, spread over 32 bits. */
function keyOf(index: number): number {
  return mix(index + 0x9e37_79b9);
}

function mix(value: number): number {
  let mixed = Math.imul(value ^ (value >>> 16), 0x7feb_352d);
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x846c_a68b);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}
