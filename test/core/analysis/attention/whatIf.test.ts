import { describe, expect, test } from "vitest";
import { type BlockAt, drawn } from "../../../../src/core/analysis/attention/whatIf";
import { checkWhatIf, ruleOf, titleOf } from "../../../../src/core/analysis/attention/whatIfWords";
import type { WhatIf } from "../../../../src/protocol/attention";

const HEADS = 8;
const WIDTH = 4;
const PER_SCORE = { scores: 2 * WIDTH, afterScores: 5 + 2 * WIDTH, masks: 1 };

/** Decoding one token or reading `queries` at once, all scores computed. */
function block(queries: number, keys: number, kvHeads = HEADS): BlockAt {
  const pairs = HEADS * queries * keys;
  const layer = (heads: number) => 2 * queries * 32 * heads * WIDTH;
  return {
    count: 1,
    queries,
    keys,
    heads: HEADS,
    kvHeads,
    headDim: WIDTH,
    valueHeadDim: WIDTH,
    scores: pairs * PER_SCORE.scores,
    afterScores: pairs * PER_SCORE.afterScores,
    masks: pairs * PER_SCORE.masks,
    rest: 0,
    pairs,
    projections: {
      query: layer(HEADS),
      key: layer(kvHeads),
      value: layer(kvHeads),
      keyValue: 0,
      queryKeyValue: 0,
      output: layer(HEADS),
    },
    scoreBytes: pairs * 4,
    cacheBytes: keys * kvHeads * 2 * WIDTH * 4,
  };
}

/** Scores that are computed, counted one by one; each query sees as many keys as a full window has. */
function counted(queries: number, keys: number, sees: (distance: number) => boolean): number {
  let pairs = 0;
  for (let query = 0; query < queries; query++) {
    for (let distance = 0; distance < keys; distance++) {
      pairs += sees(distance) ? 1 : 0;
    }
  }
  return HEADS * pairs;
}

const EACH = PER_SCORE.scores + PER_SCORE.afterScores + PER_SCORE.masks;

describe.each([
  [64, 64],
  [1, 200],
  [16, 48],
])("%i queries, %i keys", (queries, keys) => {
  const now = drawn([block(queries, keys)]);

  test.each<[WhatIf, (distance: number) => boolean]>([
    [{ kind: "window", width: 24 }, (distance) => distance < 24],
    [{ kind: "window", width: 1000 }, () => true],
    [{ kind: "blockLocal", block: 16 }, (distance) => distance < 16],
    [{ kind: "strided", window: 8, stride: 5 }, (distance) => distance < 8 || (distance - 8) % 5 === 0],
    [{ kind: "strided", window: 8, stride: 1 }, () => true],
  ])("%j counts the scores that are seen", (whatIf, sees) => {
    const then = drawn([block(queries, keys)], whatIf);
    const pairs = counted(queries, keys, sees);
    expect(then.attention).toBeCloseTo(pairs * EACH, 6);
    expect(then.scoreBytes).toBeCloseTo(pairs * 4, 6);
    expect(then.projections).toBe(now.projections);
  });

  test("only what forgets keys shrinks the cache", () => {
    const cache = (whatIf: WhatIf) => drawn([block(queries, keys)], whatIf).cacheBytes;
    expect(cache({ kind: "window", width: 12 })).toBeCloseTo((now.cacheBytes * 12) / keys, 6);
    expect(cache({ kind: "blockLocal", block: 12 })).toBeCloseTo((now.cacheBytes * 12) / keys, 6);
    expect(cache({ kind: "strided", window: 4, stride: 4 })).toBe(now.cacheBytes);
    expect(cache({ kind: "topK", k: 4 })).toBe(now.cacheBytes);
  });

  test("the largest scores are chosen among all", () => {
    const then = drawn([block(queries, keys)], { kind: "topK", k: 6 });
    const all = HEADS * queries * keys;
    const kept = HEADS * queries * 6;
    expect(then.attention).toBeCloseTo(
      all * (PER_SCORE.scores + PER_SCORE.masks + 1) + kept * PER_SCORE.afterScores,
      6,
    );
    expect(then.scoreBytes).toBe(now.scoreBytes);
  });

  test("half the heads are half of everything, and the cache with them", () => {
    const then = drawn([block(queries, keys)], { kind: "heads", heads: HEADS / 2 });
    for (const figure of ["attention", "projections", "scoreBytes", "cacheBytes"] as const) {
      expect(then[figure]).toBeCloseTo(now[figure] / 2, 6);
    }
  });

  test("sharing keys and values is what a block with fewer of them costs", () => {
    const then = drawn([block(queries, keys)], { kind: "kvHeads", kvHeads: 2 });
    expect(then).toEqual(drawn([block(queries, keys, 2)]));
    expect(then.attention).toBe(now.attention);
  });
});

test("one layer for queries, keys and values shrinks by its width", () => {
  const own = block(10, 10);
  const layers = own.projections;
  const merged: BlockAt = {
    ...own,
    projections: {
      ...layers,
      query: 0,
      key: 0,
      value: 0,
      queryKeyValue: layers.query + layers.key + layers.value,
    },
  };
  for (const whatIf of [
    { kind: "kvHeads", kvHeads: 2 },
    { kind: "heads", heads: 6 },
  ] as const) {
    expect(drawn([merged], whatIf).projections).toBeCloseTo(drawn([own], whatIf).projections, 6);
  }
});

test.each<[WhatIf, string, string]>([
  [{ kind: "window", width: 512 }, "Sliding window of 512", "min(64, 512) = 64 keys instead of 64"],
  [{ kind: "strided", window: 8, stride: 3 }, "Window of 8 and every 3rd key", "27 instead of 64"],
  [{ kind: "strided", window: 8, stride: 11 }, "Window of 8 and every 11th key", "14 instead of 64"],
  [{ kind: "kvHeads", kvHeads: 1 }, "1 head of keys and values", "1 heads of keys and values instead of 8"],
])("%j says its title and its rule with numbers", (whatIf, title, rule) => {
  expect(titleOf(whatIf)).toBe(title);
  expect(ruleOf(whatIf, block(64, 64))).toContain(rule);
});

test.each<WhatIf>([
  { kind: "window", width: 0 },
  { kind: "topK", k: 1.5 },
  { kind: "heads", heads: -1 },
  { kind: "strided", window: 8, stride: Number.NaN },
])("%j is refused", (whatIf) => {
  expect(() => checkWhatIf(whatIf)).toThrow(/whole number of at least 1/);
});
