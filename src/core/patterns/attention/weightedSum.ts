import type { Node } from "../../model/types";
import { isCarrier, isOp, type SearchGraph } from "./graph";
import { operandsOf, type Product, productOf } from "./products";
import type { DeadEnd } from "./scorePath";

export interface SumPath {
  readonly product: Product;
  /** The values that are weighed, and their axis that stays. */
  readonly values: string;
  readonly valueAxis: number;
  readonly between: readonly Node[];
}

const MAX_STEPS = 32;
/** Guards against rows without any key, head masks, sinks, and what drops probabilities in training. */
const ON_THE_WAY = [
  "Where",
  "Mul",
  "Slice",
  "IsNaN",
  "Clip",
  "Div",
  "Add",
  "Pad",
  "Split",
  "ScatterND",
  "CastLike",
];

/** Walks from the probabilities on to their product with the values. */
export function findWeightedSum(search: SearchGraph, softmax: Node): SumPath | DeadEnd {
  const seen = new Set<Node>();
  let first: DeadEnd | undefined;
  const walk = (value: string, maker: Node, steps: number): SumPath | undefined => {
    const readers = search.readers(value);
    for (const reader of readers) {
      const operands = operandsOf(reader);
      if (operands !== undefined) {
        const product = productOf(reader);
        const { left, right } = operands;
        const values = left === value ? right : left;
        if (product !== undefined && !search.isStored(values) && left !== right) {
          const valueAxis = left === value ? product.columns : product.rows;
          return { product, values, valueAxis, between: [] };
        }
        first ??= {
          reason: "its result is multiplied with a weight, not with values that the model computes",
          value: values,
          from: search.maker(values),
          to: reader,
        };
        continue;
      }
      const isStep = isCarrier(reader) || isOp(reader, ...ON_THE_WAY);
      if (!isStep || steps === 0 || seen.has(reader)) {
        first ??= {
          reason: `its result goes into ${reader.opType} before it is multiplied with anything`,
          value,
          from: maker,
          to: reader,
        };
        continue;
      }
      seen.add(reader);
      const found = walk(reader.outputs[0] ?? "", reader, steps - 1);
      if (found !== undefined) {
        return { ...found, between: [reader, ...found.between] };
      }
    }
    return undefined;
  };
  const value = softmax.outputs[0] ?? "";
  return (
    walk(value, softmax, MAX_STEPS) ??
    first ?? {
      reason: "nothing in the graph reads its result",
      value,
      from: softmax,
      to: softmax,
    }
  );
}
