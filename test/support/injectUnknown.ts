import { bytesField, concat, group, numberField, tag, textField, varint } from "./wire";

interface Shape {
  readonly [field: number]: Shape;
}

const ENTRY: Shape = {};
const OPSET: Shape = {};
const DIM: Shape = {};
const TENSOR: Shape = { 13: ENTRY, 16: ENTRY };
const SPARSE: Shape = { 1: TENSOR, 2: TENSOR };
const SHAPE: Shape = { 1: DIM };
const TYPE: Shape = { 1: { 2: SHAPE }, 8: { 2: SHAPE } };
const VALUE: Shape = { 2: TYPE, 4: ENTRY };
const NODE: { [field: number]: Shape } = { 9: ENTRY };
const GRAPH: Shape = { 1: NODE, 5: TENSOR, 11: VALUE, 12: VALUE, 13: VALUE, 15: SPARSE, 16: ENTRY };
NODE[5] = { 5: TENSOR, 6: GRAPH, 10: TENSOR, 11: GRAPH };
const FUNCTION: Shape = { 7: NODE, 9: OPSET, 12: VALUE, 14: ENTRY };
const MODEL: Shape = { 7: GRAPH, 8: OPSET, 14: ENTRY, 25: FUNCTION };

/** Fields that no ONNX version has, in every wire type that a later one could use. */
const UNKNOWN = concat(
  numberField(1999, -5),
  textField(2000, "from the future"),
  concat(tag(2001, 5), Uint8Array.of(1, 2, 3, 4)),
  concat(tag(2002, 1), Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8)),
  bytesField(2003, new Uint8Array()),
);

/** A model with unknown fields behind every message in it, at every level. */
export function injectUnknown(model: Uint8Array, unknown: Uint8Array = UNKNOWN): Uint8Array {
  return rewritten(model, MODEL, unknown);
}

/** The same with a group among them, a form that only old protobuf writers know. */
export function injectGroups(model: Uint8Array): Uint8Array {
  return injectUnknown(model, group(1998, numberField(1, 7), group(2, textField(3, "inside"))));
}

function rewritten(message: Uint8Array, shape: Shape, unknown: Uint8Array): Uint8Array {
  const parts: Uint8Array[] = [];
  for (let at = 0; at < message.length; ) {
    const start = at;
    const head = readVarint(message, at);
    at = head.next;
    const wire = head.value % 8;
    const inner = shape[Math.floor(head.value / 8)];
    if (wire === 0) {
      at = readVarint(message, at).next;
    } else if (wire === 2) {
      const length = readVarint(message, at);
      at = length.next + length.value;
      if (inner !== undefined) {
        const body = rewritten(message.subarray(length.next, at), inner, unknown);
        parts.push(message.subarray(start, head.next), varint(body.length), body);
        continue;
      }
    } else {
      at += wire === 5 ? 4 : 8;
    }
    parts.push(message.subarray(start, at));
  }
  return concat(...parts, unknown);
}

function readVarint(bytes: Uint8Array, start: number): { readonly value: number; readonly next: number } {
  let value = 0n;
  let at = start;
  for (let shift = 0n; ; shift += 7n) {
    const byte = bytes[at++]!;
    value |= BigInt(byte & 0x7f) << shift;
    if (byte < 0x80) {
      return { value: Number(value), next: at };
    }
  }
}
