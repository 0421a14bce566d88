import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import * as E from "../../../src/core/expr";
import { bindings, build, naive, trees } from "./naive";

const b = E.symbol("batch");
const s = E.symbol("sequence");
const p = E.symbol("past");
const h = E.symbol("h");

describe("canonical form", () => {
  test("numbers stay numbers", () => {
    expect(E.add(2, 3)).toBe(5);
    expect(E.mul(2, 3, 4)).toBe(24);
    expect(E.floorDiv(-7, 2)).toBe(-4);
    expect(E.ceilDiv(-7, 2)).toBe(-3);
    expect(E.mod(-7, 3)).toBe(2);
    expect(E.sub(s, s)).toBe(0);
  });

  test("equal amounts built in different ways are the same", () => {
    expect(E.equal(E.mul(E.add(s, p), E.sub(s, p)), E.sub(E.mul(s, s), E.mul(p, p)))).toBe(true);
    expect(E.equal(E.mul(b, s, 768), E.mul(768, s, b))).toBe(true);
    expect(E.equal(E.add(s, 1, p, 2, 3, s), E.add(E.mul(2, s), p, 6))).toBe(true);
    expect(E.equal(E.max(s, p), E.max(p, s))).toBe(true);
    expect(E.equal(E.max(E.max(s, p), h), E.max(s, E.max(h, p)))).toBe(true);
  });

  test("divisions that leave nothing over disappear", () => {
    expect(E.floorDiv(E.mul(b, s, 768), 12)).toBe(E.mul(b, s, 64));
    expect(E.floorDiv(E.mul(b, s, 768), E.mul(b, s))).toBe(768);
    expect(E.floorDiv(E.mul(E.add(s, p), E.add(b, h)), E.add(p, s))).toBe(E.add(b, h));
    expect(E.floorDiv(s, 1)).toBe(s);
    expect(E.ceilDiv(E.mul(4, s), 2)).toBe(E.mul(2, s));
    expect(E.mod(E.mul(6, s), 3)).toBe(0);
    expect(E.divideExact(E.mul(b, s), 2)).toBeUndefined();
    expect(E.divideExact(E.mul(b, 6, s), E.mul(3, s))).toBe(E.mul(2, b));
  });

  test("divisions join, split and cancel", () => {
    expect(E.floorDiv(E.floorDiv(h, 2), 4)).toBe(E.floorDiv(h, 8));
    expect(E.floorDiv(E.add(s, 5), 2)).toBe(E.add(2, E.floorDiv(E.add(s, 1), 2)));
    expect(E.floorDiv(E.mul(2, s), 4)).toBe(E.floorDiv(s, 2));
    expect(E.ceilDiv(E.ceilDiv(h, 2), 4)).toBe(E.ceilDiv(h, 8));
    expect(E.floorDiv(E.mul(b, s, 2), E.mul(b, h, 4))).toBe(E.floorDiv(s, E.mul(2, h)));
  });

  test("padding to a multiple divides evenly", () => {
    const padded = E.add(h, E.mod(E.sub(0, h), 7));
    expect(E.mul(7, E.floorDiv(padded, 7))).toBe(padded);
    expect(E.format(padded)).toBe("7·ceil(h/7)");
    expect(E.evaluate(padded, new Map([["h", 8]]))).toBe(14);
  });

  test("max and min with symbols >= 0", () => {
    expect(E.max(s, 0)).toBe(s);
    expect(E.max(s, -5)).toBe(s);
    expect(E.min(s, 0)).toBe(0);
    expect(E.max(s, s)).toBe(s);
    expect(E.max(E.add(s, 2), E.add(s, 7))).toBe(E.add(s, 7));
    expect(E.min(s, E.add(s, p))).toBe(s);
    expect(E.max(E.mul(2, s), 4)).toBe(E.mul(2, E.max(s, 2)));
    expect(E.max(s, 1)).not.toBe(s);
  });

  test("fractions of float arithmetic become divisions when rounded", () => {
    expect(E.floor(E.mul(0.5, s))).toBe(E.floorDiv(s, 2));
    expect(E.ceil(E.mul(Math.fround(1 / 3), s))).toBe(E.ceilDiv(s, 3));
    expect(E.floor(E.mul(2, E.mul(0.5, s)))).toBe(s);
    expect(E.isIntegral(E.mul(0.5, s))).toBe(false);
  });

  test("a product that would explode stays unexpanded and keeps its value", () => {
    const many = (prefix: string): E.Expr =>
      E.addAll(Array.from({ length: 60 }, (_, i) => E.symbol(`${prefix}${i}`)));
    const product = E.mul(many("x"), many("y"));
    const values = new Map<string, number>();
    for (let i = 0; i < 60; i++) {
      values.set(`x${i}`, 2).set(`y${i}`, 3);
    }
    expect(E.evaluate(product, values)).toBe(60 * 2 * 60 * 3);
    let tower: E.Expr = E.add(s, p, 1);
    for (let i = 0; i < 40; i++) {
      tower = E.add(E.floorDiv(E.mul(tower, tower), 7), b);
    }
    expect(E.format(tower).length).toBeLessThan(100_000);
  });
});

