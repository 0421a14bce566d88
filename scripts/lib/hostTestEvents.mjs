import { readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";

const FIRST_EVENT_MS = 120_000;
const NEXT_EVENT_MS = 90_000;
const POLL_MS = 200;

/**
 * What the runner inside VS Code tells the harness: one JSON object a line, since a window reports no exit code.
 * Tests are printed as they come.
 */
export class EventFile {
  constructor(path) {
    this.path = path;
    this.passed = 0;
    this.failed = 0;
    this.seen = 0;
  }

  /**
   * Waits for the last event.
   *
   * @param ended VS Code is gone: what is not written by now will not come
   * @throws Error when the runner fails, says nothing for too long, or never says that it is done
   */
  async end({ ended = false } = {}) {
    let deadline = Date.now() + FIRST_EVENT_MS;
    for (;;) {
      const events = await this.fresh();
      for (const event of events) {
        if (this.take(event)) {
          return { passed: this.passed, failed: this.failed };
        }
      }
      if (ended) {
        throw new Error("VS Code ended before the tests did.");
      }
      if (events.length > 0) {
        deadline = Date.now() + NEXT_EVENT_MS;
      }
      if (Date.now() > deadline) {
        throw new Error(
          this.seen === 0
            ? `VS Code did not start the tests within ${FIRST_EVENT_MS / 1000} s.`
            : `No test ended within ${NEXT_EVENT_MS / 1000} s.`,
        );
      }
      await sleep(POLL_MS);
    }
  }

  async fresh() {
    const text = await readFile(this.path, "utf8").catch(() => "");
    const whole = text.split("\n").slice(0, -1);
    const events = whole.slice(this.seen).map((line) => JSON.parse(line));
    this.seen = whole.length;
    return events;
  }

  /** True for the last event. */
  take(event) {
    switch (event.kind) {
      case "passed":
        this.passed++;
        console.log(`  ✓ ${event.title} (${event.ms} ms)`);
        return false;
      case "failed":
        this.failed++;
        console.log(`  ✗ ${event.title}\n${event.error.replace(/^/gm, "      ")}`);
        return false;
      case "crashed":
        throw new Error(`The runner failed.\n${event.error}`);
      case "done":
        return true;
      default:
        return false;
    }
  }
}
