import { describe, expect, test } from "vitest";
import { evaluate } from "../../../src/core/expr";
import type { Fact } from "../../../src/core/facts/fact";
import { bindingsOf, fixtures, inferFile } from "./fixtures";

/** Types and shapes that onnxruntime produced, and FLOPs that PyTorch counted, against what inference says. */
describe.each(fixtures().map((fixture) => [fixture.name, fixture] as const))("%s", (_, { path, facts }) => {
  const { model, inference } = inferFile(path);

  const bound = ({ kind, dtype, shape }: Fact, bindings: ReadonlyMap<string, number>) => {
    if (kind !== undefined && kind !== "tensor") {
      return `${kind} ${dtype ?? "?"}`;
    }
    const sizes = shape?.map((dim) => (dim === undefined ? "?" : (evaluate(dim, bindings) ?? "unbound")));
    return `${dtype ?? "?"} ${sizes === undefined ? "?" : `[${sizes.join(", ")}]`}`;
  };

  test("no problems", () => {
    expect(inference.problems.map(({ message }) => message)).toEqual([]);
  });

  test.each(facts.bindings.map((binding) => [JSON.stringify(binding.dims), binding] as const))(
    "types and shapes at %s",
    (_dims, binding) => {
      const bindings = bindingsOf(model, inference, binding);
      const differences = Object.entries(binding.values).flatMap(([name, { dtype, shape }]) => {
        const seen = bound(inference.fact(model.graph, name), bindings);
        const wanted = facts.open[name] ?? (shape === null ? dtype : `${dtype} [${shape.join(", ")}]`);
        return seen === wanted ? [] : [`${name}: ${seen}, not ${wanted}`];
      });
      expect(differences).toEqual([]);
    },
  );

  test("nothing that onnxruntime resolves is left open", () => {
    const { unresolved } = facts.symbolic;
    const leftOpen = new Set(unresolved);
    const made = unresolved === undefined ? [] : model.graph.nodes.flatMap((node) => node.outputs);
    const open = made.filter((name) => {
      const { kind, shape } = inference.fact(model.graph, name);
      const known = shape !== undefined && !shape.includes(undefined);
      return name !== "" && !leftOpen.has(name) && !known && (kind === undefined || kind === "tensor");
    });
    expect(open).toEqual([]);
  });

  test.each(facts.bindings.map((binding) => [JSON.stringify(binding.dims), binding] as const))(
    "MACs are half of the counted FLOPs at %s",
    (_dims, binding) => {
      const bindings = bindingsOf(model, inference, binding);
      const total = model.graph.nodes.reduce((sum, node) => {
        const { macs } = inference.cost(node.id);
        return sum + (macs === undefined ? Number.NaN : (evaluate(macs, bindings) ?? Number.NaN));
      }, 0);
      expect(2 * total).toBe(binding.flops.total);
    },
  );
});
