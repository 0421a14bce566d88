import { execFileSync } from "node:child_process";
import { closeSync, fsyncSync, openSync, readSync, rmSync, writeSync } from "node:fs";

/** Milliseconds that the system's own copy of a file takes, to the disk: `cp` and `sync` where they are. */
export function copyToDisk(from: string, to: string): number {
  const started = performance.now();
  if (process.platform === "linux") {
    // Holes of the benchmark's models are weights like others to who saves them.
    execFileSync("cp", ["--sparse=never", from, to]);
    execFileSync("sync", [to]);
  } else {
    copyHere(from, to);
  }
  const ms = performance.now() - started;
  rmSync(to);
  return ms;
}

function copyHere(from: string, to: string): void {
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
