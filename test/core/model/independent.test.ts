import { readFileSync } from "node:fs";
import { onnx } from "onnx-proto";
import { describe, expect, test } from "vitest";
import { readModel } from "../../../src/core/model/reader";
import type { Attribute, Graph, TensorRef, ValueInfo } from "../../../src/core/model/types";
import { DTYPE_CODES } from "../../../src/core/tensor/dtype";
import { TensorReader } from "../../../src/core/tensor/reader";
import { FIXTURES } from "../../support/fixtures";
import { expectSame } from "../../support/modelContent";
import { memoryFiles, memorySource } from "../../support/sources";

/**
 * The structure of every fixture as the npm package onnx-proto decodes it, against ours. The package stops at IR 8, so
 * metadata and overloads are not compared here.
 */
describe.each(FIXTURES)("$name", ({ path }) => {
  const bytes = readFileSync(path);
  const source = memorySource(bytes);
  const model = readModel(source);
  const reader = new TensorReader(source, memoryFiles({}));
  const proto = onnx.ModelProto.decode(bytes);

  test("header", () => {
    expect({
      irVersion: model.irVersion,
      producer: model.producerName,
      version: model.producerVersion,
      opsets: [...model.opsets],
      metadata: [...model.metadata],
      functions: model.functions.map(({ domain, name }) => [domain, name]),
    }).toEqual({
      irVersion: Number(proto.irVersion),
      producer: proto.producerName,
      version: proto.producerVersion,
      opsets: proto.opsetImport.map(({ domain, version }) => [plainDomain(domain), Number(version)]),
      metadata: proto.metadataProps.map(({ key, value }) => [key, value]),
      functions: proto.functions.map(({ domain, name }) => [plainDomain(domain), name]),
    });
  });

  test("graph", () => {
    expectSame(graphOf(model.graph, reader), graphOfProto(proto.graph as onnx.GraphProto));
  });

  test("functions", () => {
    expect(
      model.functions.map(({ inputs, outputs, attributes, graph }) => ({
        ...{ inputs, outputs, attributes },
        nodes: graphOf(graph, reader).nodes,
      })),
    ).toEqual(
      proto.functions.map(({ input, output, attribute, node }) => ({
        ...{ inputs: input, outputs: output, attributes: attribute },
        nodes: (node ?? []).map(nodeOfProto),
      })),
    );
  });
});

interface PlainGraph {
  readonly name: string;
  readonly nodes: readonly unknown[];
  readonly inputs: readonly unknown[];
  readonly outputs: readonly unknown[];
  readonly values: readonly unknown[];
  readonly initializers: readonly unknown[];
}

function graphOf(graph: Graph, reader: TensorReader): PlainGraph {
  return {
    name: graph.name,
    nodes: graph.nodes.map(({ name, opType, domain, inputs, outputs, doc, attributes }) => ({
      ...{ name, opType, domain, inputs, outputs, doc },
      attributes: [...attributes].map(([key, attribute]) => [key, attributeOf(attribute, reader)]),
    })),
    inputs: graph.inputs.map(declarationOf),
    outputs: graph.outputs.map(declarationOf),
    values: [...graph.valueInfo.values()].map(declarationOf),
    initializers: [...graph.initializers.values()].map((tensor) => tensorOf(tensor, reader)),
  };
}

function attributeOf(attribute: Attribute, reader: TensorReader): unknown {
  switch (attribute.type) {
    case "tensor":
      return tensorOf(attribute.value, reader);
    case "graph":
      return graphOf(attribute.value, reader);
    case "tensors":
      return attribute.value.map((tensor) => tensorOf(tensor, reader));
    case "graphs":
      return attribute.value.map((graph) => graphOf(graph, reader));
    case "other":
      return { code: attribute.typeCode, reference: attribute.refAttrName ?? "" };
    default:
      return attribute.value;
  }
}

function declarationOf({ name, kind, dtype, dims, doc }: ValueInfo): unknown {
  return { name, kind, code: dtype === undefined ? 0 : DTYPE_CODES[dtype], dims, doc };
}

function tensorOf(tensor: TensorRef, reader: TensorReader): unknown {
  const { name, dtype, dims, data } = tensor;
  return {
    name,
    code: DTYPE_CODES[dtype],
    dims,
    elements:
      data.kind === "external"
        ? { location: data.location, offset: data.offset, length: data.length }
        : Buffer.concat(Array.from(reader.raw(tensor), (chunk) => chunk.slice())).toString("base64"),
  };
}

