import { evaluate } from "../../../src/core/expr";
import type { Fact } from "../../../src/core/facts/fact";
import type { Inference } from "../../../src/core/infer/types";
import type { Model } from "../../../src/core/model/types";
import { bindingsOf, type Facts, type RecordedBinding } from "./fixtures";

type Bindings = ReadonlyMap<string, number>;

/** Values whose type or shape at a binding is not what onnxruntime made, each in a line. */
export function wrongValues(
  model: Model,
  inference: Inference,
  facts: Facts,
  binding: RecordedBinding,
): readonly string[] {
  const bindings = bindingsOf(model, inference, binding);
  return Object.entries(binding.values).flatMap(([name, { dtype, shape }]) => {
    const seen = written(inference.fact(model.graph, name), bindings);
    const wanted = facts.open[name] ?? (shape === null ? dtype : `${dtype} [${shape.join(", ")}]`);
    return seen === wanted ? [] : [`${name}: ${seen}, not ${wanted}`];
  });
}

function written({ kind, dtype, shape }: Fact, bindings: Bindings): string {
  if (kind !== undefined && kind !== "tensor") {
    return `${kind} ${dtype ?? "?"}`;
  }
  const sizes = shape?.map((dim) => (dim === undefined ? "?" : (evaluate(dim, bindings) ?? "unbound")));
  return `${dtype ?? "?"} ${sizes === undefined ? "?" : `[${sizes.join(", ")}]`}`;
}

/** Values of the main graph with no shape, or with a size that is not known. */
export function openValues(model: Model, inference: Inference): readonly string[] {
  return model.graph.nodes
    .flatMap((node) => node.outputs)
    .filter((name) => {
      const { kind, shape } = inference.fact(model.graph, name);
      const known = shape !== undefined && !shape.includes(undefined);
      return name !== "" && !known && (kind === undefined || kind === "tensor");
    });
}

/** Multiply-accumulates of the main graph by operator; NaN where one is unknown. */
export function macsByOperator(
  model: Model,
  inference: Inference,
  bindings: Bindings,
): ReadonlyMap<string, number> {
  const sums = new Map<string, number>();
  for (const node of model.graph.nodes) {
    const { macs } = inference.cost(node.id);
    const amount = macs === undefined ? Number.NaN : (evaluate(macs, bindings) ?? Number.NaN);
    sums.set(node.opType, (sums.get(node.opType) ?? 0) + amount);
  }
  return sums;
}
