import type { SaveProgress } from "../../protocol/engine";

/** Reports go to another thread and move a bar; more of them would only cost time. */
const REPORT_EVERY_MS = 50;

/** Counts the bytes of a save over all its files. */
export class Meter {
  readonly total: number;
  private readonly report: (progress: SaveProgress) => void;
  private done = 0;
  private reportedAt = Number.NEGATIVE_INFINITY;

  constructor(total: number, report: (progress: SaveProgress) => void) {
    this.total = total;
    this.report = report;
  }

  add(bytes: number): void {
    this.done += bytes;
    const now = performance.now();
    if (now - this.reportedAt >= REPORT_EVERY_MS) {
      this.reportedAt = now;
      this.report({ bytesDone: this.done, bytesTotal: this.total });
    }
  }

  finish(): void {
    this.report({ bytesDone: this.total, bytesTotal: this.total });
  }
}