function graphOfProto(graph: onnx.IGraphProto): PlainGraph {
  return {
    name: graph.name ?? "",
    nodes: (graph.node ?? []).map(nodeOfProto),
    inputs: (graph.input ?? []).map(valueOfProto),
    outputs: (graph.output ?? []).map(valueOfProto),
    values: (graph.valueInfo ?? []).map(valueOfProto),
    initializers: (graph.initializer ?? []).map(tensorOfProto),
  };
}

function nodeOfProto(node: onnx.INodeProto): unknown {
  return {
    name: node.name ?? "",
    opType: node.opType ?? "",
    domain: plainDomain(node.domain),
    inputs: node.input,
    outputs: node.output,
    doc: node.docString ?? "",
    attributes: (node.attribute ?? []).map((attribute) => [attribute.name, attributeOfProto(attribute)]),
  };
}

function attributeOfProto(attribute: onnx.IAttributeProto): unknown {
  if (attribute.refAttrName) {
    return { code: attribute.type, reference: attribute.refAttrName };
  }
  const { AttributeType } = onnx.AttributeProto;
  switch (attribute.type) {
    case AttributeType.FLOAT:
      return attribute.f;
    case AttributeType.INT:
      return Number(attribute.i);
    case AttributeType.STRING:
      return Buffer.from(attribute.s ?? []).toString("utf8");
    case AttributeType.TENSOR:
      return tensorOfProto(attribute.t!);
    case AttributeType.GRAPH:
      return graphOfProto(attribute.g!);
    case AttributeType.FLOATS:
      return attribute.floats;
    case AttributeType.INTS:
      return (attribute.ints ?? []).map(Number);
    case AttributeType.STRINGS:
      return (attribute.strings ?? []).map((text) => Buffer.from(text).toString("utf8"));
    default:
      throw new Error(`The fixtures have an attribute of type ${attribute.type}: compare it here.`);
  }
}

function valueOfProto(value: onnx.IValueInfoProto): unknown {
  const [kind, tensor] = typeOfProto(value.type);
  return {
    name: value.name ?? "",
    kind,
    code: tensor?.elemType ?? 0,
    dims: tensor?.shape?.dim?.map(
      (dim) =>
        // Fields that the file does not have are only on the prototype.
        dim.dimParam || (Object.hasOwn(dim, "dimValue") ? Number(dim.dimValue) : undefined),
    ),
    doc: value.docString ?? "",
  };
}

function typeOfProto(
  type: onnx.ITypeProto | null | undefined,
): [kind: string, tensor: onnx.TypeProto.ITensor | undefined] {
  if (type?.tensorType) {
    return ["tensor", type.tensorType];
  }
  const outer = type?.sequenceType ? "sequence" : type?.optionalType ? "optional" : undefined;
  if (outer === undefined) {
    return [type?.mapType ? "map" : "unknown", undefined];
  }
  const [inner, tensor] = typeOfProto(type?.sequenceType?.elemType ?? type?.optionalType?.elemType);
  return [outer === "optional" && inner === "sequence" ? "optional sequence" : outer, tensor];
}

function tensorOfProto(tensor: onnx.ITensorProto): unknown {
  const external = new Map((tensor.externalData ?? []).map(({ key, value }) => [key, value]));
  const length = external.get("length");
  return {
    name: tensor.name ?? "",
    code: tensor.dataType ?? 0,
    dims: (tensor.dims ?? []).map(Number),
    elements:
      tensor.dataLocation === onnx.TensorProto.DataLocation.EXTERNAL
        ? {
            location: external.get("location"),
            offset: Number(external.get("offset") ?? 0),
            length: length === undefined ? undefined : Number(length),
          }
        : elementsOfProto(tensor).toString("base64"),
  };
}

function elementsOfProto(tensor: onnx.ITensorProto): Buffer {
  if (tensor.rawData && tensor.rawData.length > 0) {
    return Buffer.from(tensor.rawData);
  }
  if (tensor.int64Data && tensor.int64Data.length > 0) {
    return Buffer.from(BigInt64Array.from(tensor.int64Data.map((value) => BigInt(String(value)))).buffer);
  }
  if (tensor.int32Data && tensor.int32Data.length > 0) {
    const elements = Buffer.from(Int32Array.from(tensor.int32Data).buffer);
    const width = WIDTHS[tensor.dataType ?? 0] ?? 4;
    return Buffer.from(elements.filter((_, index) => index % 4 < width));
  }
  return Buffer.from(Float32Array.from(tensor.floatData ?? []).buffer);
}

/** Bytes of the types that int32_data holds besides int32, by TensorProto.DataType. */
const WIDTHS: { readonly [type: number]: number } = { 2: 1, 3: 1, 4: 2, 5: 2, 9: 1, 10: 2, 16: 2 };

function plainDomain(domain: string | null | undefined): string {
  return domain === "ai.onnx" ? "" : (domain ?? "");
}
