import { describe, expect, it } from "vitest";
import { findAttention } from "../../../src/core/patterns/attention/index";
import type { AttentionMask } from "../../../src/core/patterns/attention/types";
import { blockWith, type SmallModel } from "./smallModel";
import type { Searched } from "./support";

const HIDDEN = -1e9;

function only({ regions, mismatches }: Searched): AttentionMask {
  expect(mismatches.map(({ reason }) => reason)).toEqual([]);
  expect(regions).toHaveLength(1);
  return regions[0]!.mask;
}

/** Positions of queries (n, 1) and of keys (n), as exporters make them. */
function positions(model: SmallModel): { readonly queries: string; readonly keys: string } {
  const length = model.node("Gather", [model.node("Shape", ["x"]), model.int(1)]);
  const keys = model.node("Range", [model.int(0), length, model.int(1)]);
  return { keys, queries: model.node("Unsqueeze", [keys, model.ints(1)]) };
}

/** Adds 0 where a condition holds and hides the rest. */
function keepWhere(model: SmallModel, scores: string, condition: string): string {
  const chosen = model.node("Where", [condition, model.number(0), model.number(HIDDEN)]);
  return model.node("Add", [scores, chosen]);
}

function compared(
  op: string,
  change = (_model: SmallModel, keys: string, queries: string) => [keys, queries],
) {
  return only(
    blockWith((model, scores) => {
      const { keys, queries } = positions(model);
      return keepWhere(model, scores, model.node(op, change(model, keys, queries)));
    }),
  );
}

describe("comparisons of positions", () => {
  it.each([
    ["LessOrEqual", true],
    ["Less", true],
    ["GreaterOrEqual", false],
    ["Greater", false],
  ])("keys %s queries: causal is %s", (op, causal) => {
    expect(compared(op).causal).toBe(causal);
  });

  it("with queries first, the other way round", () => {
    expect(compared("GreaterOrEqual", (_, keys, queries) => [queries, keys]).causal).toBe(true);
    expect(compared("LessOrEqual", (_, keys, queries) => [queries, keys]).causal).toBe(false);
  });

  it("names the node that tells", () => {
    expect(compared("LessOrEqual").evidence).toMatch(
      /^LessOrEqual LessOrEqual lessorequal_\d+ of positions$/,
    );
  });

  it("queries that see some keys ahead are not causal", () => {
    const ahead = compared("LessOrEqual", (model, keys, queries) => [
      keys,
      model.node("Add", [queries, model.int(2)]),
    ]);
    expect([ahead.causal, ahead.window]).toEqual([false, undefined]);
  });

  it("with a position of queries alone, nothing is hidden by position", () => {
    const mask = compared("GreaterOrEqual", (model, _, queries) => [queries, model.int(0)]);
    expect(mask.causal).toBe(false);
  });

  it("a window of four keys that ends at the query", () => {
    const mask = only(
      blockWith((model, scores) => {
        const { keys, queries } = positions(model);
        const start = model.node("Sub", [queries, model.int(4)]);
        const both = model.node("And", [
          model.node("LessOrEqual", [keys, queries]),
          model.node("Greater", [keys, start]),
        ]);
        return keepWhere(model, scores, both);
      }),
    );
    expect([mask.causal, mask.window]).toEqual([true, 4]);
  });

  it("a window of three keys on both sides", () => {
    const mask = only(
      blockWith((model, scores) => {
        const { keys, queries } = positions(model);
        const distance = model.node("Abs", [model.node("Sub", [keys, queries])]);
        return keepWhere(model, scores, model.node("LessOrEqual", [distance, model.int(3)]));
      }),
    );
    expect([mask.causal, mask.window]).toEqual([false, 7]);
  });

  it("blocks of eight positions that see themselves", () => {
    const mask = only(
      blockWith((model, scores) => {
        const { keys, queries } = positions(model);
        const block = (value: string) => model.node("Div", [value, model.int(8)]);
        const both = model.node("And", [
          model.node("LessOrEqual", [keys, queries]),
          model.node("Equal", [block(queries), block(keys)]),
        ]);
        return keepWhere(model, scores, both);
      }),
    );
    expect([mask.causal, mask.window]).toEqual([true, 8]);
  });

  it("of later keys, where it chooses what is hidden", () => {
    const mask = only(
      blockWith((model, scores) => {
        const { keys, queries } = positions(model);
        return model.node("Where", [model.node("Greater", [keys, queries]), model.number(HIDDEN), scores]);
      }),
    );
    expect([mask.kind, mask.causal]).toEqual(["chosen", true]);
  });

  it("turned into numbers: (1 - seen)·-10000", () => {
    const mask = only(
      blockWith((model, scores) => {
        const { keys, queries } = positions(model);
        const seen = model.node("Cast", [model.node("LessOrEqual", [keys, queries])], { to: { int: 1 } });
        const rest = model.node("Sub", [model.number(1), seen]);
        return model.node("Add", [scores, model.node("Mul", [rest, model.number(-10000)])]);
      }),
    );
    expect([mask.kind, mask.causal]).toEqual(["added", true]);
  });

  it("that an input may lift leave it open", () => {
    const mask = only(
      blockWith((model, scores) => {
        const { keys, queries } = positions(model);
        const lifted = model.input("lifted", ["n", "n"], "bool");
        const either = model.node("Or", [model.node("LessOrEqual", [keys, queries]), lifted]);
        return keepWhere(model, scores, either);
      }),
    );
    expect(mask.causal).toBeUndefined();
    expect(mask.evidence).toContain("decides");
  });
});

