import { type Expr, equal } from "../expr";
import type { Dim, Fact } from "./fact";

/** Two statements about one value that cannot both be true; the text says what they are. */
export type OnConflict = (what: string) => void;

/**
 * What is known when `inferred` follows from the operators and `declared` is what the file says. Where both speak,
 * inferred wins: it follows from the inputs as they are, while declarations go stale when a model is edited or its
 * dims are renamed (onnxruntime only warns, too). A declared number never overrides an inferred formula: exporters
 * write the sizes of the traced example there.
 */
export function merge(inferred: Fact, declared: Fact, onConflict: OnConflict): Fact {
  if (declared.dtype === undefined && declared.shape === undefined && declared.kind === undefined) {
    return inferred;
  }
  const kind = inferred.kind ?? declared.kind;
  const dtype = inferred.dtype ?? declared.dtype;
  if (dtype !== declared.dtype && declared.dtype !== undefined) {
    onConflict(`its type is ${dtype} by the operator and ${declared.dtype} by the file`);
  }
  const shape = mergeShapes(inferred.shape, declared.shape, onConflict);
  if (kind === inferred.kind && dtype === inferred.dtype && shape === inferred.shape) {
    return inferred;
  }
  return {
    ...(kind === undefined ? {} : { kind }),
    ...(dtype === undefined ? {} : { dtype }),
    ...(shape === undefined ? {} : { shape }),
    ...(inferred.small === undefined ? {} : { small: inferred.small }),
    ...(inferred.length === undefined ? {} : { length: inferred.length }),
  };
}

function mergeShapes(
  inferred: readonly Dim[] | undefined,
  declared: readonly Dim[] | undefined,
  onConflict: OnConflict,
): readonly Dim[] | undefined {
  if (inferred === undefined || declared === undefined) {
    return inferred ?? declared;
  }
  if (inferred.length !== declared.length) {
    onConflict(`it has ${inferred.length} dims by the operator and ${declared.length} by the file`);
    return inferred;
  }
  let filled: Dim[] | undefined;
  for (let i = 0; i < inferred.length; i++) {
    const own = inferred[i];
    const other = declared[i];
    if (own === undefined && other !== undefined) {
      filled ??= [...inferred];
      filled[i] = other;
    } else if (typeof own === "number" && typeof other === "number" && own !== other) {
      onConflict(`dim ${i} is ${own} by the operator and ${other} by the file`);
    }
  }
  return filled ?? inferred;
}

/** True unless the two certainly describe different tensors: another type, rank or number in a dim. */
export function compatible(a: Fact, b: Fact): boolean {
  if (a.dtype !== undefined && b.dtype !== undefined && a.dtype !== b.dtype) {
    return false;
  }
  if ((a.kind ?? "tensor") !== (b.kind ?? "tensor") && a.kind !== undefined && b.kind !== undefined) {
    return false;
  }
  if (a.shape === undefined || b.shape === undefined) {
    return true;
  }
  const { shape } = b;
  return (
    a.shape.length === shape.length &&
    a.shape.every((dim, i) => typeof dim !== "number" || typeof shape[i] !== "number" || dim === shape[i])
  );
}

/** What holds in both cases: the facts after two branches join, or of a value that a loop carries. */
export function common(a: Fact, b: Fact): Fact {
  // What all tensors of an empty sequence have in common with others is whatever the others have.
  if (a.length === 0 && b.kind === "sequence") {
    return a.length === b.length ? b : withoutLength(b);
  }
  if (b.length === 0 && a.kind === "sequence") {
    return withoutLength(a);
  }
  const kind = commonKind(a.kind, b.kind);
  const dtype = a.dtype === b.dtype ? a.dtype : undefined;
  const shape =
    a.shape !== undefined && a.shape.length === b.shape?.length
      ? a.shape.map((dim, i) => same(dim, b.shape?.[i]))
      : undefined;
  const small =
    a.small !== undefined && a.small.length === b.small?.length
      ? a.small.map((element, i) => same(element, b.small?.[i]))
      : undefined;
  return {
    ...(kind === undefined ? {} : { kind }),
    ...(dtype === undefined ? {} : { dtype }),
    ...(shape === undefined ? {} : { shape }),
    ...(small?.some((element) => element !== undefined) ? { small } : {}),
    ...(a.length !== undefined && a.length === b.length ? { length: a.length } : {}),
  };
}

/** A value that may be absent in one case may be so in both. */
function commonKind(a: Fact["kind"], b: Fact["kind"]): Fact["kind"] {
  const kinds = [a, b];
  return a === b
    ? a
    : kinds.includes("optional sequence") && kinds.includes("sequence")
      ? "optional sequence"
      : undefined;
}

function withoutLength({ length: _, ...fact }: Fact): Fact {
  return fact;
}

function same(a: Dim, b: Dim): Expr | undefined {
  return a !== undefined && b !== undefined && equal(a, b) ? a : undefined;
}

/** True when both say the same, element by element. */
export function sameFact(a: Fact, b: Fact): boolean {
  return (
    a === b ||
    (a.kind === b.kind &&
      a.dtype === b.dtype &&
      a.length === b.length &&
      sameDims(a.shape, b.shape) &&
      sameDims(a.small, b.small))
  );
}

function sameDims(a: readonly Dim[] | undefined, b: readonly Dim[] | undefined): boolean {
  return a === b || (a !== undefined && a.length === b?.length && a.every((dim, i) => dim === b[i]));
}
