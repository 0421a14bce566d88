import { ATTRIBUTE, NODE } from "../wire/schema";
import { encodeAttribute, encodeNewNode, encodeTensorAttribute, tensorSegments } from "./encode";
import { wrapped } from "./segments";
import type { Attribute, Node, Segment } from "./types";

/** Body of a NodeProto that no file holds yet. */
export function newNodeSegments(node: Node): Segment[] {
  const { head, tail } = encodeNewNode(node);
  return [
    { kind: "bytes", bytes: head },
    ...[...node.attributes].flatMap(([name, attribute]) => attributeRecord(name, attribute)),
    { kind: "bytes", bytes: tail },
  ];
}

/** Record of an attribute that edits made. Graphs as attributes are only ever copied. */
export function attributeRecord(name: string, attribute: Attribute): Segment[] {
  return wrapped(
    NODE.attribute,
    attribute.type === "tensor"
      ? [
          { kind: "bytes", bytes: encodeTensorAttribute(name) },
          ...wrapped(ATTRIBUTE.t, tensorSegments(attribute.value)),
        ]
      : [{ kind: "bytes", bytes: encodeAttribute(name, attribute) }],
  );
}
