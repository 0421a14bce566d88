import fs, { type readSync } from "node:fs";
import { syncBuiltinESMExports } from "node:module";

export type Figures = { readonly [figure: string]: number | string };

/** The last line that a program prints is its figures; the time of the processor says most on a busy machine. */
export function report(figures: Figures): void {
  const { maxRSS, userCPUTime, systemCPUTime } = process.resourceUsage();
  const cpuMs = (userCPUTime + systemCPUTime) / 1000;
  process.stdout.write(
    `${JSON.stringify({ ...figures, cpuMs, rssBytes: process.memoryUsage.rss(), peakRssBytes: maxRSS * 1024 })}\n`,
  );
}

/** Counts the bytes that this process reads from files from now on. */
export function countReads(): { bytes: number } {
  const counter = { bytes: 0 };
  const original = fs.readSync;
  const counted = (...args: Parameters<typeof readSync>): number => {
    const count = original(...args);
    counter.bytes += count;
    return count;
  };
  fs.readSync = counted as typeof readSync;
  syncBuiltinESMExports();
  return counter;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)]!;
}

/** Milliseconds of each of several runs of `work`; what it answers is thrown away. */
export function timed(runs: number, work: (run: number) => unknown): number[] {
  return Array.from({ length: runs }, (_, run) => {
    const started = performance.now();
    work(run);
    return performance.now() - started;
  });
}
