import { benchEngine } from "../engine";
import { median, report } from "../figures";

/** The table of tensors of a large graph: the first answer, sorting, and pages of what is sorted. */
const engine = benchEngine();
await engine.call("open", { path: process.argv[2]! });
const started = performance.now();
const { tensors } = await engine.call("parameters", {});
const reportMs = performance.now() - started;
const timedPage = async (query: object, start: number): Promise<number> => {
  const before = performance.now();
  await engine.call("tensors", { ...query, start, count: 100 });
  return performance.now() - before;
};
const by = (column: "name" | "bytes", descending: boolean) => ({ sort: { column, descending } });
const firstPageMs = await timedPage({}, 0);
const sortSizesMs = await timedPage(by("bytes", true), 0);
const sortNamesMs = await timedPage(by("name", false), 0);
const filterMs = await timedPage({ filter: { text: "attention" } }, 0);
await timedPage(by("name", false), 0);
const pages: number[] = [];
for (let page = 0; page < 50; page++) {
  pages.push(await timedPage(by("name", false), (page * 7919) % tensors));
}
report({ tensors, reportMs, firstPageMs, sortSizesMs, sortNamesMs, filterMs, pageMs: median(pages) });
engine.dispose();
