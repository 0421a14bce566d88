import { describe, expect, test } from "vitest";
import { equal, mul, symbol } from "../../../src/core/expr";
import { attentionCost } from "../../../src/core/ops/attention";
import { contraction } from "../../../src/core/ops/contraction";
import { operator } from "../../../src/core/ops/index";
import { elementCost, together, unknownCost } from "../../../src/core/ops/pricing";
import type { OpContext } from "../../../src/core/ops/spec";

describe("prices", () => {
  test("a contraction counts one MAC for each product and keeps its symbols", () => {
    const batch = symbol("batch");
    const cost = contraction({ kept: [batch, 6], summed: [8] });
    expect(equal(cost.macs ?? 0, mul(batch, 48))).toBe(true);
    expect(cost).toMatchObject({ other: 0, trust: "exact" });
    expect(cost.rule).toBe("1 MAC for each of 8 products summed into each of batch×6 outputs");
  });

  test("an unknown axis makes the whole price unknown, not zero", () => {
    const cost = contraction({ kept: [undefined, 6], summed: [8] });
    expect(cost.macs).toBeUndefined();
    expect(cost.trust).toBe("unknown");
    expect(cost.rule).toContain("?×6");
  });

  test("attention grows with queries times keys; sharing keys among heads changes nothing", () => {
    const sizes = {
      batch: 1,
      heads: 12,
      kvHeads: 12,
      headDim: 64,
      vHeadDim: 64,
      queryLength: 512,
      keyLength: 512,
    };
    const cost = attentionCost(sizes);
    expect(cost.macs).toBe(2 * 12 * 512 * 512 * 64);
    expect(cost.other).toBe(5 * 12 * 512 * 512);
    expect(attentionCost({ ...sizes, kvHeads: 2 }).macs).toBe(cost.macs);
  });

  test("several steps have the trust of the worst", () => {
    const exact = elementCost(3, 2, "adding", "exact");
    expect(together(exact, elementCost(4, 1, "guessing", "estimate"))).toMatchObject({
      macs: 0,
      other: 10,
      trust: "estimate",
    });
    expect(together(exact, unknownCost("no shape"))).toMatchObject({ macs: undefined, trust: "unknown" });
  });
});

/** Channel axis of an operator's weight, for a weight of this rank and these integer attributes. */
function channelAxis(
  domain: string,
  name: string,
  rank: number,
  ints: { readonly [name: string]: number } = {},
) {
  const shape = new Array<number>(rank).fill(4);
  const ctx: Partial<OpContext> = {
    input: () => ({ dtype: "float32", shape }),
    tensor: () => undefined,
    int: (attribute, fallback) => ints[attribute] ?? fallback,
  };
  return operator(domain, name, 13)?.quant?.channelAxis(ctx as OpContext);
}

describe("channel axes of weights", () => {
  test.each([
    ["", "MatMul", 2, {}, 1],
    ["", "MatMul", 3, {}, 2],
    ["", "MatMul", 1, {}, undefined],
    ["", "Gemm", 2, {}, 1],
    ["", "Gemm", 2, { transB: 1 }, 0],
    ["", "Conv", 4, {}, 0],
    ["", "ConvTranspose", 4, {}, 1],
    ["", "ConvTranspose", 4, { group: 2 }, undefined],
    ["com.microsoft", "FusedMatMul", 2, { transB: 1 }, 0],
    ["com.microsoft", "FusedGemm", 2, { transB: 1 }, 0],
    ["com.microsoft", "FusedConv", 4, {}, 0],
    ["com.microsoft", "Attention", 2, {}, 1],
  ] as const)("%s:%s with %i axes and %o is %s", (domain, name, rank, ints, axis) => {
    expect(channelAxis(domain, name, rank, ints)).toBe(axis);
  });
});
