import type { Problem, Where } from "../../protocol/problem";
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
  private parts = 0;
  private textBytes = 0;
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

  /** Counts what is kept of the file, so that a small file of many tiny fields cannot fill the memory. */
  keep(offset: number, count = 1): void {
    this.parts += count;
    this.demand(this.parts <= LIMITS.parts, "parts", LIMITS.parts, offset);
  }

  demand(fits: boolean, what: string, limit: number, offset: number): void {
    if (!fits) {
      throw new ModelError(
        "limit",
        `${this.file} has more than ${limit} ${what}.`,
        { file: this.file, offset },
        "The file is damaged or made to do harm; if yours is neither, please report it.",
      );
    }
  }

  problem(problem: Problem): void {
    if (this.problems.length < LIMITS.problems) {
      this.problems.push({
        ...problem,
        message: shortened(problem.message),
        ...(problem.where === undefined ? {} : { where: shortenedWhere(problem.where) }),
      });
    }
  }

  name(span: Span): string {
    this.keepText(span);
    return this.cursor.name(span);
  }

  /** Doc strings: cut when they are too long to keep, since nothing depends on their end. */
  prose(span: Span): string {
    this.keepText(cut(span));
    return this.passing(span);
  }

  /** The same for a text that nobody keeps. */
  passing(span: Span): string {
    return this.cursor.text(cut(span), LIMITS.textBytes);
  }

  private keepText({ start, end }: Span): void {
    this.keep(start);
    this.textBytes += end - start;
    this.demand(
      this.textBytes <= LIMITS.allTextBytes,
      "bytes of names and texts",
      LIMITS.allTextBytes,
      start,
    );
  }
}

function cut({ start, end }: Span): Span {
  return { start, end: Math.min(end, start + LIMITS.textBytes) };
}

function shortenedWhere(where: Where): Where {
  return Object.fromEntries(
    Object.entries(where).map(([key, value]) => [key, typeof value === "string" ? shortened(value) : value]),
  );
}

function shortened(text: string): string {
  return text.length <= LIMITS.problemLetters ? text : `${text.slice(0, LIMITS.problemLetters)}…`;
}
