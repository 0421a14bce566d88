import protobuf from "protobufjs/minimal";
import { ModelError } from "../errors";
import { DTYPE_CODES } from "../tensor/dtype";
import { byteLength } from "../tensor/reader";
import {
  ATTRIBUTE,
  ATTRIBUTE_TYPE,
  DIMENSION,
  ENTRY,
  EXTERNAL,
  NODE,
  OPSET_ID,
  SHAPE,
  TENSOR,
  TENSOR_TYPE,
  TYPE,
  VALUE_INFO,
} from "../wire/schema";
import type { Attribute, Node, Segment, TensorRef, ValueInfo } from "./types";

const { Writer } = protobuf;
type Writer = protobuf.Writer;

const LENGTH_DELIMITED = 2;
const VARINT = 0;
const FIXED32 = 5;

export function tag(field: number, wire: number = LENGTH_DELIMITED): number {
  return field * 8 + wire;
}

function text(writer: Writer, field: number, value: string): void {
  writer.uint32(tag(field)).string(value);
}

function integer(writer: Writer, field: number, value: number): void {
  writer.uint32(tag(field, VARINT)).int64(value);
}

function nested(writer: Writer, field: number, fill: (inner: Writer) => void): void {
  writer.uint32(tag(field)).fork();
  fill(writer);
  writer.ldelim();
}

/** Tag and length of a record whose content follows. */
export function recordHead(field: number, contentLength: number): Uint8Array {
  return Writer.create().uint32(tag(field)).uint64(contentLength).finish();
}

/** Body of a NodeProto that no file holds yet, but for its attributes: what stands before them and behind. */
export function encodeNewNode(node: Node): { readonly head: Uint8Array; readonly tail: Uint8Array } {
  const writer = Writer.create();
  for (const input of node.inputs) {
    text(writer, NODE.input, input);
  }
  for (const output of node.outputs) {
    text(writer, NODE.output, output);
  }
  if (node.name !== "") {
    text(writer, NODE.name, node.name);
  }
  text(writer, NODE.opType, node.opType);
  return { head: writer.finish(), tail: endOfNewNode(node) };
}

function endOfNewNode(node: Node): Uint8Array {
  const writer = Writer.create();
  if (node.doc !== "") {
    text(writer, NODE.docString, node.doc);
  }
  if (node.domain !== "") {
    text(writer, NODE.domain, node.domain);
  }
  if (node.overload !== "") {
    text(writer, NODE.overload, node.overload);
  }
  for (const [key, value] of node.metadata) {
    nested(writer, NODE.metadataProps, (entry) => {
      text(entry, ENTRY.key, key);
      text(entry, ENTRY.value, value);
    });
  }
  return writer.finish();
}

/** Record of one input or output name, for nodes whose inputs or outputs changed. */
export function encodeName(field: number, value: string): Uint8Array {
  return Writer.create().uint32(tag(field)).string(value).finish();
}

/** Body of an OperatorSetIdProto. */
export function encodeOpset(domain: string, version: number): Uint8Array {
  const writer = Writer.create();
  text(writer, OPSET_ID.domain, domain);
  integer(writer, OPSET_ID.version, version);
  return writer.finish();
}

/** Record of a TypeProto of a dense tensor, as a ValueInfoProto holds it. */
export function encodeTensorType({ dtype, dims }: Pick<ValueInfo, "dtype" | "dims">): Uint8Array {
  const writer = Writer.create();
  nested(writer, VALUE_INFO.type, (type) => {
    nested(type, TYPE.tensorType, (tensor) => {
      integer(tensor, TENSOR_TYPE.elemType, DTYPE_CODES[dtype ?? "undefined"]);
      if (dims !== undefined) {
        nested(tensor, TENSOR_TYPE.shape, (shape) => {
          for (const dim of dims) {
            nested(shape, SHAPE.dim, (inner) => {
              if (typeof dim === "number") {
                integer(inner, DIMENSION.value, dim);
              } else if (dim !== undefined) {
                text(inner, DIMENSION.param, dim);
              }
            });
          }
        });
      }
    });
  });
  return writer.finish();
}

/** Record of a ValueInfoProto's name. */
export function encodeValueName(name: string): Uint8Array {
  return Writer.create().uint32(tag(VALUE_INFO.name)).string(name).finish();
}

/** Body of an AttributeProto but one that holds a tensor or graphs. */
export function encodeAttribute(name: string, attribute: Attribute): Uint8Array {
  const writer = Writer.create();
  text(writer, ATTRIBUTE.name, name);
  switch (attribute.type) {
    case "float":
      writer.uint32(tag(ATTRIBUTE.f, FIXED32)).float(attribute.value);
      break;
    case "int":
      integer(writer, ATTRIBUTE.i, attribute.value);
      break;
    case "string":
      text(writer, ATTRIBUTE.s, attribute.value);
      break;
    case "floats":
      nested(writer, ATTRIBUTE.floats, (list) => {
        for (const value of attribute.value) {
          list.float(value);
        }
      });
      break;
    case "ints":
      nested(writer, ATTRIBUTE.ints, (list) => {
        for (const value of attribute.value) {
          list.int64(value);
        }
      });
      break;
    case "strings":
      for (const value of attribute.value) {
        text(writer, ATTRIBUTE.strings, value);
      }
      break;
    default:
      throw new ModelError("internal", `An attribute of type ${attribute.type} cannot be made anew.`);
  }
  integer(writer, ATTRIBUTE.type, ATTRIBUTE_TYPE[attribute.type]);
  return writer.finish();
}

/** Records of a TensorProto whose elements are in a side file. */
export function encodeExternal(place: {
  readonly location: string;
  readonly offset: number;
  readonly length: number;
}): Uint8Array {
  const writer = Writer.create();
  const { location, offset, length } = place;
  for (const [key, value] of Object.entries({ location, offset: String(offset), length: String(length) })) {
    nested(writer, TENSOR.externalData, (entry) => {
      text(entry, ENTRY.key, key);
      text(entry, ENTRY.value, value);
    });
  }
  integer(writer, TENSOR.dataLocation, EXTERNAL);
  return writer.finish();
}

/** Fields of an AttributeProto that holds a tensor, but for the tensor. */
export function encodeTensorAttribute(name: string): Uint8Array {
  const writer = Writer.create();
  text(writer, ATTRIBUTE.name, name);
  integer(writer, ATTRIBUTE.type, ATTRIBUTE_TYPE.tensor);
  return writer.finish();
}

/** A TensorProto in segments: its description, then its elements as they stream, or where they are in a side file. */
export function tensorSegments(
  tensor: TensorRef,
  external?: { readonly location: string; readonly offset: number },
): Segment[] {
  const length = byteLength(tensor);
  const writer = Writer.create();
  for (const dim of tensor.dims) {
    integer(writer, TENSOR.dims, dim);
  }
  integer(writer, TENSOR.dataType, DTYPE_CODES[tensor.dtype]);
  text(writer, TENSOR.name, tensor.name);
  if (external !== undefined) {
    const fields = [writer.finish(), encodeExternal({ ...external, length })];
    return fields.map((bytes): Segment => ({ kind: "bytes", bytes }));
  }
  writer.uint32(tag(TENSOR.rawData)).uint64(length);
  return [
    { kind: "bytes", bytes: writer.finish() },
    { kind: "tensor", tensor, byteLength: length },
  ];
}
