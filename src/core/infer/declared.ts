import { dimension, type Expr, symbol, symbolsOf } from "../expr";
import { type Dim, type Fact, UNKNOWN } from "../facts/fact";
import type { DeclaredDim, ValueInfo } from "../model/types";

/** Texts that exporters write for "not known" rather than as a name. */
const NAMELESS = new Set(["", "?", "*", "-1", "None", "none", "null"]);

/** A dim of the file as a size; undefined where the file says nothing. */
export function declaredDim(dim: DeclaredDim): Dim {
  if (dim === undefined || typeof dim === "number") {
    return dim === undefined || dim < 0 ? undefined : dim;
  }
  return NAMELESS.has(dim.trim()) ? undefined : dimension(dim.trim());
}

/** What the file states of a value. */
export function declaredFact(info: ValueInfo | undefined): Fact {
  if (info === undefined || info.kind === "unknown") {
    return UNKNOWN;
  }
  const kind = info.kind === "sparse" ? "tensor" : info.kind;
  return {
    ...(kind === "tensor" ? {} : { kind }),
    ...(info.dtype === undefined ? {} : { dtype: info.dtype }),
    ...(info.dims === undefined ? {} : { shape: info.dims.map(declaredDim) }),
  };
}

/** Facts of a graph input that the caller feeds: dims without a name become symbols called after the input ("input_ids.0"). */
export function inputFact(info: ValueInfo): Fact {
  const fact = declaredFact(info);
  if (fact.shape === undefined) {
    return fact;
  }
  return { ...fact, shape: fact.shape.map((dim, i): Expr => dim ?? symbol(`${info.name}.${i}`)) };
}

/** Symbols of a fact in order of appearance. */
export function* symbolsOfFact(fact: Fact): Generator<string> {
  for (const dim of fact.shape ?? []) {
    if (dim !== undefined) {
      yield* symbolsOf(dim);
    }
  }
}
