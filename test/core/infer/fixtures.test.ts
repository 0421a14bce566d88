import { describe, expect, test } from "vitest";
import { macsByOperator, openValues, wrongValues } from "./agreement";
import { bindingsOf, fixtures, inferFile } from "./fixtures";

/** Types and shapes that onnxruntime produced, and FLOPs that PyTorch counted, against what inference says. */
describe.each(fixtures().map((fixture) => [fixture.name, fixture] as const))("%s", (_, { path, facts }) => {
  const { model, inference } = inferFile(path);

  test("no problems", () => {
    expect(inference.problems.map(({ message }) => message)).toEqual([]);
  });

  test.each(facts.bindings.map((binding) => [JSON.stringify(binding.dims), binding] as const))(
    "types and shapes at %s",
    (_dims, binding) => {
      expect(wrongValues(model, inference, facts, binding)).toEqual([]);
    },
  );

  test("nothing that onnxruntime resolves is left open", () => {
    const { unresolved } = facts.symbolic;
    const open = unresolved === undefined ? [] : openValues(model, inference);
    expect(open.filter((name) => !unresolved?.includes(name))).toEqual([]);
  });

  test.each(facts.bindings.map((binding) => [JSON.stringify(binding.dims), binding] as const))(
    "MACs are half of the counted FLOPs at %s",
    (_dims, binding) => {
      const sums = macsByOperator(model, inference, bindingsOf(model, inference, binding));
      const total = [...sums.values()].reduce((sum, amount) => sum + amount, 0);
      expect(2 * total).toBe(binding.flops.total);
    },
  );
});