describe("against a naive evaluator", () => {
  test("evaluate and compile", () => {
    void fc.assert(
      fc.property(trees, bindings, (tree, values) => {
        const expr = build(tree);
        fc.pre(expr !== undefined);
        const expected = naive(tree, values);
        fc.pre(Number.isFinite(expected) && Math.abs(expected) < 1e12);
        expect(E.evaluate(expr, values)).toBe(expected + 0);
        expect(E.compile([expr, 1, expr])(values)).toEqual(new Float64Array([expected + 0, 1, expected + 0]));
      }),
      { numRuns: 3000 },
    );
  });

  test("what is called non-negative is", () => {
    void fc.assert(
      fc.property(trees, bindings, (tree, values) => {
        const expr = build(tree);
        fc.pre(expr !== undefined && E.isNonNegative(expr));
        const value = naive(tree, values);
        fc.pre(Number.isFinite(value));
        expect(value).toBeGreaterThanOrEqual(0);
      }),
      { numRuns: 2000 },
    );
  });

  test("parse reads what format writes", () => {
    void fc.assert(
      fc.property(trees, bindings, (tree, values) => {
        const expr = build(tree);
        fc.pre(expr !== undefined);
        const expected = E.evaluate(expr, values);
        fc.pre(expected !== undefined && Math.abs(expected) < 1e12);
        const text = E.format(expr);
        fc.pre(!text.includes("…"));
        const again = E.parse(text);
        expect(again, text).toBeDefined();
        expect(E.evaluate(again as E.Expr, values), text).toBe(expected);
      }),
      { numRuns: 2000 },
    );
  });

  test("substitute replaces symbols by amounts", () => {
    void fc.assert(
      fc.property(trees, bindings, (tree, values) => {
        const expr = build(tree);
        fc.pre(expr !== undefined);
        const doubled = new Map(values).set("past", (values.get("h") ?? 0) * 2 + 1);
        const expected = E.evaluate(expr, doubled);
        fc.pre(expected !== undefined && Math.abs(expected) < 1e12);
        const replaced = E.substitute(expr, new Map([["past", E.add(E.mul(2, h), 1)]]));
        expect(E.symbolsOf(replaced).has("past")).toBe(false);
        expect(E.evaluate(replaced, values)).toBe(expected);
      }),
    );
  });

  test("ring laws hold by identity", () => {
    void fc.assert(
      fc.property(trees, trees, trees, (x, y, z) => {
        const [e, f, g] = [build(x), build(y), build(z)];
        fc.pre(e !== undefined && f !== undefined && g !== undefined);
        expect(E.add(e, f)).toBe(E.add(f, e));
        expect(E.mul(e, E.add(f, g))).toBe(E.add(E.mul(e, f), E.mul(e, g)));
        expect(E.sub(E.add(e, f), f)).toBe(e);
      }),
      { numRuns: 500 },
    );
  });
});

