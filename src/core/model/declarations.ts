import type { Cursor } from "../wire/cursor";
import { FieldScanner } from "../wire/scanner";
import { GRAPH, MODEL, OPSET_ID, VALUE_INFO } from "../wire/schema";
import { encodeOpset, encodeTensorType, encodeValueName } from "./encode";
import { normalDomain } from "./readNode";
import { copy, wrapped } from "./segments";
import type { FieldRecord, Graph, Model, Segment, ValueInfo } from "./types";

/** What is written for the records of one field: at the place of each, and what is left when all are through. */
export interface Rewritten {
  readonly at: (record: FieldRecord) => Segment[];
  readonly rest: () => Segment[];
}

/** Graph inputs, outputs and value_info that differ from the file, by field; a field that does not differ is left out. */
export function declarationRecords(graph: Graph, cursor: Cursor): ReadonlyMap<number, Rewritten> {
  const rewritten = new Map<number, Rewritten>();
  for (const [field, list] of [
    [GRAPH.input, graph.inputs],
    [GRAPH.output, graph.outputs],
  ] as const) {
    if (!isAsRecorded(graph, field, list)) {
      let waiting: readonly ValueInfo[] = list;
      const rest = () => {
        const segments = waiting.flatMap((info) => infoRecord(field, info, cursor));
        waiting = [];
        return segments;
      };
      // All of them at the place of the first: their order is that of the list.
      rewritten.set(field, { at: rest, rest });
    }
  }
  const info = valueInfoRecords(graph, GRAPH.valueInfo, cursor);
  if (info !== undefined) {
    rewritten.set(GRAPH.valueInfo, info);
  }
  return rewritten;
}

function isAsRecorded(graph: Graph, field: number, list: readonly ValueInfo[]): boolean {
  const records = graph.records.filter((record) => record.field === field);
  return (
    records.length === list.length &&
    list.every(({ span }, position) => span?.start === records[position]!.span.start)
  );
}

/** What is declared of values in between, of a graph or a function; undefined when it is as in the file. */
export function valueInfoRecords(graph: Graph, field: number, cursor: Cursor): Rewritten | undefined {
  const records = graph.records.filter((record) => record.field === field);
  const starts = new Set([...graph.valueInfo.values()].map(({ span }) => span?.start));
  // An earlier record of a name that the file declares twice is no difference either.
  const isThere = (record: FieldRecord) =>
    starts.has(record.span.start) || graph.valueInfo.has(recordedName(record, cursor));
  if (!starts.has(undefined) && records.every(isThere)) {
    return undefined;
  }
  const pending = new Map([...graph.valueInfo].filter(([, { span }]) => span === undefined));
  return {
    at(record) {
      if (starts.has(record.span.start)) {
        return [copy(record.span)];
      }
      const name = recordedName(record, cursor);
      const fresh = pending.get(name);
      pending.delete(name);
      if (fresh !== undefined) {
        return infoRecord(field, fresh, cursor);
      }
      // An earlier record of a name that the file declares twice stays; one whose value is not declared any more goes.
      return graph.valueInfo.has(name) ? [copy(record.span)] : [];
    },
    rest: () => [...pending.values()].flatMap((info) => infoRecord(field, info, cursor)),
  };
}

function recordedName(record: FieldRecord, cursor: Cursor): string {
  const scanner = inside(record.span, cursor);
  let name = "";
  while (scanner.advance()) {
    if (scanner.field === VALUE_INFO.name) {
      name = cursor.name(scanner.span);
    }
  }
  return name;
}

function infoRecord(field: number, info: ValueInfo, cursor: Cursor): Segment[] {
  if (info.span !== undefined) {
    return [copy(info.span)];
  }
  const name: Segment = { kind: "bytes", bytes: encodeValueName(info.name) };
  const type = (): Segment => ({ kind: "bytes", bytes: encodeTensorType(info) });
  if (info.origin === undefined) {
    return wrapped(field, [name, type()]);
  }
  const body: Segment[] = [name, ...(info.typeChanged === true ? [type()] : [])];
  const scanner = inside(info.origin, cursor);
  while (scanner.advance()) {
    const isReplaced =
      scanner.field === VALUE_INFO.name || (scanner.field === VALUE_INFO.type && info.typeChanged === true);
    if (!isReplaced) {
      body.push(copy(scanner.record));
    }
  }
  return wrapped(field, body);
}

/** The operator sets that a model imports; records that say what is still true are copied. */
export function opsetRecords(model: Model, cursor: Cursor): Rewritten {
  const pending = new Map(model.opsets);
  const encoded = (domain: string, version: number) =>
    wrapped(MODEL.opsetImport, [{ kind: "bytes", bytes: encodeOpset(domain, version) }]);
  const lastOf = new Map<string, number>();
  for (const record of model.records) {
    if (record.field === MODEL.opsetImport) {
      const { domain, version } = recordedOpset(record, cursor);
      lastOf.set(normalDomain(domain), version);
    }
  }
  return {
    at(record) {
      const { domain } = recordedOpset(record, cursor);
      const key = normalDomain(domain);
      const wanted = model.opsets.get(key);
      pending.delete(key);
      if (wanted === undefined) {
        return [];
      }
      return lastOf.get(key) === wanted ? [copy(record.span)] : encoded(domain, wanted);
    },
    rest: () => [...pending].flatMap(([domain, version]) => encoded(domain, version)),
  };
}

function recordedOpset(
  record: FieldRecord,
  cursor: Cursor,
): { readonly domain: string; readonly version: number } {
  const scanner = inside(record.span, cursor);
  let domain = "";
  let version = 0;
  while (scanner.advance()) {
    if (scanner.field === OPSET_ID.domain) {
      domain = cursor.name(scanner.span);
    } else if (scanner.field === OPSET_ID.version) {
      version = scanner.expectVarint();
    }
  }
  return { domain, version };
}

/** The fields inside a record whose tag and length are still in front. */
function inside(record: FieldRecord["span"], cursor: Cursor): FieldScanner {
  const outer = new FieldScanner(cursor, record);
  outer.advance();
  return outer.inner();
}
