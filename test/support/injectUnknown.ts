import { allMessages, type Field, parseModel, writeTree } from "./protoTree";
import { concat, group, numberField, tag, textField, utf8, varint } from "./wire";

/** Fields that no ONNX version has, in every wire type that a later one could use. */
const UNKNOWN: readonly Field[] = [
  { field: 1999, wire: 0, content: varint(-5) },
  { field: 2000, wire: 2, content: utf8("from the future") },
  { field: 2001, wire: 5, content: Uint8Array.of(1, 2, 3, 4) },
  { field: 2002, wire: 1, content: Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8) },
  { field: 2003, wire: 2, content: new Uint8Array() },
];

/** A group with another one in it. */
const GROUP: readonly Field[] = [
  {
    field: 1998,
    wire: 3,
    content: concat(numberField(1, 7), group(2, textField(3, "inside")), tag(1998, 4)),
  },
];

/** A model with unknown fields behind every message in it, at every level. */
export function injectUnknown(model: Uint8Array): Uint8Array {
  return injected(model, UNKNOWN);
}

/** The same with groups. */
export function injectGroups(model: Uint8Array): Uint8Array {
  return injected(model, GROUP);
}

function injected(model: Uint8Array, unknown: readonly Field[]): Uint8Array {
  const tree = parseModel(model);
  for (const message of [...allMessages(tree)]) {
    message.push(...unknown);
  }
  return writeTree(tree);
}
