import { describe, expect, it } from "vitest";
import { BLOCK, RowCache } from "../../../webview/shared/table/rowCache";

interface TestPage {
  readonly total: number;
  readonly start: number;
  readonly rows: readonly string[];
}

interface Asked {
  readonly start: number;
  readonly count: number;
  readonly signal: AbortSignal;
  readonly answer: (total?: number) => Promise<void>;
  readonly refuse: () => Promise<void>;
}

/** A source whose answers come when the test says so; rows are named by source and place. */
function source(name: string, asked: Asked[], rowsInAll = 100_000) {
  return {
    fetch: (start: number, count: number, signal: AbortSignal) =>
      new Promise<TestPage>((resolve, reject) => {
        asked.push({
          start,
          count,
          signal,
          answer: async (total = rowsInAll) => {
            const length = Math.max(0, Math.min(count, total - start));
            resolve({ total, start, rows: Array.from({ length }, (_, at) => `${name}${start + at}`) });
            await Promise.resolve();
            await Promise.resolve();
          },
          refuse: async () => {
            reject(new Error("no"));
            await Promise.resolve();
            await Promise.resolve();
          },
        });
      }),
  };
}

function cache() {
  const seen = { changes: 0, errors: 0 };
  const rows = new RowCache<TestPage>(
    () => {
      seen.changes++;
    },
    () => {
      seen.errors++;
    },
  );
  return { rows, seen };
}

describe("the row cache", () => {
  it("asks for the blocks in view, then for their neighbours, and never for all", async () => {
    const { rows, seen } = cache();
    const asked: Asked[] = [];
    const from = source("a", asked);
    rows.show("a", from, 300, 340);
    expect(asked.map(({ start, count }) => [start, count])).toEqual([[256, BLOCK]]);
    expect(rows.row(300)).toBeUndefined();
    await asked[0]!.answer();
    expect(rows.row(300)).toBe("a300");
    expect(seen.changes).toBe(1);
    expect(asked.slice(1).map(({ start }) => start)).toEqual([384, 128]);
    for (const request of asked.slice(1)) {
      await request.answer();
    }
    expect(asked).toHaveLength(3);
    rows.show("a", from, 310, 350);
    expect(asked).toHaveLength(3);
  });

  it("keeps at most two requests under way and takes the newest view first", async () => {
    const { rows } = cache();
    const asked: Asked[] = [];
    const from = source("a", asked);
    rows.show("a", from, 0, 30);
    await asked[0]!.answer();
    for (let first = 1000; first < 20_000; first += 1000) {
      rows.show("a", from, first, first + 30);
    }
    expect(asked.length).toBeLessThanOrEqual(3);
    await asked[1]!.answer();
    expect(asked.at(-1)!.start).toBe(Math.floor(19_000 / BLOCK) * BLOCK);
  });

  it("shows the rows of before until those of the new query have come", async () => {
    const { rows } = cache();
    const asked: Asked[] = [];
    rows.show("a", source("a", asked), 0, 30);
    await asked[0]!.answer();
    rows.show("b", source("b", asked, 50), 0, 30);
    expect(rows.row(3)).toBe("a3");
    expect(rows.shownKey).toBe("a");
    await asked.at(-1)!.answer();
    expect(rows.row(3)).toBe("b3");
    expect(rows.shownKey).toBe("b");
    expect(rows.page!.total).toBe(50);
  });

  it("aborts and ignores what an older query still brings", async () => {
    const { rows } = cache();
    const asked: Asked[] = [];
    rows.show("a", source("a", asked), 0, 30);
    rows.show("b", source("b", asked), 0, 30);
    expect(asked[0]!.signal.aborted).toBe(true);
    await asked[1]!.answer();
    await asked[0]!.answer();
    expect(rows.row(0)).toBe("b0");
  });

  it("takes fewer rows than the view was at", async () => {
    const { rows } = cache();
    const asked: Asked[] = [];
    rows.show("a", source("a", asked), 5000, 5030);
    await asked[0]!.answer();
    rows.show("b", source("b", asked, 10), 5000, 5030);
    await asked.at(-1)!.answer(10);
    while (rows.shownKey !== "b") {
      expect(asked.at(-1)!.start).toBe(0);
      await asked.at(-1)!.answer(10);
    }
    expect(rows.page!.total).toBe(10);
    expect(rows.row(9)).toBe("b9");
  });

  it("forgets blocks that were not in use for longest", async () => {
    const { rows } = cache();
    const asked: Asked[] = [];
    const from = source("a", asked);
    for (let block = 0; block < 200; block += 3) {
      rows.show("a", from, block * BLOCK, block * BLOCK + 20);
      for (let at = 0; at < asked.length; at++) {
        await asked[at]!.answer();
      }
    }
    expect(rows.row(198 * BLOCK)).toBe(`a${198 * BLOCK}`);
    expect(rows.row(0)).toBeUndefined();
  });

  it("reports a failure once and asks again when the view moves", async () => {
    const { rows, seen } = cache();
    const asked: Asked[] = [];
    const from = source("a", asked);
    rows.show("a", from, 0, 30);
    await asked[0]!.refuse();
    expect(seen.errors).toBe(1);
    rows.show("a", from, 1, 31);
    await asked[1]!.answer();
    expect(rows.row(0)).toBe("a0");
  });
});
