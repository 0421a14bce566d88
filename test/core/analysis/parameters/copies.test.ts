import { expect, test } from "vitest";
import {
  type Content,
  ContentReading,
  copiesIn,
  copyGroups,
} from "../../../../src/core/analysis/parameters/copies";
import type { TensorRef } from "../../../../src/core/model/types";
import { bitsPerElement, type DType } from "../../../../src/core/tensor/dtype";
import { Random } from "../../../support/random";

interface Stored {
  readonly tensor: TensorRef;
  readonly bytes: Uint8Array;
}

function stored(name: string, dtype: DType, dims: readonly number[], bytes: Uint8Array): Stored {
  return { tensor: { name, dtype, dims, data: { kind: "memory", bytes } }, bytes };
}

/** The transpose of a matrix, element by element. */
function turned({ tensor, bytes }: Stored, name: string): Stored {
  const [rows, columns] = tensor.dims as [number, number];
  const width = bitsPerElement(tensor.dtype) / 8;
  const out = new Uint8Array(bytes.length);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const from = (row * columns + column) * width;
      out.set(bytes.subarray(from, from + width), (column * rows + row) * width);
    }
  }
  return stored(name, tensor.dtype, [columns, rows], out);
}

function found(all: readonly Stored[], chunk: number): { readonly [name: string]: string } {
  const names: { [name: string]: string } = {};
  for (const group of copyGroups(all)) {
    const contents = new Map(group.members.map((member) => [member, contentOf(member, group.way, chunk)]));
    for (const [{ tensor }, { kind, of }] of copiesIn(group, (member) => contents.get(member)!)) {
      names[tensor.name] = `${kind} of ${of.tensor.name}`;
    }
  }
  return names;
}

function contentOf({ tensor, bytes }: Stored, way: string, chunk: number): Content {
  const reading = new ContentReading(tensor, way);
  for (let at = 0; at < bytes.length; at += chunk) {
    reading.add(bytes.subarray(at, at + chunk));
  }
  return reading.content();
}

test.each(["float32", "float16", "bfloat16", "int8", "float64", "int64"] as const)(
  "twins of %s are found, whatever the pieces that they are read in",
  (dtype) => {
    const random = new Random(dtype.length);
    const width = bitsPerElement(dtype) / 8;
    const wide = stored("wide", dtype, [20, 33], random.bytes(660 * width));
    const square = stored("square", dtype, [24, 24], random.bytes(576 * width));
    const changed = Uint8Array.from(square.bytes);
    changed[100]! ^= 1;
    const all = [
      wide,
      square,
      turned(wide, "wideTurned"),
      stored("wideCopy", dtype, [1, 20, 33], wide.bytes),
      turned(square, "squareTurned"),
      stored("squareCopy", dtype, [24, 24], square.bytes),
      stored("squareChanged", dtype, [24, 24], changed),
      turned(stored("", dtype, [24, 24], changed), "changedTurned"),
    ];
    for (const chunk of [16, 48, 160, 1 << 20]) {
      expect(found(all, chunk)).toEqual({
        wideTurned: "transposed of wide",
        wideCopy: "copy of wide",
        squareTurned: "transposed of square",
        squareCopy: "copy of square",
        changedTurned: "transposed of squareChanged",
      });
    }
  },
);

test("packed elements, and bytes that fill no word, are compared in order", () => {
  const bytes = new Random(5).bytes(301);
  const swapped = Uint8Array.from(bytes);
  [swapped[299], swapped[300]] = [bytes[300]!, bytes[299]!];
  const all = [
    stored("a", "uint4", [14, 43], bytes),
    stored("b", "uint4", [14, 43], bytes),
    stored("c", "uint4", [14, 43], swapped),
    stored("d", "uint8", [301], bytes),
    stored("e", "uint8", [301], bytes),
  ];
  for (const chunk of [7, 64, 1000]) {
    expect(found(all, chunk)).toEqual({ b: "copy of a", e: "copy of d" });
  }
});

test("what has nothing of its size, or is small, is not read", () => {
  const random = new Random(6);
  const all = [
    stored("alone", "float32", [20, 30], random.bytes(2400)),
    stored("other", "float32", [20, 31], random.bytes(2480)),
    stored("half", "float16", [20, 30], random.bytes(1200)),
    stored("small", "float32", [8], new Uint8Array(32)),
    stored("smallCopy", "float32", [8], new Uint8Array(32)),
  ];
  expect(copyGroups(all)).toEqual([]);
});
