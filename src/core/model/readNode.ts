import { FIXED32, FieldScanner } from "../wire/scanner";
import { ATTRIBUTE, ATTRIBUTE_TYPE, NODE } from "../wire/schema";
import type { Span } from "../wire/source";
import { LazyMetadata, readEntry } from "./metadata";
import type { ReadContext } from "./readContext";
import { readTensor } from "./readTensor";
import type { Attribute, Graph, Node, TensorRef } from "./types";

/** Reads a subgraph in an attribute; given by the graph reader, which in turn reads nodes. */
export type ReadSubgraph = (span: Span, attributeName: string, nodeLabel: string) => Graph;

const NO_METADATA: ReadonlyMap<string, string> = new Map();

/** Reads a NodeProto. Subgraphs are read after the node's own fields, so that their paths can carry its name. */
export function readNode(context: ReadContext, span: Span, record: Span, readSubgraph: ReadSubgraph): Node {
  const scanner = new FieldScanner(context.cursor, span);
  const inputs: string[] = [];
  const outputs: string[] = [];
  const attributeSpans: Span[] = [];
  let metadata: Map<string, Span> | undefined;
  let name = "";
  let opType = "";
  let domain = "";
  let overload = "";
  let doc = "";
  const id = context.nextNodeId(span.start);
  while (scanner.advance()) {
    switch (scanner.field) {
      case NODE.input:
        inputs.push(context.name(scanner.expectLength()));
        break;
      case NODE.output:
        outputs.push(context.name(scanner.expectLength()));
        break;
      case NODE.name:
        name = context.name(scanner.expectLength());
        break;
      case NODE.opType:
        opType = context.name(scanner.expectLength());
        break;
      case NODE.domain:
        domain = normalDomain(context.name(scanner.expectLength()));
        break;
      case NODE.overload:
        overload = context.name(scanner.expectLength());
        break;
      case NODE.docString:
        doc = context.prose(scanner.expectLength());
        break;
      case NODE.attribute:
        context.keep(scanner.start);
        attributeSpans.push(scanner.expectLength());
        break;
      case NODE.metadataProps: {
        const entry = readEntry(context, scanner.expectLength());
        metadata ??= new Map();
        metadata.set(entry.key, entry.value);
        break;
      }
    }
  }
  const label = name || outputs.find((output) => output !== "") || `${opType}_${id}`;
  const attributes = new Map<string, Attribute>();
  for (const attributeSpan of attributeSpans) {
    const [attributeName, attribute] = readAttribute(context, attributeSpan, (graphSpan, key) =>
      readSubgraph(graphSpan, key, label),
    );
    attributes.set(attributeName, attribute);
  }
  return {
    id,
    name,
    domain,
    opType,
    overload,
    inputs,
    outputs,
    attributes,
    metadata: metadata === undefined ? NO_METADATA : new LazyMetadata(context, metadata),
    doc,
    span: record,
  };
}

/** "ai.onnx" is the long form of the default domain. */
export function normalDomain(domain: string): string {
  return domain === "ai.onnx" ? "" : domain;
}

