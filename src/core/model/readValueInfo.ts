import { ModelError } from "../errors";
import { LIMITS } from "../limits";
import { type DType, dtypeFromCode } from "../tensor/dtype";
import { FieldScanner } from "../wire/scanner";
import { DIMENSION, ELEMENT_TYPE, SHAPE, TENSOR_TYPE, TYPE, VALUE_INFO } from "../wire/schema";
import type { Span } from "../wire/source";
import type { ReadContext } from "./readContext";
import type { DeclaredDim, ValueInfo } from "./types";

type DeclaredType = Pick<ValueInfo, "kind" | "dtype" | "dims">;

const UNKNOWN: DeclaredType = { kind: "unknown", dtype: undefined, dims: undefined };

/** Reads a ValueInfoProto. */
export function readValueInfo(context: ReadContext, span: Span, record: Span): ValueInfo {
  const scanner = new FieldScanner(context.cursor, span);
  let name = "";
  let doc = "";
  let type = UNKNOWN;
  while (scanner.advance()) {
    if (scanner.field === VALUE_INFO.name) {
      name = context.name(scanner.expectLength());
    } else if (scanner.field === VALUE_INFO.type) {
      type = readType(context, scanner.expectLength(), 0);
    } else if (scanner.field === VALUE_INFO.docString) {
      doc = context.prose(scanner.expectLength());
    }
  }
  return { name, doc, span: record, ...type };
}

function readType(context: ReadContext, span: Span, depth: number): DeclaredType {
  if (depth > LIMITS.typeDepth) {
    throw new ModelError("limit", `${context.file} nests types more than ${LIMITS.typeDepth} deep.`, {
      file: context.file,
      offset: span.start,
    });
  }
  const scanner = new FieldScanner(context.cursor, span);
  let type = UNKNOWN;
  while (scanner.advance()) {
    switch (scanner.field) {
      case TYPE.tensorType:
        type = { kind: "tensor", ...readTensorType(context, scanner.expectLength()) };
        break;
      case TYPE.sparseTensorType:
        type = { kind: "sparse", ...readTensorType(context, scanner.expectLength()) };
        break;
      case TYPE.sequenceType:
        type = { ...readElementType(context, scanner.expectLength(), depth), kind: "sequence" };
        break;
      case TYPE.optionalType:
        type = readElementType(context, scanner.expectLength(), depth);
        type = { ...type, kind: type.kind === "sequence" ? "optional sequence" : "optional" };
        break;
      case TYPE.mapType:
        type = { ...UNKNOWN, kind: "map" };
        break;
    }
  }
  return type;
}

function readElementType(context: ReadContext, span: Span, depth: number): DeclaredType {
  const scanner = new FieldScanner(context.cursor, span);
  let type = UNKNOWN;
  while (scanner.advance()) {
    if (scanner.field === ELEMENT_TYPE.elemType) {
      type = readType(context, scanner.expectLength(), depth + 1);
    }
  }
  return type;
}

function readTensorType(context: ReadContext, span: Span): Pick<ValueInfo, "dtype" | "dims"> {
  const scanner = new FieldScanner(context.cursor, span);
  let dtype: DType | undefined;
  let dims: DeclaredDim[] | undefined;
  while (scanner.advance()) {
    if (scanner.field === TENSOR_TYPE.elemType) {
      const known = dtypeFromCode(scanner.expectVarint());
      dtype = known === "undefined" ? undefined : known;
    } else if (scanner.field === TENSOR_TYPE.shape) {
      dims = readShape(context, scanner.expectLength());
    }
  }
  return { dtype, dims };
}

function readShape(context: ReadContext, span: Span): DeclaredDim[] {
  const scanner = new FieldScanner(context.cursor, span);
  const dims: DeclaredDim[] = [];
  while (scanner.advance()) {
    if (scanner.field === SHAPE.dim) {
      context.demand(dims.length < LIMITS.rank, "axes in one shape", LIMITS.rank, scanner.start);
      dims.push(readDim(context, scanner.expectLength()));
    }
  }
  return dims;
}

/** Exporters write negative numbers and empty names where they mean "not known". */
function readDim(context: ReadContext, span: Span): DeclaredDim {
  const scanner = new FieldScanner(context.cursor, span);
  let dim: DeclaredDim;
  while (scanner.advance()) {
    if (scanner.field === DIMENSION.value) {
      const value = scanner.expectVarint();
      dim = value < 0 ? undefined : value;
    } else if (scanner.field === DIMENSION.param) {
      dim = context.name(scanner.expectLength()) || undefined;
    }
  }
  return dim;
}
