import { allFields, allMessages, type Field, parseModel, writeTree } from "../support/protoTree";
import type { Random } from "../support/random";
import { concat, varint } from "../support/wire";

/** Numbers at which code goes wrong. */
const NUMBERS: readonly bigint[] = [
  ...[0n, 1n, 2n, 7n, 127n, 128n, 255n, 65_535n],
  ...[2n ** 31n - 1n, 2n ** 31n, 2n ** 32n, 2n ** 53n - 1n, 2n ** 53n + 1n, 2n ** 63n - 1n, 2n ** 63n],
  ...[-1n, -2n, -128n, -(2n ** 31n), -(2n ** 53n)],
];

/** Bytes changed anywhere mostly end in the reader; fields changed whole reach what lies behind it. */
const BYTES_SHARE = 0.15;
/** Of the changes to fields, those that the reader is likely to refuse. */
const BREAKING_SHARE = 0.1;

/** One valid model changed in one to four places, in its bytes or in its fields. */
export function mutate(model: Uint8Array, random: Random): Uint8Array {
  const changes = 1 + random.below(4);
  if (random.fraction() < BYTES_SHARE) {
    let bytes = model;
    for (let change = 0; change < changes; change++) {
      bytes = random.pick(BYTE_CHANGES)(bytes, random);
    }
    return bytes;
  }
  const tree = parseModel(model);
  for (let change = 0; change < changes; change++) {
    const fields = [...allFields(tree)];
    if (fields.length === 0) {
      break;
    }
    const { field, list } = random.pick(fields);
    const choices = random.fraction() < BREAKING_SHARE ? BREAKING_CHANGES : FIELD_CHANGES;
    random.pick(choices)(field, list, random, tree);
  }
  return writeTree(tree);
}

type ByteChange = (bytes: Uint8Array, random: Random) => Uint8Array;

const BYTE_CHANGES: readonly ByteChange[] = [
  function flipBit(bytes, random) {
    const changed = bytes.slice();
    const at = random.below(changed.length);
    changed[at] = (changed[at] ?? 0) ^ (1 << random.below(8));
    return changed;
  },
  function setByte(bytes, random) {
    const changed = bytes.slice();
    changed[random.below(changed.length)] = random.pick([0, 1, 0x7f, 0x80, 0xff, random.below(256)]);
    return changed;
  },
  function insert(bytes, random) {
    const at = random.below(bytes.length + 1);
    return concat(bytes.subarray(0, at), random.bytes(1 + random.below(8)), bytes.subarray(at));
  },
  function remove(bytes, random) {
    const at = random.below(bytes.length + 1);
    return concat(bytes.subarray(0, at), bytes.subarray(at + 1 + random.below(16)));
  },
  function cut(bytes, random) {
    return bytes.slice(0, random.below(bytes.length + 1));
  },
  function repeat(bytes, random) {
    const at = random.below(bytes.length + 1);
    const piece = bytes.subarray(at, at + 1 + random.below(64));
    return concat(bytes.subarray(0, at), piece, piece, bytes.subarray(at + piece.length));
  },
];

type FieldChange = (field: Field, list: Field[], random: Random, tree: Field[]) => void;

const FIELD_CHANGES: readonly FieldChange[] = [
  function drop(field, list) {
    list.splice(list.indexOf(field), 1);
  },
  function double(field, list) {
    list.push(field);
  },
  function reorder(field, list, random) {
    list.splice(list.indexOf(field), 1);
    list.splice(random.below(list.length + 1), 0, field);
  },
  function otherNumber(field, _list, random) {
    field.content = field.wire === 0 ? varint(random.pick(NUMBERS)) : field.content;
  },
  function otherContent(field, _list, random) {
    if (field.wire === 2 && !Array.isArray(field.content)) {
      field.content = random.bytes(random.below(24));
    }
  },
  // Text for text and message for message: names collide, graphs run in circles, types and shapes contradict.
  function swapWithAlike(field, _list, random, tree) {
    const alike = [...allFields(tree)].filter(
      ({ field: other }) =>
        other.wire === field.wire && Array.isArray(other.content) === Array.isArray(field.content),
    );
    field.content = copyOf(random.pick(alike).field.content);
  },
  function graft(field, _list, random, tree) {
    random.pick([...allMessages(tree)]).push({ ...field, content: copyOf(field.content) });
  },
];

const BREAKING_CHANGES: readonly FieldChange[] = [
  function renumber(field, _list, random) {
    field.field = random.pick([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 20, 25, 1999]);
  },
  function retype(field, _list, random) {
    field.wire = random.below(8);
  },
  function lie(field, _list, random) {
    field.claim = random.pick(NUMBERS);
  },
];

function copyOf(content: Field["content"]): Field["content"] {
  return Array.isArray(content)
    ? content.map((field) => ({ ...field, content: copyOf(field.content) }))
    : content;
}