function readAttribute(
  context: ReadContext,
  span: Span,
  readSubgraph: (span: Span, key: string) => Graph,
): [string, Attribute] {
  const scanner = new FieldScanner(context.cursor, span);
  const floats: number[] = [];
  const ints: number[] = [];
  const strings: string[] = [];
  const tensors: TensorRef[] = [];
  const graphSpans: Span[] = [];
  let name = "";
  let typeCode = 0;
  let float = 0;
  let int = 0;
  let text = "";
  let tensor: Span | undefined;
  let graph: Span | undefined;
  let refAttrName: string | undefined;
  let seen = 0;
  while (scanner.advance()) {
    switch (scanner.field) {
      case ATTRIBUTE.name:
        name = context.name(scanner.expectLength());
        break;
      case ATTRIBUTE.type:
        typeCode = scanner.expectVarint();
        break;
      case ATTRIBUTE.f:
        float = scanner.wire === FIXED32 ? context.cursor.float32(scanner.valueStart) : 0;
        seen ||= ATTRIBUTE_TYPE.float;
        break;
      case ATTRIBUTE.i:
        int = scanner.expectVarint();
        seen ||= ATTRIBUTE_TYPE.int;
        break;
      case ATTRIBUTE.s:
        text = context.prose(scanner.expectLength());
        seen ||= ATTRIBUTE_TYPE.string;
        break;
      case ATTRIBUTE.t:
        tensor = scanner.expectLength();
        seen ||= ATTRIBUTE_TYPE.tensor;
        break;
      case ATTRIBUTE.g:
        graph = scanner.expectLength();
        seen ||= ATTRIBUTE_TYPE.graph;
        break;
      case ATTRIBUTE.floats:
        readFloats(context, scanner, floats);
        seen ||= ATTRIBUTE_TYPE.floats;
        break;
      case ATTRIBUTE.ints:
        for (const value of scanner.varints()) {
          context.keep(span.start);
          ints.push(value);
        }
        seen ||= ATTRIBUTE_TYPE.ints;
        break;
      case ATTRIBUTE.strings:
        strings.push(context.prose(scanner.expectLength()));
        seen ||= ATTRIBUTE_TYPE.strings;
        break;
      case ATTRIBUTE.tensors:
        tensors.push(readTensor(context, scanner.expectLength()));
        seen ||= ATTRIBUTE_TYPE.tensors;
        break;
      case ATTRIBUTE.graphs:
        context.keep(scanner.start);
        graphSpans.push(scanner.expectLength());
        seen ||= ATTRIBUTE_TYPE.graphs;
        break;
      case ATTRIBUTE.refAttrName:
        refAttrName = context.name(scanner.expectLength());
        break;
    }
  }
  if (refAttrName !== undefined && refAttrName !== "") {
    return [name, { type: "other", typeCode, refAttrName }];
  }
  // Files of the first IR versions do not write the type; the field that is there tells it.
  switch (typeCode || seen) {
    case ATTRIBUTE_TYPE.float:
      return [name, { type: "float", value: float }];
    case ATTRIBUTE_TYPE.int:
      return [name, { type: "int", value: int }];
    case ATTRIBUTE_TYPE.string:
      return [name, { type: "string", value: text }];
    case ATTRIBUTE_TYPE.tensor:
      return tensor === undefined
        ? [name, { type: "other", typeCode }]
        : [name, { type: "tensor", value: readTensor(context, tensor) }];
    case ATTRIBUTE_TYPE.graph:
      return graph === undefined
        ? [name, { type: "other", typeCode }]
        : [name, { type: "graph", value: readSubgraph(graph, name) }];
    case ATTRIBUTE_TYPE.floats:
      return [name, { type: "floats", value: floats }];
    case ATTRIBUTE_TYPE.ints:
      return [name, { type: "ints", value: ints }];
    case ATTRIBUTE_TYPE.strings:
      return [name, { type: "strings", value: strings }];
    case ATTRIBUTE_TYPE.tensors:
      return [name, { type: "tensors", value: tensors }];
    case ATTRIBUTE_TYPE.graphs:
      return [
        name,
        {
          type: "graphs",
          value: graphSpans.map((graphSpan, index) => readSubgraph(graphSpan, `${name}.${index}`)),
        },
      ];
    default:
      return [name, { type: "other", typeCode }];
  }
}

function readFloats(context: ReadContext, scanner: FieldScanner, into: number[]): void {
  if (scanner.wire === FIXED32) {
    context.keep(scanner.start);
    into.push(context.cursor.float32(scanner.valueStart));
    return;
  }
  const { start, end } = scanner.expectLength();
  context.keep(start, (end - start) / 4);
  for (let at = start; at + 4 <= end; at += 4) {
    into.push(context.cursor.float32(at));
  }
}
