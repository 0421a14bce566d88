import { countReads, report } from "../figures";

/** From the start of the process to the first rows of a model; nothing is loaded before. */
const reads = countReads();
const path = process.argv[2]!;
const { benchEngine } = await import("../engine");
const engine = benchEngine();
const started = performance.now();
const { nodes } = await engine.call("open", { path });
const opened = performance.now();
const { rows } = await engine.call("rows", { group: true, start: 0, count: 50 });
const shown = performance.now();
report({
  nodes,
  rows: rows.length,
  startMs: started,
  openMs: opened - started,
  firstRowsMs: shown - opened,
  openToRowsMs: shown - started,
  processToRowsMs: shown,
  bytesRead: reads.bytes,
});
engine.dispose();
