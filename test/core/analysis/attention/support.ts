import { type Algebra, algebraOf } from "../../../../src/core/analysis/attention/algebra";
import { type Axis, boundAt } from "../../../../src/core/analysis/attention/axes";
import { add, type Expr, evaluate } from "../../../../src/core/expr";
import type { Fact } from "../../../../src/core/facts/fact";
import { infer, type Supposed } from "../../../../src/core/infer/infer";
import type { Inference } from "../../../../src/core/infer/types";
import { readModel } from "../../../../src/core/model/reader";
import type { Model } from "../../../../src/core/model/types";
import { findAttention } from "../../../../src/core/patterns/attention/index";
import type { AttentionFindings } from "../../../../src/core/patterns/attention/types";
import { TensorReader } from "../../../../src/core/tensor/reader";
import { ModelFiles } from "../../../../src/engine/files/modelFiles";
import { readMask } from "../../../../src/engine/session/attentionView";

export interface Opened {
  readonly model: Model;
  readonly inference: Inference;
  readonly findings: AttentionFindings;
  readonly algebra: Algebra;
  infer(suppose: Supposed): Inference;
  find(inference: Inference): AttentionFindings;
}

export function attentionIn(path: string): Opened {
  const files = new ModelFiles(path);
  const model = readModel(files.source);
  const reader = new TensorReader(files.source, files);
  const inferWith = (suppose?: Supposed) =>
    infer(model, {
      readSmall: (tensor) => reader.small(tensor, 256),
      ...(suppose === undefined ? {} : { suppose }),
    });
  const inference = inferWith();
  const find = (found: Inference) => findAttention(model, found, (tensor) => readMask(reader, tensor));
  const findings = find(inference);
  const algebra = algebraOf(model, inference, findings);
  return { model, inference, findings, algebra, infer: inferWith, find };
}

/** Inference anew, with numbers for the dims of the inputs: no formula is left to evaluate. */
export function inferredAt(
  { model, inference, infer: inferWith }: Opened,
  dims: ReadonlyMap<string, number>,
): Inference {
  const bound = (fact: Fact): Fact =>
    fact.shape === undefined
      ? fact
      : { ...fact, shape: fact.shape.map((dim) => (dim === undefined ? dim : evaluate(dim, dims))) };
  return inferWith({
    input: ({ name }) => bound(inference.fact(model.graph, name)),
    constant: () => undefined,
  });
}

/** The sum of a figure over the model's nodes, which must all be numbers. */
export function totalOf({ model }: Opened, inference: Inference, figure: "macs" | "flops" | "bytes"): number {
  return model.graph.nodes.reduce((sum, { id }) => {
    const cost = inference.cost(id);
    const value = figure === "bytes" ? plus(cost.readBytes, cost.writeBytes) : cost[figure];
    if (typeof value !== "number") {
      throw new Error(`node ${id} has no ${figure} as a number`);
    }
    return sum + value;
  }, 0);
}

const plus = (a: Expr | undefined, b: Expr | undefined) =>
  a === undefined || b === undefined ? undefined : add(a, b);

/** Sizes for all dims: n for those that the axis decides, `others` for the rest. */
export function dimsAt(
  { algebra, inference }: Opened,
  axis: Axis,
  n: number,
  others: (index: number) => number,
): ReadonlyMap<string, number> {
  const rest = new Map(inference.symbols.map((name, index) => [name, others(index)]));
  return boundAt(axis, algebra.name, n, rest);
}
