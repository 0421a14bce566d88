import { ModelError } from "../errors";
import { LIMITS } from "../limits";
import { byteLength } from "../tensor/reader";
import { Cursor } from "../wire/cursor";
import { FieldScanner } from "../wire/scanner";
import { ATTRIBUTE, EXTERNAL, FUNCTION, GRAPH, MODEL, NODE, TENSOR } from "../wire/schema";
import type { Span } from "../wire/source";
import { declarationRecords, opsetRecords, valueInfoRecords } from "./declarations";
import { encodeName, tensorSegments } from "./encode";
import { NewSideFile } from "./newSideFile";
import { attributeRecord, newNodeSegments } from "./nodeSegments";
import { relocatedInitializer } from "./relocate";
import { copy, merged, totalLength, wrapped } from "./segments";
import { graphsIn } from "./subgraphs";
import type { FieldRecord, FunctionDef, Graph, Model, Node, SavePlan, Segment, TensorRef } from "./types";

/** Smaller tensors stay in the model file even when the others have left it: onnxruntime needs some of them there. */
const EXTERNAL_FROM_BYTES = 1024;
export interface SaveOptions {
  /**
   * File for the elements of new tensors, relative to the model; used when the model has external data already, and for
   * all large initializers when the model file would otherwise pass 2 GiB.
   */
  readonly externalLocation?: string;
  /** All initializers with external data go into that file, so that no other is needed for them. */
  readonly gather?: boolean;
}

/**
 * What a save must write. Whatever no edit touched is copied verbatim, unknown fields included; with no edits the
 * plan is one range, the whole file.
 *
 * @throws ModelError("limit") when the file would pass the 2 GiB that protobuf readers accept
 */
export function planSave(model: Model, { externalLocation, gather = false }: SaveOptions = {}): SavePlan {
  const location = usesExternalData(model) ? externalLocation : undefined;
  const plan = new Planner(model, { location, gather, empty: false }).plan();
  if (plan.byteLength <= LIMITS.protobufBytes) {
    return plan;
  }
  const outside =
    externalLocation === undefined
      ? plan
      : new Planner(model, { location: externalLocation, gather, empty: true }).plan();
  if (outside.byteLength <= LIMITS.protobufBytes) {
    return { ...outside, outgrown: true };
  }
  throw new ModelError(
    "limit",
    `The saved file would have ${outside.byteLength} bytes without the weights that can be in side files; ONNX files end at 2 GiB.`,
    { file: model.source.name },
    "Undo what added to the model, or take a part of it with the action extractModel.",
  );
}

/**
 * True when the file keeps initializers in side files, also those that edits dropped since: a model whose last weight
 * of that kind was replaced may still be too large for one file.
 */
export function usesExternalData(model: Model): boolean {
  const { records, initializers } = model.graph;
  const kept = new Set<number>();
  for (const { data, span } of initializers.values()) {
    if (data.kind === "external") {
      return true;
    }
    if (span !== undefined) {
      kept.add(span.start);
    }
  }
  const cursor = new Cursor(model.source);
  return records.some(
    ({ field, span }) =>
      field === GRAPH.initializer && !kept.has(span.start) && isExternal(new FieldScanner(cursor, span)),
  );
}

/** @param record scanner of the whole record, tag and length included */
function isExternal(record: FieldScanner): boolean {
  record.advance();
  const scanner = record.inner();
  while (scanner.advance()) {
    if (scanner.field === TENSOR.dataLocation) {
      return scanner.value === EXTERNAL;
    }
  }
  return false;
}

class Planner {
  private readonly model: Model;
  private readonly cursor: Cursor;
  /** Where new tensors go; undefined when they go into the model file. */
  private readonly aside: NewSideFile | undefined;
  private readonly gather: boolean;
  private readonly empty: boolean;
  private readonly moved = new Set<TensorRef>();

  /**
   * @param options `gather`: initializers go from other side files into the new one; `empty`: so do those of the model
   * file
   */
  constructor(
    model: Model,
    options: { readonly location: string | undefined; readonly gather: boolean; readonly empty: boolean },
  ) {
    this.model = model;
    this.cursor = new Cursor(model.source);
    this.aside = options.location === undefined ? undefined : new NewSideFile(options.location);
    this.gather = options.gather;
    this.empty = options.empty;
  }

  plan(): SavePlan {
    const { model } = this;
    const functions = model.functions.values();
    const opsets = opsetRecords(model, this.cursor);
    const segments = merged([
      ...model.records.flatMap((record): Segment[] => {
        if (record.field === MODEL.graph) {
          const body = this.graphBody(model.graph);
          return body === undefined ? [copy(record.span)] : wrapped(MODEL.graph, body);
        }
        if (record.field === MODEL.functions) {
          const body = this.functionBody(functions.next().value as FunctionDef);
          return body === undefined ? [copy(record.span)] : wrapped(MODEL.functions, body);
        }
        return record.field === MODEL.opsetImport ? opsets.at(record) : [copy(record.span)];
      }),
      ...opsets.rest(),
    ]);
    return {
      segments,
      byteLength: totalLength(segments),
      sideFiles: this.aside?.plan ?? [],
      moved: this.moved,
      outgrown: false,
    };
  }

