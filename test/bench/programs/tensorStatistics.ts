import { benchEngine } from "../engine";
import { median, report } from "../figures";

/** Statistics, values and contents of a weight of 1 GiB from a file that the system has in memory. */
const RUNS = 3;
const engine = benchEngine();
await engine.call("open", { path: process.argv[2]! });
const tensor = { name: "W", graph: "" };
const scan = async () => {
  const started = performance.now();
  const { bytesRead } = await engine.call("tensorStatistics", { tensor });
  return bytesRead / (performance.now() - started) / 1000;
};
const firstScanMBs = await scan();
const speeds: number[] = [];
for (let run = 0; run < RUNS; run++) {
  speeds.push(await scan());
}
const scanRssBytes = process.resourceUsage().maxRSS * 1024;

const looked = performance.now();
const whole = { tensor, row: 0, column: 0, rows: 8192, columns: 32_768, maxRows: 256, maxColumns: 512 };
await engine.call("tensorValues", whole);
const allValuesMs = performance.now() - looked;
const zoomed = performance.now();
await engine.call("tensorValues", { ...whole, row: 4000, column: 9000, rows: 100, columns: 100 });
const windowMs = performance.now() - zoomed;

const compared = performance.now();
await engine.call("compareTensors", {});
const compareMBs = (2 * 4 * 8192 * 32_768) / (performance.now() - compared) / 1000;
report({ firstScanMBs, scanMBs: median(speeds), scanRssBytes, allValuesMs, windowMs, compareMBs });
engine.dispose();
