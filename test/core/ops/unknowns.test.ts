import { describe, expect, test } from "vitest";
import { evaluate } from "../../../src/core/expr";
import type { Dim, Fact } from "../../../src/core/facts/fact";
import { infer } from "../../../src/core/infer/infer";
import type { ValueInfo } from "../../../src/core/model/types";
import { OPERATORS } from "../../../src/core/ops/index";
import type { OpExample, OpSpec } from "../../../src/core/ops/spec";
import { exampleModel } from "./exampleModel";

/** Operators must live with whatever is missing: what they then say may be less, but never something else. */

/** Ways to know less of a graph input. */
const BLINDS: { readonly [how: string]: (input: ValueInfo, index: number) => ValueInfo } = {
  "no input known": (input) => ({ ...input, kind: "unknown", dtype: undefined, dims: undefined }),
  "no shape known": (input) => ({ ...input, dims: undefined }),
  "ranks only": (input) => ({ ...input, dims: input.dims?.map(() => undefined) }),
  "the first input unknown": (input, index) => (index === 0 ? { ...input, dims: undefined } : input),
  "only the first input known": (input, index) => (index > 0 ? { ...input, dims: undefined } : input),
  "every second dim known": (input) => ({
    ...input,
    dims: input.dims?.map((dim, axis) => (axis % 2 === 0 ? dim : undefined)),
  }),
};

interface Seen {
  readonly outputs: readonly Fact[];
  readonly macs: Dim;
  readonly problems: readonly unknown[];
}

function see(spec: OpSpec, example: OpExample, blind: (input: ValueInfo, index: number) => ValueInfo): Seen {
  const { model, node, contents } = exampleModel(spec, example);
  const inputs = model.graph.inputs.map((input) => blind(input, Number(input.name.slice(2))));
  const blinded = { ...model, graph: { ...model.graph, inputs } };
  const inference = infer(blinded, { readSmall: (tensor) => contents.get(tensor) });
  const outputs = example.outputs.map((_, index) => inference.fact(blinded.graph, `out${index}`));
  return { outputs, macs: inference.cost(node.id).macs, problems: inference.problems };
}

const value = (dim: Dim, bindings: ReadonlyMap<string, number>): number | undefined =>
  dim === undefined ? undefined : evaluate(dim, bindings);

function expectNoOther(less: Seen, full: Seen, bindings: ReadonlyMap<string, number>): void {
  expect(less.problems).toEqual([]);
  for (const [index, fact] of less.outputs.entries()) {
    const whole = full.outputs[index] ?? {};
    expect(fact.dtype ?? whole.dtype, `type of output ${index}`).toBe(whole.dtype);
    if (fact.shape !== undefined && whole.shape !== undefined) {
      const dims = whole.shape.map((dim) => value(dim, bindings));
      const seen = fact.shape.map((dim, axis) => value(dim, bindings) ?? dims[axis]);
      expect(seen, `shape of output ${index}`).toEqual(dims);
    }
  }
  const macs = value(less.macs, bindings);
  expect(macs ?? value(full.macs, bindings), "MACs").toBe(value(full.macs, bindings));
}

/** Control flow and sequences have no examples of one node; they have tests of their own. */
const shown = OPERATORS.filter((spec) => spec.examples.length > 0);

describe.each(shown.map((spec) => [`${spec.domain}:${spec.name} since ${spec.since}`, spec] as const))(
  "%s",
  (_, spec) => {
    test.each(Object.entries(BLINDS))("%s", (_how, blind) => {
      for (const example of spec.examples) {
        const bindings = new Map(Object.entries(example.bindings ?? {}));
        const full = see(spec, example, (input) => input);
        expectNoOther(see(spec, example, blind), full, bindings);
      }
    });
  },
);