  /** Segments of a changed GraphProto's content; undefined when nothing in it or below it changed. */
  private graphBody(graph: Graph): Segment[] | undefined {
    const nodes = this.nodeRecords(graph, GRAPH.node);
    const tensors = new Map<number, TensorRef>();
    const added: TensorRef[] = [];
    for (const tensor of graph.initializers.values()) {
      if (tensor.span === undefined) {
        added.push(tensor);
      } else {
        tensors.set(tensor.span.start, tensor);
      }
    }
    const isDropped = ({ field, span }: FieldRecord) =>
      (field === GRAPH.initializer || field === GRAPH.sparseInitializer) &&
      !tensors.has(span.start) &&
      graph.hidden?.has(span.start) !== true;
    const dropped = graph.records.some(isDropped);
    const declared = declarationRecords(graph, this.cursor);
    const moves = [...tensors.values()].some((tensor) => this.moves(tensor));
    if (nodes === undefined && !dropped && !moves && added.length === 0 && declared.size === 0) {
      return undefined;
    }
    const body: Segment[] = [];
    const last = lastIndexes(graph.records, [GRAPH.node, GRAPH.initializer]);
    graph.records.forEach((record, index) => {
      const declarations = declared.get(record.field);
      if (record.field === GRAPH.node) {
        body.push(...(nodes === undefined ? [copy(record.span)] : (nodes.at.get(record.span.start) ?? [])));
      } else if (declarations !== undefined) {
        body.push(...declarations.at(record));
      } else if (!isDropped(record)) {
        body.push(...this.keptRecord(record, tensors.get(record.span.start)));
      }
      if (index === last.get(GRAPH.node)) {
        body.push(...(nodes?.trailing ?? []));
      }
      if (index === last.get(GRAPH.initializer)) {
        body.push(...added.flatMap((tensor) => this.newTensor(tensor)));
      }
    });
    if (!last.has(GRAPH.node)) {
      body.push(...(nodes?.trailing ?? []));
    }
    if (!last.has(GRAPH.initializer)) {
      body.push(...added.flatMap((tensor) => this.newTensor(tensor)));
    }
    for (const declarations of declared.values()) {
      body.push(...declarations.rest());
    }
    return merged(body);
  }

  private functionBody(definition: FunctionDef): Segment[] | undefined {
    const { graph } = definition;
    const nodes = this.nodeRecords(graph, FUNCTION.node);
    const declared = valueInfoRecords(graph, FUNCTION.valueInfo, this.cursor);
    if (nodes === undefined && declared === undefined) {
      return undefined;
    }
    const last = lastIndexes(graph.records, [FUNCTION.node]).get(FUNCTION.node);
    const at = (record: FieldRecord): readonly Segment[] => {
      if (record.field === FUNCTION.node && nodes !== undefined) {
        return nodes.at.get(record.span.start) ?? [];
      }
      return record.field === FUNCTION.valueInfo && declared !== undefined
        ? declared.at(record)
        : [copy(record.span)];
    };
    return merged([
      ...graph.records.flatMap((record, index) => [
        ...at(record),
        ...(index === last ? (nodes?.trailing ?? []) : []),
      ]),
      ...(declared?.rest() ?? []),
    ]);
  }

  /**
   * For each node record of the file what takes its place, new nodes in front of the one that follows them. Undefined
   * when all nodes are as the file has them.
   */
  private nodeRecords(
    graph: Graph,
    field: number,
  ):
    | { readonly at: ReadonlyMap<number, readonly Segment[]>; readonly trailing: readonly Segment[] }
    | undefined {
    const at = new Map<number, Segment[]>();
    let waiting: Segment[] = [];
    let changed = false;
    for (const node of graph.nodes) {
      const place = node.span ?? node.origin;
      const segments = this.nodeSegments(node, field);
      if (place === undefined) {
        changed = true;
        waiting.push(...segments);
        continue;
      }
      changed ||= segments.length !== 1 || segments[0]!.kind !== "copy";
      at.set(place.start, [...waiting, ...segments]);
      waiting = [];
    }
    const recorded = graph.records.filter((record) => record.field === field).length;
    return changed || recorded !== at.size ? { at, trailing: waiting } : undefined;
  }

