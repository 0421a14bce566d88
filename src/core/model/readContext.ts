import type { Problem } from "../../protocol/problem";
import { ModelError } from "../errors";
import { LIMITS } from "../limits";
import type { Cursor } from "../wire/cursor";
import type { Span } from "../wire/source";

/** What reading a model shares: the cursor, counters against the limits, and what was found wrong on the way. */
export class ReadContext {
  readonly cursor: Cursor;
  readonly problems: Problem[] = [];
  nodes = 0;
  tensors = 0;
  private readonly onOffset: ((offset: number) => void) | undefined;

  constructor(cursor: Cursor, onOffset?: (offset: number) => void) {
    this.cursor = cursor;
    this.onOffset = onOffset;
  }

  get file(): string {
    return this.cursor.source.name;
  }

  nextNodeId(offset: number): number {
    this.demand(this.nodes < LIMITS.nodes, "nodes", LIMITS.nodes, offset);
    this.onOffset?.(offset);
    return this.nodes++;
  }

  countTensor(offset: number): void {
    this.demand(this.tensors < LIMITS.tensors, "tensors", LIMITS.tensors, offset);
    this.onOffset?.(offset);
    this.tensors++;
  }

  demand(fits: boolean, what: string, limit: number, offset: number): void {
    if (!fits) {
      throw new ModelError(
        "limit",
        `${this.file} has more than ${limit} ${what} in one place.`,
        { file: this.file, offset },
        "No real model does; if yours is one, please report it.",
      );
    }
  }

  problem(problem: Problem): void {
    if (this.problems.length < LIMITS.problems) {
      this.problems.push(problem);
    }
  }

  name(span: Span): string {
    return this.cursor.text(span);
  }

  /** Doc strings and metadata: cut when they are too long to keep, since nothing depends on their end. */
  prose(span: Span): string {
    return this.cursor.text(
      { start: span.start, end: Math.min(span.end, span.start + LIMITS.textBytes) },
      LIMITS.textBytes,
    );
  }
}
