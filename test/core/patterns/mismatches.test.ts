import { describe, expect, it } from "vitest";
import type { Mismatch } from "../../../src/core/patterns/attention/types";
import { SmallModel } from "./smallModel";

/** The reason, the edge's value as the operators at its ends. */
function words({ reason, edge }: Mismatch): string {
  return `${reason} [${edge.from?.opType ?? "none"} to ${edge.to.opType}]`;
}

function mismatchOf(build: (model: SmallModel) => string): string {
  const model = new SmallModel();
  const { regions, mismatches } = model.search(build(model));
  expect(regions).toEqual([]);
  expect(mismatches).toHaveLength(1);
  return words(mismatches[0]!);
}

const WEIGHT = "what it normalises is a product with a weight, not of two activations";

describe("a Softmax that is no attention", () => {
  it("over classes behind a linear layer", () => {
    const said = mismatchOf((m) => m.softmax(m.layer(m.input("x", ["batch", 8]), 8, 10)));
    expect(said).toBe(`${WEIGHT} [none to MatMul]`);
  });

  it("over classes of an image, behind a convolution", () => {
    const said = mismatchOf((m) => {
      const conv = m.node("Conv", [m.input("x", ["batch", 3, 8, 8]), m.weight(4, 3, 3, 3)]);
      return m.softmax(m.transpose(conv, 0, 2, 3, 1));
    });
    expect(said).toBe(
      "Conv is no step between a product of queries and keys and its Softmax [Conv to Transpose]",
    );
  });

  it("over a gate of experts", () => {
    const said = mismatchOf((m) => {
      const gate = m.node("MatMul", [m.input("x", ["n", 8]), m.weight(8, 4)]);
      return m.several("TopK", [m.softmax(gate), m.ints(2)], 2)[0]!;
    });
    expect(said).toBe(`${WEIGHT} [none to MatMul]`);
  });

  it("over pooled features, weighed with what a layer makes", () => {
    const said = mismatchOf((m) => {
      const x = m.input("x", ["batch", "n", 8]);
      const weights = m.transpose(m.softmax(m.node("MatMul", [x, m.weight(8, 1)]), 1), 0, 2, 1);
      return m.node("MatMul", [weights, x]);
    });
    expect(said).toBe(`${WEIGHT} [none to MatMul]`);
  });

  it("over an input of the model", () => {
    const said = mismatchOf((m) => m.softmax(m.input("x", ["batch", 10])));
    expect(said).toBe("nothing in the graph makes what it normalises [none to Softmax]");
  });

  it("over likenesses that nothing weighs", () => {
    const build = (behind: (m: SmallModel, p: string) => string) =>
      mismatchOf((m) => {
        const scores = m.node("MatMul", [m.input("images", ["i", 8]), m.input("texts", [8, "t"])]);
        return behind(m, m.softmax(scores));
      });
    expect(build((_, p) => p)).toBe("nothing in the graph reads its result [Softmax to Softmax]");
    expect(build((m, p) => m.node("ArgMax", [p]))).toBe(
      "its result goes into ArgMax before it is multiplied with anything [Softmax to ArgMax]",
    );
    expect(build((m, p) => m.node("MatMul", [p, m.weight(4, 2)]))).toBe(
      "its result is multiplied with a weight, not with values that the model computes [none to MatMul]",
    );
  });

  it("along another axis", () => {
    const said = mismatchOf((m) => {
      const { q, k, v } = m.heads(m.input("x", ["batch", "n", 8]));
      return m.node("MatMul", [m.softmax(m.node("MatMul", [q, k]), 1), v]);
    });
    expect(said).toBe("it normalises along axis 1 of 4, where no keys would be [MatMul to Softmax]");
  });

  it("over an Einsum of another kind", () => {
    const said = mismatchOf((m) => {
      const [a, b] = [m.input("a", ["n", 4]), m.input("b", ["n", 4])];
      return m.softmax(m.node("Einsum", [a, b], { equation: { string: "nd,nd->n" } }), 0);
    });
    expect(said).toBe("Einsum nd,nd->n is no product of queries and keys [Einsum to Softmax]");
  });
});
