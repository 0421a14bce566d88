import { concat, varint } from "./wire";

/** Which fields of a message are messages themselves. */
export interface Shape {
  readonly [field: number]: Shape;
}

const LEAF: Shape = {};
const TENSOR: Shape = { 13: LEAF, 16: LEAF };
const SPARSE: Shape = { 1: TENSOR, 2: TENSOR };
const SHAPE: Shape = { 1: LEAF };
const TYPE: { [field: number]: Shape } = { 1: { 2: SHAPE }, 8: { 2: SHAPE } };
TYPE[4] = { 1: TYPE };
TYPE[9] = { 1: TYPE };
const VALUE: Shape = { 2: TYPE, 4: LEAF };
const NODE: { [field: number]: Shape } = { 9: LEAF };
const GRAPH: Shape = { 1: NODE, 5: TENSOR, 11: VALUE, 12: VALUE, 13: VALUE, 15: SPARSE, 16: LEAF };
NODE[5] = { 5: TENSOR, 6: GRAPH, 10: TENSOR, 11: GRAPH };
const FUNCTION: Shape = { 7: NODE, 9: LEAF, 12: VALUE, 14: LEAF };
const MODEL: Shape = { 7: GRAPH, 8: LEAF, 14: LEAF, 25: FUNCTION };

/** One field of a message, which may be changed before it is written again. */
export interface Field {
  field: number;
  wire: number;
  content: Uint8Array | Field[];
  /** Length that is written in place of the true one. */
  claim?: bigint;
}

/** A valid model as a tree of fields. */
export function parseModel(bytes: Uint8Array): Field[] {
  return parse(bytes, MODEL);
}

export function writeTree(fields: readonly Field[]): Uint8Array {
  return concat(...fields.flatMap((field) => fieldParts(field)));
}

/** Every field of a tree with the list that it is in, from outside to inside. */
export function* allFields(fields: Field[]): Generator<{ readonly field: Field; readonly list: Field[] }> {
  for (const field of fields) {
    yield { field, list: fields };
    if (Array.isArray(field.content)) {
      yield* allFields(field.content);
    }
  }
}

/** Every message of a tree, the outermost one first. */
export function* allMessages(fields: Field[]): Generator<Field[]> {
  yield fields;
  for (const { content } of fields) {
    if (Array.isArray(content)) {
      yield* allMessages(content);
    }
  }
}

function fieldParts({ field, wire, content, claim }: Field): Uint8Array[] {
  const body = Array.isArray(content) ? writeTree(content) : content;
  const head = varint(BigInt(field) * 8n + BigInt(wire));
  return wire === 2 ? [head, varint(claim ?? body.length), body] : [head, body];
}

function parse(bytes: Uint8Array, shape: Shape): Field[] {
  const fields: Field[] = [];
  for (let at = 0; at < bytes.length; ) {
    const head = readVarint(bytes, at);
    const field = Math.floor(head.value / 8);
    const wire = head.value % 8;
    const inner = shape[field];
    let start = head.next;
    let end: number;
    if (wire === 2) {
      const length = readVarint(bytes, start);
      start = length.next;
      end = start + length.value;
    } else {
      end = wire === 0 ? readVarint(bytes, start).next : start + (wire === 5 ? 4 : 8);
    }
    const content = bytes.subarray(start, end);
    fields.push({
      field,
      wire,
      content: wire === 2 && inner !== undefined ? parse(content, inner) : content,
    });
    at = end;
  }
  return fields;
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
