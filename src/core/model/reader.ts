import { ModelError } from "../errors";
import { Cursor } from "../wire/cursor";
import { FieldScanner } from "../wire/scanner";
import { MODEL } from "../wire/schema";
import type { ByteSource } from "../wire/source";
import { checkGraphs } from "./checks";
import { LazyMetadata, readEntry } from "./metadata";
import { ReadContext } from "./readContext";
import { readFunction, readGraph } from "./readGraph";
import { normalDomain } from "./readNode";
import { readOpset } from "./readOpset";
import { refuseOtherKinds } from "./sniff";
import type { FieldRecord, FunctionDef, Graph, Model } from "./types";

/** Newest IR version whose every field is understood; later ones open with a Problem. */
const NEWEST_IR = 13;

/**
 * Reads the structure of a model: every node, initializer, value info and function with the bytes that it came from.
 * Weights are not read, whatever their size.
 *
 * @throws ModelError when the bytes are not an ONNX model at all; what is wrong in part becomes `problems`
 */
export function readModel(
  source: ByteSource,
  options: { readonly onProgress?: (fraction: number) => void } = {},
): Model {
  refuseOtherKinds(source);
  let reported = 0;
  const context = new ReadContext(new Cursor(source), (offset) => {
    if (offset - reported > source.size / 50) {
      reported = offset;
      options.onProgress?.(offset / source.size);
    }
  });
  const records: FieldRecord[] = [];
  const opsets = new Map<string, number>();
  const metadata = new Map<string, { start: number; end: number }>();
  const functions: FunctionDef[] = [];
  const header = {
    irVersion: 0,
    producerName: "",
    producerVersion: "",
    domain: "",
    modelVersion: 0,
    doc: "",
  };
  let graph: Graph | undefined;
  const scanner = new FieldScanner(context.cursor, { start: 0, end: source.size });
  while (scanner.advance()) {
    context.keep(scanner.start);
    records.push({ field: scanner.field, span: scanner.record });
    switch (scanner.field) {
      case MODEL.irVersion:
        header.irVersion = scanner.expectVarint();
        break;
      case MODEL.producerName:
        header.producerName = context.name(scanner.expectLength());
        break;
      case MODEL.producerVersion:
        header.producerVersion = context.name(scanner.expectLength());
        break;
      case MODEL.domain:
        header.domain = context.name(scanner.expectLength());
        break;
      case MODEL.modelVersion:
        header.modelVersion = scanner.expectVarint();
        break;
      case MODEL.docString:
        header.doc = context.prose(scanner.expectLength());
        break;
      case MODEL.graph:
        if (graph !== undefined) {
          throw new ModelError(
            "malformed",
            `${source.name} holds a second graph at byte ${scanner.start}.`,
            { file: source.name, offset: scanner.start },
            "An ONNX model has one graph: export it again.",
          );
        }
        graph = readGraph(context, scanner.expectLength(), { path: "", parent: undefined, depth: 0 });
        break;
      case MODEL.opsetImport: {
        const opset = readOpset(context, scanner.expectLength());
        opsets.set(normalDomain(opset.domain), opset.version);
        break;
      }
      case MODEL.metadataProps: {
        const entry = readEntry(context, scanner.expectLength());
        metadata.set(entry.key, entry.value);
        break;
      }
      case MODEL.functions:
        functions.push(readFunction(context, scanner.expectLength()));
        break;
    }
  }
  if (graph === undefined) {
    throw new ModelError(
      "malformed",
      `${source.name} holds no graph, so it is not an ONNX model.`,
      { file: source.name, offset: 0 },
      "Check that this is the file you mean; export it again if it is.",
    );
  }
  const model: Model = {
    source,
    ...header,
    opsets,
    metadata: new LazyMetadata(context, metadata),
    graph,
    functions,
    records,
    problems: context.problems,
    nextNodeId: context.nodes,
  };
  checkHeader(context, model);
  checkGraphs(context, model);
  return model;
}

function checkHeader(context: ReadContext, model: Model): void {
  if (model.irVersion > NEWEST_IR) {
    context.problem({
      severity: "warning",
      code: "unsupported",
      message: `The model has IR version ${model.irVersion}; versions up to ${NEWEST_IR} are known. What is new in it is kept, but not shown.`,
      where: { file: context.file },
    });
  }
  if (model.opsets.size === 0) {
    context.problem({
      severity: "error",
      code: "malformed",
      message:
        "The model imports no operator set, so the meaning of its operators is not certain; opset 1 is assumed.",
      where: { file: context.file },
    });
  }
}
