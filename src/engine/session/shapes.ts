import { evaluate, format } from "../../core/expr";
import type { Dim, Fact } from "../../core/facts/fact";

/** "batch×sequence×768"; "?" for an unknown dim or an unknown rank, "scalar" for rank 0. */
export function symbolicShape(fact: Fact): string {
  return shapeText(fact, (dim) => (dim === undefined ? "?" : format(dim)));
}

/** The same with numbers put in: "1×128×768". */
export function boundShape(fact: Fact, bindings: ReadonlyMap<string, number>): string {
  return shapeText(fact, (dim) => String(boundDim(dim, bindings) ?? "?"));
}

export function boundDim(dim: Dim, bindings: ReadonlyMap<string, number>): number | undefined {
  return dim === undefined ? undefined : evaluate(dim, bindings);
}

function shapeText(fact: Fact, dimText: (dim: Dim) => string): string {
  if (fact.shape === undefined) {
    return "?";
  }
  return fact.shape.length === 0 ? "scalar" : fact.shape.map(dimText).join("×");
}
