import { ModelError } from "../errors";
import { LIMITS } from "../limits";
import { FieldScanner } from "../wire/scanner";
import { FUNCTION, GRAPH } from "../wire/schema";
import type { Span } from "../wire/source";
import type { ReadContext } from "./readContext";
import { normalDomain, readNode } from "./readNode";
import { readOpset } from "./readOpset";
import { readSparseTensor, readTensor } from "./readTensor";
import { readValueInfo } from "./readValueInfo";
import type { FieldRecord, FunctionDef, Graph, Node, TensorRef, ValueInfo } from "./types";

interface Place {
  readonly path: string;
  readonly parent: Graph | undefined;
  readonly depth: number;
}

/** An empty graph at a place of the model; reading fills it, so that subgraphs can refer to it as their parent. */
function emptyGraph(name: string, place: Place, records: FieldRecord[], body?: Span): Graph {
  return {
    path: place.path,
    name,
    parent: place.parent,
    nodes: [],
    inputs: [],
    outputs: [],
    valueInfo: new Map(),
    initializers: new Map(),
    hidden: new Set(),
    records,
    ...(body === undefined ? {} : { body }),
  };
}

/** Reads a GraphProto with all its subgraphs. */
export function readGraph(context: ReadContext, span: Span, place: Place): Graph {
  if (place.depth > LIMITS.graphDepth) {
    throw new ModelError("limit", `${context.file} nests graphs more than ${LIMITS.graphDepth} deep.`, {
      file: context.file,
      offset: span.start,
    });
  }
  const records: FieldRecord[] = [];
  const graph = emptyGraph("", place, records, span);
  const scanner = new FieldScanner(context.cursor, span);
  while (scanner.advance()) {
    context.keep(scanner.start);
    records.push({ field: scanner.field, span: scanner.record });
    switch (scanner.field) {
      case GRAPH.name:
        graph.name = context.name(scanner.expectLength());
        break;
      case GRAPH.node:
        graph.nodes.push(readNodeIn(context, scanner.expectLength(), scanner.record, graph, place));
        break;
      case GRAPH.initializer:
        addTensor(context, graph, readTensor(context, scanner.expectLength(), scanner.record));
        break;
      case GRAPH.sparseInitializer: {
        const tensor = readSparseTensor(context, scanner.expectLength(), scanner.record);
        if (tensor === undefined) {
          graph.hidden?.add(scanner.start);
        } else {
          addTensor(context, graph, tensor);
        }
        break;
      }
      case GRAPH.input:
        graph.inputs.push(readValueInfo(context, scanner.expectLength(), scanner.record));
        break;
      case GRAPH.output:
        graph.outputs.push(readValueInfo(context, scanner.expectLength(), scanner.record));
        break;
      case GRAPH.valueInfo: {
        const info = readValueInfo(context, scanner.expectLength(), scanner.record);
        graph.valueInfo.set(info.name, info);
        break;
      }
    }
  }
  return graph;
}

function readNodeIn(context: ReadContext, span: Span, record: Span, graph: Graph, place: Place): Node {
  return readNode(context, span, record, (graphSpan, key, label) =>
    readGraph(context, graphSpan, {
      path: place.path === "" ? `${label}.${key}` : `${place.path}/${label}.${key}`,
      parent: graph,
      depth: place.depth + 1,
    }),
  );
}

function addTensor(context: ReadContext, graph: Graph, tensor: TensorRef): void {
  const earlier = graph.initializers.get(tensor.name);
  if (earlier !== undefined) {
    graph.hidden?.add(earlier.span!.start);
    context.problem({
      severity: "error",
      code: "malformed",
      message: `Two initializers are named ${tensor.name}; the last one is shown.`,
      where: { file: context.file, graph: graph.path, tensor: tensor.name },
    });
  }
  graph.initializers.set(tensor.name, tensor);
}

/** Reads a FunctionProto. */
export function readFunction(context: ReadContext, span: Span): FunctionDef {
  const records: FieldRecord[] = [];
  const inputs: string[] = [];
  const outputs: string[] = [];
  const attributes: string[] = [];
  const opsets = new Map<string, number>();
  const valueInfo = new Map<string, ValueInfo>();
  const nodes: { readonly span: Span; readonly record: Span }[] = [];
  let name = "";
  let domain = "";
  let overload = "";
  const scanner = new FieldScanner(context.cursor, span);
  while (scanner.advance()) {
    context.keep(scanner.start);
    records.push({ field: scanner.field, span: scanner.record });
    switch (scanner.field) {
      case FUNCTION.name:
        name = context.name(scanner.expectLength());
        break;
      case FUNCTION.domain:
        domain = normalDomain(context.name(scanner.expectLength()));
        break;
      case FUNCTION.overload:
        overload = context.name(scanner.expectLength());
        break;
      case FUNCTION.input:
        inputs.push(context.name(scanner.expectLength()));
        break;
      case FUNCTION.output:
        outputs.push(context.name(scanner.expectLength()));
        break;
      case FUNCTION.attribute:
        attributes.push(context.name(scanner.expectLength()));
        break;
      case FUNCTION.opsetImport: {
        const opset = readOpset(context, scanner.expectLength());
        opsets.set(opset.domain, opset.version);
        break;
      }
      case FUNCTION.valueInfo: {
        const info = readValueInfo(context, scanner.expectLength(), scanner.record);
        valueInfo.set(info.name, info);
        break;
      }
      case FUNCTION.node:
        nodes.push({ span: scanner.expectLength(), record: scanner.record });
        break;
    }
  }
  const place: Place = { path: `function ${domain}::${name}`, parent: undefined, depth: 0 };
  const graph = emptyGraph(name, place, records, span);
  graph.inputs.push(...inputs.map(untyped));
  graph.outputs.push(...outputs.map(untyped));
  for (const [key, info] of valueInfo) {
    graph.valueInfo.set(key, info);
  }
  graph.nodes = nodes.map((node) => readNodeIn(context, node.span, node.record, graph, place));
  return { domain, name, overload, inputs, outputs, attributes, opsets, graph };
}

function untyped(name: string): ValueInfo {
  return { name, kind: "unknown", dtype: undefined, dims: undefined, doc: "" };
}
