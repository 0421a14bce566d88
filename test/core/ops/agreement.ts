import { expect } from "vitest";
import { evaluate } from "../../../src/core/expr";
import type { Fact } from "../../../src/core/facts/fact";
import { infer } from "../../../src/core/infer/infer";
import type { OpExample, OpSpec } from "../../../src/core/ops/spec";
import { exampleModel } from "./exampleModel";
import { type RanOutput, runExample } from "./runExample";

/** The example with a symbol of its own for every size of what is fed, bound to that size. */
export function everySizeSymbolic(example: OpExample): OpExample {
  const bindings: { [dim: string]: number } = { ...example.bindings };
  const inputs = example.inputs.map((input, index) => {
    if (input === null || input.content !== undefined) {
      return input;
    }
    const shape = input.shape.map((dim, axis) => {
      if (typeof dim === "string") {
        return dim;
      }
      bindings[`own${index}_${axis}`] = dim;
      return `own${index}_${axis}`;
    });
    return { ...input, shape };
  });
  return { ...example, inputs, bindings };
}

/** Facts that inference gives for the outputs of an example, by index. */
export function inferredFacts(spec: OpSpec, example: OpExample): readonly Fact[] {
  const { model, contents } = exampleModel(spec, example);
  const inference = infer(model, { readSmall: (tensor) => contents.get(tensor) });
  return example.outputs.map((_, index) => inference.fact(model.graph, `out${index}`));
}

/** The fact's dims at the bindings; those it leaves open, or names for the data to decide, as they came out. */
function completed(fact: Fact, example: OpExample, dims: readonly number[]) {
  const bindings = new Map(Object.entries(example.bindings ?? {}));
  return fact.shape?.map(
    (dim, axis) => (dim === undefined ? undefined : evaluate(dim, bindings)) ?? dims[axis],
  );
}

/** Elements that inference folded, at the bindings; those it leaves open, and roundings in float32, as they came out. */
function foldedElements(fact: Fact, example: OpExample, elements: readonly number[]): readonly number[] {
  const bindings = new Map(Object.entries(example.bindings ?? {}));
  return (fact.small ?? []).map((element, i) => {
    const real = elements[i] ?? Number.NaN;
    const own = (element === undefined ? undefined : evaluate(element, bindings)) ?? real;
    return Math.abs(own - real) <= 1e-6 * Math.abs(real) ? real : own;
  });
}

function expectFacts(spec: OpSpec, example: OpExample, ran: ReadonlyMap<number, RanOutput>, rank: boolean) {
  const facts = inferredFacts(spec, example);
  for (const [index, { dtype, dims, elements }] of ran) {
    const fact = facts[index] ?? {};
    expect(fact.dtype, `type of output ${index}`).toBe(dtype);
    if (fact.small !== undefined && elements !== undefined) {
      expect(foldedElements(fact, example, elements), `elements of output ${index}`).toEqual(elements);
    }
    if (rank || fact.shape !== undefined) {
      expect(completed(fact, example, dims), `shape of output ${index}`).toEqual(dims);
    }
  }
}

/**
 * Asserts that onnxruntime's outputs have the types and shapes that inference gives at the example's bindings: as
 * the example states its sizes, and once more when inference sees symbols only.
 */
export async function expectAgreement(spec: OpSpec, example: OpExample): Promise<void> {
  expectSame(spec, example, await runExample(spec, example));
}

/** As `expectAgreement`, for what onnxruntime has made already. */
export function expectSame(spec: OpSpec, example: OpExample, ran: ReadonlyMap<number, RanOutput>): void {
  expectFacts(spec, example, ran, true);
  expectFacts(spec, everySizeSymbolic(example), ran, false);
}

/** What onnxruntime says when it refuses an example; empty when it runs. */
export async function refusal(spec: OpSpec, example: OpExample): Promise<string> {
  try {
    await runExample(spec, example);
    return "";
  } catch (error) {
    return String(error);
  }
}
