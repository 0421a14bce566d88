import { LIMITS } from "../limits";
import { bitsPerElement, type DType, dtypeFromCode, packedBytes } from "../tensor/dtype";
import { FieldScanner, LENGTH } from "../wire/scanner";
import { EXTERNAL, SPARSE_TENSOR, TENSOR } from "../wire/schema";
import type { Span } from "../wire/source";
import { readEntry } from "./metadata";
import type { ReadContext } from "./readContext";
import type { TensorData, TensorRef } from "./types";

type TypedField = 4 | 5 | 6 | 7 | 10 | 11;
const TYPED_FIELDS = new Set<number>([
  TENSOR.floatData,
  TENSOR.int32Data,
  TENSOR.stringData,
  TENSOR.int64Data,
  TENSOR.doubleData,
  TENSOR.uint64Data,
]);

/**
 * Reads a TensorProto's description; of its elements only the place.
 *
 * @param record the whole field, for an initializer
 */
export function readTensor(context: ReadContext, span: Span, record?: Span): TensorRef {
  context.countTensor(span.start);
  const scanner = new FieldScanner(context.cursor, span);
  const dims: number[] = [];
  const pieces: (Span & { packed: boolean })[] = [];
  const external = new Map<string, string>();
  let name = "";
  let code = 0;
  let typed: TypedField | undefined;
  let raw: Span | undefined;
  let isExternal = false;
  while (scanner.advance()) {
    const { field } = scanner;
    if (field === TENSOR.dims) {
      for (const dim of scanner.varints()) {
        context.demand(dims.length < LIMITS.rank, "axes in one tensor", LIMITS.rank, scanner.start);
        dims.push(dim);
      }
    } else if (field === TENSOR.dataType) {
      code = scanner.expectVarint();
    } else if (field === TENSOR.name) {
      name = context.name(scanner.expectLength());
    } else if (field === TENSOR.rawData) {
      raw = scanner.expectLength();
    } else if (field === TENSOR.externalData) {
      const entry = readEntry(context, scanner.expectLength());
      external.set(entry.key, context.name(entry.value));
    } else if (field === TENSOR.dataLocation) {
      isExternal = scanner.expectVarint() === EXTERNAL;
    } else if (TYPED_FIELDS.has(field)) {
      typed = field as TypedField;
      context.keep(scanner.start);
      pieces.push({ start: scanner.valueStart, end: scanner.end, packed: scanner.wire === LENGTH });
    }
  }
  const dtype = elementType(context, code, name, span);
  const data: TensorData = isExternal
    ? externalData(context, external, name)
    : raw !== undefined
      ? { kind: "stored", spans: [{ ...raw, packed: true }], encoding: { kind: "raw" } }
      : typed !== undefined
        ? { kind: "stored", spans: pieces, encoding: { kind: "typed", field: typed } }
        : { kind: "stored", spans: [], encoding: { kind: "raw" } };
  const tensor: TensorRef = { name, dtype, dims, data, ...(record === undefined ? {} : { span: record }) };
  checkSize(context, tensor);
  return tensor;
}

/** A SparseTensorProto as the tensor of its values with its indices beside. */
export function readSparseTensor(context: ReadContext, span: Span, record: Span): TensorRef | undefined {
  const scanner = new FieldScanner(context.cursor, span);
  const dims: number[] = [];
  let values: TensorRef | undefined;
  let indices: TensorRef | undefined;
  while (scanner.advance()) {
    if (scanner.field === SPARSE_TENSOR.values) {
      values = readTensor(context, scanner.expectLength());
    } else if (scanner.field === SPARSE_TENSOR.indices) {
      indices = readTensor(context, scanner.expectLength());
    } else if (scanner.field === SPARSE_TENSOR.dims) {
      for (const dim of scanner.varints()) {
        context.demand(dims.length < LIMITS.rank, "axes in one tensor", LIMITS.rank, scanner.start);
        dims.push(dim);
      }
    }
  }
  if (values === undefined || indices === undefined) {
    context.problem({
      severity: "warning",
      code: "malformed",
      message: `A sparse initializer at byte ${record.start} lacks its values or its indices.`,
      where: { file: context.file, offset: record.start },
    });
    return undefined;
  }
  return { ...values, dims, span: record, sparse: { indices } };
}

function elementType(context: ReadContext, code: number, name: string, span: Span): DType {
  const dtype = dtypeFromCode(code);
  if (dtype === undefined || dtype === "undefined") {
    context.problem({
      severity: "warning",
      code: "unsupported",
      message: `Tensor ${name} has the element type ${code}, which is not known; its size and content are not shown.`,
      where: { file: context.file, offset: span.start, tensor: name },
    });
    return "undefined";
  }
  return dtype;
}

/** Where a tensor lies that says it wrongly: no file reaches so far, so that no wrong bytes are taken for weights. */
const NOWHERE = Number.MAX_SAFE_INTEGER;

function externalData(context: ReadContext, entries: ReadonlyMap<string, string>, name: string): TensorData {
  const location = entries.get("location") ?? "";
  if (location === "") {
    context.problem({
      severity: "error",
      code: "malformed",
      message: `Tensor ${name} is said to be in an external file, but no file is named.`,
      where: { file: context.file, tensor: name },
    });
  }
  const offset = externalSize(context, entries, "offset", name);
  const length = externalSize(context, entries, "length", name);
  return { kind: "external", location, offset: length === NOWHERE ? NOWHERE : (offset ?? 0), length };
}

function externalSize(
  context: ReadContext,
  entries: ReadonlyMap<string, string>,
  key: "offset" | "length",
  name: string,
): number | undefined {
  const text = entries.get(key);
  if (text === undefined) {
    return undefined;
  }
  const value = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(value)) {
    return value;
  }
  context.problem({
    severity: "error",
    code: "malformed",
    message: `Tensor ${name} gives the external ${key} "${text.slice(0, 40)}", which is not a size.`,
    where: { file: context.file, tensor: name },
    hint: "Its weights cannot be read; structure and shapes are shown all the same.",
  });
  return NOWHERE;
}

/** A tensor that claims more elements than its bytes can hold would mislead every later step. */
function checkSize(context: ReadContext, { name, dtype, dims, data }: TensorRef): void {
  const negative = dims.some((dim) => dim < 0);
  const needed = packedBytes(
    dtype,
    dims.reduce((product, dim) => product * dim, 1),
  );
  if (!negative && Number.isSafeInteger(needed) && !lacks(data, dtype, needed)) {
    return;
  }
  context.problem({
    severity: "error",
    code: "malformed",
    message: negative
      ? `Tensor ${name} has a negative dim: [${dims.join(", ")}].`
      : `Tensor ${name} of shape [${dims.join(", ")}] does not have the ${needed} bytes of elements that it needs.`,
    where: { file: context.file, tensor: name },
    hint: "The weights cannot be read; structure and shapes are shown all the same.",
  });
}

function lacks(data: TensorData, dtype: DType, needed: number): boolean {
  if (bitsPerElement(dtype) === 0 || needed === 0) {
    return false;
  }
  if (data.kind === "external") {
    return data.length !== undefined && data.length < needed;
  }
  return (
    data.kind === "stored" &&
    data.encoding.kind === "raw" &&
    (data.spans[0]?.end ?? 0) - (data.spans[0]?.start ?? 0) < needed
  );
}
