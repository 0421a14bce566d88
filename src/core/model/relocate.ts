import { byteLength } from "../tensor/reader";
import type { Cursor } from "../wire/cursor";
import { FieldScanner } from "../wire/scanner";
import { GRAPH, TENSOR } from "../wire/schema";
import type { Span } from "../wire/source";
import { encodeExternal } from "./encode";
import type { Place } from "./newSideFile";
import { copy, merged, wrapped } from "./segments";
import type { Segment, TensorRef } from "./types";

/** Fields that hold elements, or say where they are. */
const DATA_FIELDS: ReadonlySet<number> = new Set([
  TENSOR.floatData,
  TENSOR.int32Data,
  TENSOR.int64Data,
  TENSOR.rawData,
  TENSOR.doubleData,
  TENSOR.uint64Data,
  TENSOR.externalData,
  TENSOR.dataLocation,
]);

/**
 * The record of an initializer of the file with its elements at another place; all else in it is copied, unknown fields
 * included. Entries about the old bytes go: a checksum need not hold for the new ones.
 */
export function relocatedInitializer(
  record: Span,
  tensor: TensorRef,
  place: Place,
  cursor: Cursor,
): Segment[] {
  const outer = new FieldScanner(cursor, record);
  outer.advance();
  const scanner = outer.inner();
  const kept: Segment[] = [];
  while (scanner.advance()) {
    if (!DATA_FIELDS.has(scanner.field)) {
      kept.push(copy(scanner.record));
    }
  }
  const bytes = encodeExternal({ ...place, length: byteLength(tensor) });
  return wrapped(GRAPH.initializer, merged([...kept, { kind: "bytes", bytes }]));
}
