import { evaluate } from "../../core/expr";
import { elements } from "../../core/facts/size";
import { bitsPerElement } from "../../core/tensor/dtype";
import type { ModelState } from "../session/state";

/**
 * The one output that is copied back: the smallest tensor. The whole graph runs whatever is fetched, and every fetched
 * output costs a copy that is not the model's work.
 */
export function smallestOutput(state: ModelState): string[] {
  const { graph } = state.model;
  const sized = graph.outputs.map(({ name, kind }) => {
    const fact = state.inference.fact(graph, name);
    const count = elements(fact);
    const known = count === undefined ? undefined : evaluate(count, state.bindings);
    const bits = fact.dtype === undefined ? 0 : bitsPerElement(fact.dtype);
    const isTensor = (fact.kind ?? kind) === "tensor";
    const bytes = known === undefined || bits === 0 ? Number.MAX_VALUE : (known * bits) / 8;
    return { name, bytes: isTensor ? bytes : Number.POSITIVE_INFINITY };
  });
  const [smallest] = sized.sort((a, b) => a.bytes - b.bytes);
  return smallest === undefined ? [] : [smallest.name];
}