  private nodeSegments(node: Node, field: number): Segment[] {
    if (node.span === undefined && node.origin === undefined) {
      return wrapped(field, newNodeSegments(node));
    }
    const graphs = new Map<string, readonly (Segment[] | undefined)[]>();
    for (const [name, attribute] of node.attributes) {
      const subgraphs = graphsIn(attribute);
      const bodies = subgraphs.map((subgraph) => this.graphBody(subgraph));
      if (bodies.some((body) => body !== undefined)) {
        graphs.set(name, bodies);
      }
    }
    return node.span !== undefined && graphs.size === 0
      ? [copy(node.span)]
      : wrapped(field, this.changedNode(node, graphs));
  }

  private changedNode(
    node: Node,
    graphs: ReadonlyMap<string, readonly (Segment[] | undefined)[]>,
  ): Segment[] {
    const body: Segment[] = [];
    const pending = new Set(node.changedAttributes ?? []);
    const writeInputs = once(node.origin !== undefined, () => body.push(...names(NODE.input, node.inputs)));
    const writeOutputs = once(node.outputsChanged === true, () =>
      body.push(...names(NODE.output, node.outputs)),
    );
    const scanner = this.inside((node.span ?? node.origin)!);
    while (scanner.advance()) {
      if (scanner.field === NODE.input && node.origin !== undefined) {
        writeInputs();
        continue;
      }
      if (scanner.field === NODE.output && node.outputsChanged === true) {
        writeOutputs();
        continue;
      }
      if (scanner.field !== NODE.attribute) {
        body.push(copy(scanner.record));
        continue;
      }
      const name = this.attributeName(scanner.span);
      const bodies = graphs.get(name);
      if (bodies !== undefined) {
        body.push(...wrapped(NODE.attribute, this.changedGraphAttribute(scanner.span, bodies)));
      } else if (!node.changedAttributes?.has(name)) {
        body.push(copy(scanner.record));
      } else if (pending.delete(name)) {
        body.push(...newAttribute(node, name));
      }
    }
    writeInputs();
    writeOutputs();
    body.push(...[...pending].flatMap((name) => newAttribute(node, name)));
    return merged(body);
  }

  private changedGraphAttribute(span: Span, bodies: readonly (Segment[] | undefined)[]): Segment[] {
    const scanner = new FieldScanner(this.cursor, span);
    const next = bodies.values();
    const segments: Segment[] = [];
    while (scanner.advance()) {
      const body =
        scanner.field === ATTRIBUTE.g || scanner.field === ATTRIBUTE.graphs ? next.next().value : undefined;
      segments.push(...(body === undefined ? [copy(scanner.record)] : wrapped(scanner.field, body)));
    }
    return segments;
  }

  private attributeName(span: Span): string {
    const scanner = new FieldScanner(this.cursor, span);
    while (scanner.advance()) {
      if (scanner.field === ATTRIBUTE.name) {
        return this.cursor.name(scanner.span);
      }
    }
    return "";
  }

  /** The fields inside a record whose tag and length are still in front. */
  private inside(record: Span): FieldScanner {
    const outer = new FieldScanner(this.cursor, record);
    outer.advance();
    return outer.inner();
  }

  private newTensor(tensor: TensorRef): Segment[] {
    return this.aside === undefined || byteLength(tensor) < EXTERNAL_FROM_BYTES
      ? wrapped(GRAPH.initializer, tensorSegments(tensor))
      : wrapped(GRAPH.initializer, tensorSegments(tensor, this.aside.put(tensor)));
  }

  private keptRecord({ span }: FieldRecord, tensor: TensorRef | undefined): Segment[] {
    if (this.aside === undefined || tensor === undefined || !this.moves(tensor)) {
      return [copy(span)];
    }
    this.moved.add(tensor);
    return relocatedInitializer(span, tensor, this.aside.put(tensor), this.cursor);
  }

  /** Whether an initializer of the file is to be in the new side file. */
  private moves(tensor: TensorRef): boolean {
    if (this.aside === undefined || tensor.sparse !== undefined || tensor.dtype === "string") {
      return false;
    }
    return tensor.data.kind === "external"
      ? this.gather
      : this.empty && byteLength(tensor) >= EXTERNAL_FROM_BYTES;
  }
}

/** `work`, done at the first call only, and never unless it is wanted. */
function once(wanted: boolean, work: () => void): () => void {
  let waiting = wanted;
  return () => {
    if (waiting) {
      waiting = false;
      work();
    }
  };
}

function names(field: number, values: readonly string[]): Segment[] {
  return values.map((value) => ({ kind: "bytes", bytes: encodeName(field, value) }));
}

function newAttribute(node: Node, name: string): Segment[] {
  const attribute = node.attributes.get(name);
  return attribute === undefined ? [] : attributeRecord(name, attribute);
}

function lastIndexes(records: readonly FieldRecord[], fields: readonly number[]): Map<number, number> {
  const last = new Map<number, number>();
  records.forEach(({ field }, index) => {
    if (fields.includes(field)) {
      last.set(field, index);
    }
  });
  return last;
}