describe("triangles", () => {
  const lower = (row: number, column: number) => Number(column <= row);

  it.each([
    ["lower half, ones", { upper: 0, by: 0, fill: 1, where: "kept" }, true],
    ["upper half above the diagonal, hiding", { upper: 1, by: 1, fill: HIDDEN, where: "added" }, true],
    ["upper half, ones", { upper: 1, by: 0, fill: 1, where: "kept" }, false],
    ["lower half below the diagonal, hiding", { upper: 0, by: -1, fill: HIDDEN, where: "added" }, false],
  ] as const)("Trilu, %s", (_, { upper, by, fill, where }, causal) => {
    const mask = only(
      blockWith((model, scores) => {
        const shape = model.node("Slice", [model.node("Shape", [scores]), model.ints(2), model.ints(4)]);
        const filled = model.node("Expand", [model.number(fill), shape]);
        const half = model.node("Trilu", [filled, model.int(by)], { upper: { int: upper } });
        return where === "added"
          ? model.node("Add", [scores, half])
          : keepWhere(model, scores, model.node("Cast", [half], { to: { int: 9 } }));
      }),
    );
    expect(mask.causal).toBe(causal);
  });

  it("stored, sliced to the length and choosing: GPT-2 as older exports have it", () => {
    const mask = only(
      blockWith((model, scores) => {
        const stored = model.matrix(32, 32, lower, "bool");
        const length = model.node("Slice", [model.node("Shape", ["x"]), model.ints(1), model.ints(2)]);
        const rows = model.node("Slice", [stored, model.ints(0), length, model.ints(2)]);
        const seen = model.node("Slice", [rows, model.ints(0), length, model.ints(3)]);
        return model.node("Where", [seen, scores, model.number(HIDDEN)]);
      }),
    );
    expect([mask.kind, mask.causal]).toEqual(["chosen", true]);
    expect(mask.evidence).toMatch(/stored triangle/);
  });

  it("stored and added", () => {
    const mask = only(
      blockWith(
        (model, scores) =>
          model.node("Add", [scores, model.matrix(6, 6, (i, j) => (j <= i ? 0 : HIDDEN), "float32")]),
        6,
      ),
    );
    expect([mask.kind, mask.causal, mask.window]).toEqual(["added", true, undefined]);
  });

  it("stored bands", () => {
    const band = (behind: number, ahead: number) =>
      only(
        blockWith(
          (model, scores) =>
            model.node("Add", [
              scores,
              model.matrix(9, 9, (i, j) => (j - i <= ahead && i - j <= behind ? 0 : HIDDEN), "float32"),
            ]),
          9,
        ),
      );
    expect([band(2, 0).causal, band(2, 0).window]).toEqual([true, 3]);
    expect([band(2, 2).causal, band(2, 2).window]).toEqual([false, 5]);
  });

  it("stored pattern of another kind is no triangle", () => {
    const mask = only(
      blockWith(
        (model, scores) =>
          model.node("Add", [scores, model.matrix(6, 6, (i, j) => (i < 3 === j < 3 ? 0 : -100), "float32")]),
        6,
      ),
    );
    expect([mask.causal, mask.window]).toEqual([false, undefined]);
  });

  it("that cannot be read leaves it open", () => {
    const { model, inference } = blockWith(
      (small, scores) => small.node("Add", [scores, small.matrix(6, 6, lower, "float32")]),
      6,
    );
    const [region] = findAttention(model, inference).regions;
    expect(region?.mask.causal).toBeUndefined();
    expect(region?.mask.evidence).toMatch(/mask_\d+ decides/);
  });
});

describe("masks that inputs decide", () => {
  it.each([
    ["keys alone", ["batch", 1, 1, "n"], false],
    ["each query", ["batch", 1, "n", "n"], undefined],
  ] as const)("of %s", (_, dims, causal) => {
    const mask = only(blockWith((model, scores) => model.node("Add", [scores, model.input("mask", dims)])));
    expect(mask.causal).toBe(causal);
    expect(mask.evidence).toContain("mask");
  });

  it("of padding beside a triangle: causal", () => {
    const mask = only(
      blockWith((model, scores) => {
        const { keys, queries } = positions(model);
        const padding = model.node("Unsqueeze", [
          model.input("padding", ["batch", "n"], "bool"),
          model.ints(1, 2),
        ]);
        return keepWhere(
          model,
          scores,
          model.node("And", [model.node("LessOrEqual", [keys, queries]), padding]),
        );
      }),
    );
    expect(mask.causal).toBe(true);
  });
});

describe("biases", () => {
  it("from a table by distance", () => {
    const mask = only(
      blockWith((model, scores) => {
        const { keys, queries } = positions(model);
        const buckets = model.node("Min", [
          model.node("Abs", [model.node("Sub", [keys, queries])]),
          model.int(7),
        ]);
        const bias = model.transpose(model.node("Gather", [model.weight(8, 2), buckets]), 2, 0, 1);
        return model.node("Add", [scores, bias]);
      }),
    );
    expect([mask.relativeBias, mask.causal]).toEqual([true, false]);
  });

  it("slopes times distances", () => {
    const mask = only(
      blockWith((model, scores) => {
        const { keys } = positions(model);
        const far = model.node("Cast", [keys], { to: { int: 1 } });
        return model.node("Add", [scores, model.node("Mul", [model.weight(2, 1, 1), far])]);
      }),
    );
    expect([mask.relativeBias, mask.causal]).toEqual([true, false]);
  });

  it("none where nothing is added", () => {
    const mask = only(blockWith((_, scores) => scores));
    expect(mask).toEqual({
      kind: "none",
      causal: false,
      window: undefined,
      relativeBias: false,
      evidence: "",
    });
  });
});
