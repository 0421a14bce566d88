/** Rows are fetched in blocks of this many: a screen or two. */
export const BLOCK = 128;
/** Blocks kept, those unused for longest go first: eight thousand rows, a few megabytes. */
const MAX_BLOCKS = 64;
/** More would only queue up behind each other in the engine and delay what is in view. */
const MAX_UNDER_WAY = 2;

/** What the cache must know of an answer; `Row` and the rest of the page are the table's business. */
export interface Page<Row> {
  readonly total: number;
  readonly start: number;
  readonly rows: readonly Row[];
}

export interface RowSource<P extends Page<unknown>> {
  fetch(start: number, count: number, signal: AbortSignal): Promise<P>;
}

/** A table's rows under one query at one state of the model. */
interface Generation<P extends Page<unknown>> {
  readonly key: string;
  readonly source: RowSource<P>;
  readonly blocks: Map<number, P>;
  readonly underWay: Map<number, AbortController>;
  latest: P | undefined;
}

/**
 * Keeps windows of rows by what was asked and the state it was asked of. When either changes, the rows known until then
 * stay to be seen until the first new ones come.
 */
export class RowCache<P extends Page<unknown>> {
  private readonly onChange: () => void;
  private readonly onError: (thrown: unknown) => void;
  private shown: Generation<P> | undefined;
  private coming: Generation<P> | undefined;
  private first = 0;
  private end = 0;

  constructor(onChange: () => void, onError: (thrown: unknown) => void) {
    this.onChange = onChange;
    this.onError = onError;
  }

  /** Newest page of what is shown: its totals and sums hold for all rows. */
  get page(): P | undefined {
    return this.shown?.latest;
  }

  /** Key of what is shown, which lags behind the one asked for until rows have come. */
  get shownKey(): string | undefined {
    return this.shown?.latest === undefined ? undefined : this.shown.key;
  }

  row(index: number): P["rows"][number] | undefined {
    const block = Math.floor(index / BLOCK);
    return this.shown?.blocks.get(block)?.rows[index - block * BLOCK];
  }

  /** Sets what is asked, from where, and which rows are in view; fetches what is missing. */
  show(key: string, source: RowSource<P>, first: number, end: number): void {
    this.first = first;
    this.end = end;
    const target = this.coming ?? this.shown;
    if (target?.key !== key) {
      this.replace({ key, source, blocks: new Map(), underWay: new Map(), latest: undefined });
    }
    this.pump();
  }

  private replace(next: Generation<P>): void {
    for (const old of [this.coming, this.shown]) {
      for (const abort of old?.underWay.values() ?? []) {
        abort.abort();
      }
      old?.underWay.clear();
    }
    this.coming = next;
  }

  private pump(): void {
    const target = this.coming ?? this.shown;
    if (target === undefined) {
      return;
    }
    for (const block of this.wanted(target)) {
      if (target.underWay.size >= MAX_UNDER_WAY) {
        return;
      }
      if (!target.blocks.has(block) && !target.underWay.has(block)) {
        this.fetch(target, block);
      }
    }
  }

  /** Blocks in view first, then one on each side, so that steady scrolling does not meet a gap. */
  private wanted(target: Generation<P>): number[] {
    const from = Math.floor(this.first / BLOCK);
    const to = Math.floor(Math.max(this.first, this.end - 1) / BLOCK);
    const last = target.latest === undefined ? to : Math.floor(Math.max(0, target.latest.total - 1) / BLOCK);
    const seen = Array.from({ length: to - from + 1 }, (_, offset) => from + offset);
    // A query is answered for the rows in view before any other is asked for.
    const around = target.latest === undefined ? [] : [to + 1, from - 1];
    return [...seen, ...around].filter((block) => block >= 0 && block <= last);
  }

  private fetch(target: Generation<P>, block: number): void {
    const abort = new AbortController();
    target.underWay.set(block, abort);
    target.source.fetch(block * BLOCK, BLOCK, abort.signal).then(
      (page) => {
        if (abort.signal.aborted) {
          return;
        }
        target.underWay.delete(block);
        this.accept(target, block, page);
        this.pump();
        this.onChange();
      },
      (thrown: unknown) => {
        if (!abort.signal.aborted) {
          target.underWay.delete(block);
          this.onError(thrown);
        }
      },
    );
  }

  private accept(target: Generation<P>, block: number, page: P): void {
    target.latest = page;
    target.blocks.delete(block);
    target.blocks.set(block, page);
    for (const oldest of target.blocks.keys()) {
      if (target.blocks.size <= MAX_BLOCKS) {
        break;
      }
      target.blocks.delete(oldest);
    }
    if (target === this.coming) {
      this.clampToTotal(page.total);
      if (this.wanted(target).every((seen) => !this.isInView(seen) || target.blocks.has(seen))) {
        this.shown = target;
        this.coming = undefined;
      }
    }
  }

  /** Fewer rows than before: the view ends where they end, and asks for nothing beyond. */
  private clampToTotal(total: number): void {
    this.end = Math.min(this.end, total);
    this.first = Math.min(this.first, Math.max(0, this.end - 1));
  }

  private isInView(block: number): boolean {
    return block * BLOCK < this.end && (block + 1) * BLOCK > this.first;
  }
}
