import { COLUMN_IDS, type RowQuery } from "../../../src/protocol/rows";
import { benchEngine } from "../engine";
import { median, report } from "../figures";

/** What a person does to a long table: scroll, sort, group, fold, filter, move a slider. */
const engine = benchEngine();
const { nodes, dims } = await engine.call("open", { path: process.argv[2]! });

async function page(query: Partial<RowQuery>): Promise<number> {
  const started = performance.now();
  await engine.call("rows", { group: false, start: 0, count: 60, ...query });
  return performance.now() - started;
}

async function pages(query: Partial<RowQuery>): Promise<number> {
  const times: number[] = [];
  for (let index = 0; index < 50; index++) {
    times.push(await page({ ...query, start: Math.floor((nodes / 50) * index) }));
  }
  return median(times);
}

const first = await page({});
const scrolled = await pages({});
const sorts: number[] = [];
for (const column of COLUMN_IDS) {
  sorts.push(await page({ sort: { column, descending: true } }));
}
const grouped = await page({ group: true });
const groupedScrolled = await pages({ group: true });
const groupedSorted = await page({ group: true, sort: { column: "flops", descending: true } });
const folded = await page({ group: true, foldAll: true });
const filtered = await page({ filter: { text: "attention" } });
const binds: number[] = [];
for (let run = 0; run < 11; run++) {
  const started = performance.now();
  await engine.call("bind", { bindings: Object.fromEntries(dims.map(({ name }) => [name, 2 + run * 3])) });
  await page({});
  binds.push(performance.now() - started);
}
report({
  nodes,
  firstPageMs: first,
  scrollMs: scrolled,
  sortMs: median(sorts),
  slowestSortMs: Math.max(...sorts),
  groupMs: grouped,
  groupScrollMs: groupedScrolled,
  groupSortMs: groupedSorted,
  foldMs: folded,
  filterMs: filtered,
  bindToRowsMs: median(binds),
});
engine.dispose();
