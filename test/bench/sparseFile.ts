import { closeSync, ftruncateSync, openSync, writeSync } from "node:fs";
import { concat, tag, varint } from "../support/wire";

/** Bytes, or a hole of so many: zeros that take no room on disk. */
export type Piece = Uint8Array | { readonly hole: number };

export function lengthOf(pieces: readonly Piece[]): number {
  return pieces.reduce((sum, piece) => sum + (piece instanceof Uint8Array ? piece.length : piece.hole), 0);
}

/** A length-delimited field around pieces. */
export function around(field: number, content: readonly Piece[]): Piece[] {
  return [concat(tag(field, 2), varint(lengthOf(content))), ...content];
}

export function writeSparse(path: string, pieces: readonly Piece[]): void {
  const descriptor = openSync(path, "w");
  try {
    let at = 0;
    for (const piece of pieces) {
      if (piece instanceof Uint8Array) {
        writeSync(descriptor, piece, 0, piece.length, at);
      }
      at += lengthOf([piece]);
    }
    ftruncateSync(descriptor, at);
  } finally {
    closeSync(descriptor);
  }
}
