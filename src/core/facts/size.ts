import { ceilDiv, type Expr, mul, mulAll } from "../expr";
import { bitsPerElement } from "../tensor/dtype";
import type { Fact } from "./fact";

/** Elements of a tensor: the product of its dims; undefined when one of them, or the rank, is not known. */
export function elements(fact: Fact): Expr | undefined {
  const { shape } = fact;
  if (shape === undefined || (fact.kind !== undefined && fact.kind !== "tensor")) {
    return undefined;
  }
  for (const dim of shape) {
    if (dim === undefined) {
      return undefined;
    }
  }
  return mulAll(shape as readonly Expr[]);
}

/** Bytes of a tensor in memory; types below 8 bits are packed, the last byte padded. Undefined for strings. */
export function bytes(fact: Fact): Expr | undefined {
  const count = elements(fact);
  const bits = fact.dtype === undefined ? 0 : bitsPerElement(fact.dtype);
  if (count === undefined || bits === 0) {
    return undefined;
  }
  return bits >= 8 ? mul(count, bits / 8) : ceilDiv(mul(count, bits), 8);
}
