import { rmSync, statSync } from "node:fs";
import { join } from "node:path";
import type { ActionCall } from "../../../src/protocol/actions";
import { copyToDisk } from "../copyFile";
import { benchEngine } from "../engine";
import { countReads, report } from "../figures";

/** One fix, all fixes, undo; and saves, of a model with one fix and with all weights quantised, beside a copy of the file. */
const path = process.argv[2]!;
const folder = process.argv[3]!;
const engine = benchEngine();
await engine.call("open", { path });
const { rows } = await engine.call("rows", { group: false, start: 0, count: 1_000_000 });
const calls: ActionCall[] = [];
for (const { key } of rows.filter((row) => row.offers > 0)) {
  const { offers } = await engine.call("offers", { key });
  calls.push(...offers.map(({ call }) => call).filter(({ action }) => action === "quantizeWeights"));
}

async function clocked(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}

interface Save {
  readonly ms: number;
  readonly bytes: number;
  /** The most that the process, threads included, had beyond what it had before. */
  readonly peakOverIdleBytes: number;
}

async function save(): Promise<Save> {
  const saved = join(folder, "saved.onnx");
  const before = process.memoryUsage.rss();
  let peak = before;
  const timer = setInterval(() => {
    peak = Math.max(peak, process.memoryUsage.rss());
  }, 10);
  const ms = await clocked(() => engine.call("save", { path: saved, copy: true }));
  clearInterval(timer);
  const bytes = statSync(saved).size;
  rmSync(saved);
  return { ms, bytes, peakOverIdleBytes: peak - before };
}

const copied = join(folder, "copied.onnx");
const reads = countReads();
const firstCopyMs = copyToDisk(path, copied);
const applyMs = await clocked(() => engine.call("apply", { calls: calls.slice(0, 1) }));
const one = await save();
const undoMs = await clocked(() => engine.call("undo", {}));
const readBefore = reads.bytes;
const applyAllMs = await clocked(() => engine.call("apply", { calls }));
const applyBytesRead = reads.bytes - readBefore;
const previewCall = calls.at(-1)!;
await engine.call("undo", {});
const previewMs = await clocked(() => engine.call("preview", { call: previewCall }));
await engine.call("apply", { calls });
const all = await save();
// The faster copy counts, so that a disk which was busy once does not flatter the saves.
const copyMs = Math.min(firstCopyMs, copyToDisk(path, copied));
engine.dispose();
const bytes = statSync(path).size;
report({
  fixes: calls.length,
  applyMs,
  undoMs,
  applyAllMs,
  applyBytesRead,
  previewMs,
  copyMs,
  copyMBs: bytes / 1e3 / copyMs,
  oneFixSaveMs: one.ms,
  oneFixRateToCopy: copyMs / one.ms,
  oneFixPeakOverIdleBytes: one.peakOverIdleBytes,
  quantisedSaveMs: all.ms,
  quantisedBytes: all.bytes,
  quantisedRateToCopy: copyMs / all.ms,
  quantisedPeakOverIdleBytes: all.peakOverIdleBytes,
});
