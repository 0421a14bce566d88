import { readFileSync } from "node:fs";
import protobuf from "protobufjs";
import { report } from "../figures";

/** The messages that make up nearly all of a model; the rest stays as unknown bytes. */
const SCHEMA = `
  syntax = "proto2";
  message ModelProto { optional int64 ir_version = 1; optional string producer_name = 2; optional GraphProto graph = 7; }
  message GraphProto {
    repeated NodeProto node = 1; optional string name = 2; repeated TensorProto initializer = 5;
    repeated ValueInfoProto input = 11; repeated ValueInfoProto output = 12;
  }
  message NodeProto {
    repeated string input = 1; repeated string output = 2; optional string name = 3; optional string op_type = 4;
    repeated AttributeProto attribute = 5;
  }
  message AttributeProto {
    optional string name = 1; optional float f = 2; optional int64 i = 3; optional bytes s = 4;
    repeated float floats = 7; repeated int64 ints = 8; optional int32 type = 20;
  }
  message TensorProto {
    repeated int64 dims = 1; optional int32 data_type = 2; optional string name = 8; optional bytes raw_data = 9;
  }
  message ValueInfoProto { optional string name = 1; optional bytes type = 2; }
`;

const started = performance.now();
const bytes = readFileSync(process.argv[2]!);
const read = performance.now();
const { root } = protobuf.parse(SCHEMA);
const model = root.lookupType("ModelProto").decode(bytes) as unknown as {
  readonly graph: { readonly node: readonly unknown[] };
};
const decoded = performance.now();
report({
  nodes: model.graph.node.length,
  startMs: started,
  readMs: read - started,
  decodeMs: decoded - read,
  openToNodesMs: decoded - started,
  processToNodesMs: decoded,
  bytesRead: bytes.length,
});
