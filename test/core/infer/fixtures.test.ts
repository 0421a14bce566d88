import { describe, expect, test } from "vitest";
import { evaluate } from "../../../src/core/expr";
import type { Fact } from "../../../src/core/facts/fact";
import { fixtures, inferFile } from "./fixtures";

/** Types and shapes that onnxruntime produced, and FLOPs that PyTorch counted, against what inference says. */
describe.each(fixtures().map((fixture) => [fixture.name, fixture] as const))("%s", (_, { path, facts }) => {
  const { model, inference } = inferFile(path);

  const bound = (fact: Fact, dims: { readonly [dim: string]: number }) => {
    const bindings = new Map(Object.entries(dims));
    const shape = fact.shape?.map((dim) =>
      dim === undefined ? "?" : (evaluate(dim, bindings) ?? "unbound"),
    );
    return `${fact.dtype ?? "?"} ${shape === undefined ? "?" : `[${shape.join(", ")}]`}`;
  };

  test("no problems", () => {
    expect(inference.problems).toEqual([]);
  });

  test.each(facts.bindings.map((binding) => [JSON.stringify(binding.dims), binding] as const))(
    "types and shapes at %s",
    (_dims, { dims, values }) => {
      const seen: { [name: string]: string } = {};
      const wanted: { [name: string]: string } = {};
      for (const [name, { dtype, shape }] of Object.entries(values)) {
        seen[name] = bound(inference.fact(model.graph, name), dims);
        wanted[name] = `${dtype} [${shape.join(", ")}]`;
      }
      expect(seen).toEqual(wanted);
    },
  );

  test("nothing that onnxruntime resolves is left open", () => {
    const open = Object.keys(facts.symbolic.resolved).filter((name) => {
      const { shape } = inference.fact(model.graph, name);
      return shape === undefined || shape.includes(undefined);
    });
    expect(open).toEqual([]);
  });

  test.each(facts.bindings.map((binding) => [JSON.stringify(binding.dims), binding] as const))(
    "MACs are half of PyTorch's FLOPs at %s",
    (_dims, { dims, flops }) => {
      const bindings = new Map(Object.entries(dims));
      const total = model.graph.nodes.reduce((sum, node) => {
        const { macs } = inference.cost(node.id);
        return sum + (macs === undefined ? Number.NaN : (evaluate(macs, bindings) ?? Number.NaN));
      }, 0);
      expect(2 * total).toBe(flops.total);
    },
  );
});
