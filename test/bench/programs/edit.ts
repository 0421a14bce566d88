import { closeSync, fsyncSync, openSync, readSync, rmSync, statSync, writeSync } from "node:fs";
import { join } from "node:path";
import type { ActionCall } from "../../../src/protocol/actions";
import { benchEngine } from "../engine";
import { countReads, report } from "../figures";

/** One fix, all fixes, undo, and a save of the result beside a plain copy of the same file. */
const path = process.argv[2]!;
const folder = process.argv[3]!;
const engine = benchEngine();
await engine.call("open", { path });
const { rows } = await engine.call("rows", { group: false, start: 0, count: 1_000_000 });
const calls: ActionCall[] = [];
for (const { key } of rows.filter((row) => row.offers > 0)) {
  calls.push(...(await engine.call("offers", { key })).offers.map(({ call }) => call));
}

async function clocked(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}

const reads = countReads();
const applyMs = await clocked(() => engine.call("apply", { calls: calls.slice(0, 1) }));
const undoMs = await clocked(() => engine.call("undo", {}));
const applyAllMs = await clocked(() => engine.call("apply", { calls }));
const applyBytesRead = reads.bytes;
const previewCall = calls.at(-1)!;
await engine.call("undo", {});
const previewMs = await clocked(() => engine.call("preview", { call: previewCall }));
await engine.call("apply", { calls });
const rssBeforeSave = process.memoryUsage.rss();

const saved = join(folder, "saved.onnx");
const saveMs = await clocked(() => engine.call("save", { path: saved, copy: true }));
const savedBytes = statSync(saved).size;
const saveReads = reads.bytes - applyBytesRead;
rmSync(saved);
const bytes = statSync(path).size;

const copied = join(folder, "copied.onnx");
const copyMs = await clocked(async () => copy(path, copied));
rmSync(copied);
engine.dispose();
const megabytes = (count: number, ms: number) => count / 1e6 / (ms / 1000);
report({
  fixes: calls.length,
  applyMs,
  undoMs,
  applyAllMs,
  applyBytesRead,
  previewMs,
  saveMs,
  savedBytes,
  saveReads,
  saveInputMBs: megabytes(bytes, saveMs),
  saveOutputMBs: megabytes(savedBytes, saveMs),
  copyMs,
  copyMBs: megabytes(bytes, copyMs),
  saveTimeToCopyTime: saveMs / copyMs,
  rssBeforeSave,
});

function copy(from: string, to: string): void {
  const input = openSync(from, "r");
  const output = openSync(to, "w");
  const buffer = new Uint8Array(1 << 20);
  for (let count = readSync(input, buffer); count > 0; count = readSync(input, buffer)) {
    writeSync(output, buffer, 0, count);
  }
  fsyncSync(output);
  closeSync(output);
  closeSync(input);
}