describe("text", () => {
  test.each([
    ["past_sequence + sequence", { past_sequence: 3, sequence: 4 }, 7],
    ["s0*2", { s0: 5 }, 10],
    ["2*s77", { s77: 5 }, 10],
    ["floor(h/2)", { h: 9 }, 4],
    ["(s1//2)", { s1: 9 }, 4],
    ["floor(h/2 - 1/2) + 1", { h: 9 }, 5],
    ["8*floor(s77/8 + 7/8)", { s77: 9 }, 16],
    ["Min(s0, 256)", { s0: 300 }, 256],
    ["Max(1, s0 - 3)", { s0: 2 }, 1],
    ["Mod(h, 7)", { h: 9 }, 2],
    ["s0**2 + s0*s1", { s0: 3, s1: 2 }, 15],
    ["-s0 + s1", { s0: 3, s1: 10 }, 7],
    ["CeilToInt(IntTrueDiv(s0, 2))", undefined, 0],
    ["FloorDiv(s0, 3)", { s0: 10 }, 3],
    ["3·batch·sequence²", { batch: 2, sequence: 3 }, 54],
    ["s0/s1", { s0: 7, s1: 2 }, 3],
    ["ceil(s0/s1) + 1", { s0: 7, s1: 2 }, 5],
  ])("%s", (text, values, expected) => {
    const expr = E.parse(text);
    if (values === undefined) {
      expect(expr).toBeUndefined();
      return;
    }
    expect(E.evaluate(expr as E.Expr, new Map(Object.entries(values as object)))).toBe(expected);
  });

  test.each(["batch-size", "n/a", "batch size", "?", "", "floor(", "a b", "s0/0", "x/y*2", "1 - x/y"])(
    "%j is not a formula",
    (text) => {
      expect(E.parse(text)).toBeUndefined();
      expect(E.dimension(text)).toBe(E.symbol(text));
    },
  );

  test("hostile text ends", () => {
    expect(E.parse("(".repeat(1999))).toBeUndefined();
    expect(E.parse("s".repeat(5000))).toBeUndefined();
    expect(E.parse(`${"-".repeat(1500)}s`)).toBeUndefined();
  });

  test("reads well", () => {
    expect(E.format(E.mul(2, b, s, s, 768))).toBe("1536·batch·sequence²");
    expect(E.format(E.add(s, p))).toBe("past + sequence");
    expect(E.format(E.mul(12, b, s, E.add(s, p)))).toBe("12·batch·sequence·(past + sequence)");
    expect(E.format(E.floorDiv(h, 2))).toBe("floor(h/2)");
    expect(E.format(E.sub(s, 3))).toBe("sequence - 3");
    expect(E.format(E.sub(3, s))).toBe("-sequence + 3");
    expect(E.format(E.max(s, p))).toBe("max(past, sequence)");
    expect(E.format(1e15)).toBe("1000000000000000");
  });
});

describe("degree and symbols", () => {
  test("growth of a formula", () => {
    expect(E.degree(E.mul(b, s, E.add(s, p)), "sequence")).toBe(2);
    expect(E.degree(E.mul(b, s, E.add(s, p)), "past")).toBe(1);
    expect(E.degree(E.mul(s, E.min(s, 256)), "sequence")).toBe(1);
    expect(E.degree(E.floorDiv(E.mul(s, s), 4), "sequence")).toBe(2);
    expect(E.degree(5, "sequence")).toBe(0);
  });

  test("symbols inside functions count", () => {
    expect([...E.symbolsOf(E.add(E.max(s, p), E.floorDiv(h, b)))].sort()).toEqual([
      "batch",
      "h",
      "past",
      "sequence",
    ]);
  });

  test("unbound symbols give no number", () => {
    expect(E.evaluate(E.add(s, 1), new Map())).toBeUndefined();
    expect(E.evaluate(E.max(s, 1), new Map())).toBeUndefined();
    expect(
      E.evaluate(
        E.floorDiv(s, b),
        new Map([
          ["sequence", 4],
          ["batch", 0],
        ]),
      ),
    ).toBeUndefined();
    expect(E.compile([E.add(s, 1), 3])(new Map())).toEqual(new Float64Array([Number.NaN, 3]));
  });
});
