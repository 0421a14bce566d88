import { FieldScanner } from "../wire/scanner";
import { ENTRY } from "../wire/schema";
import type { Span } from "../wire/source";
import type { ReadContext } from "./readContext";

/** Reads one entry of a metadata_props field. */
export function readEntry(context: ReadContext, span: Span): { readonly key: string; readonly value: Span } {
  const scanner = new FieldScanner(context.cursor, span);
  let key = "";
  let value: Span = { start: span.end, end: span.end };
  while (scanner.advance()) {
    if (scanner.field === ENTRY.key) {
      key = context.name(scanner.expectLength());
    } else if (scanner.field === ENTRY.value) {
      value = scanner.expectLength();
    }
  }
  return { key, value };
}

/**
 * Metadata whose values are read when somebody asks: exporters write kilobytes of stack traces for every node, of
 * which most are never looked at.
 */
export class LazyMetadata implements ReadonlyMap<string, string> {
  private readonly context: ReadContext;
  private readonly spans: ReadonlyMap<string, Span>;

  constructor(context: ReadContext, spans: ReadonlyMap<string, Span>) {
    this.context = context;
    this.spans = spans;
  }

  get size(): number {
    return this.spans.size;
  }

  get(key: string): string | undefined {
    const span = this.spans.get(key);
    return span === undefined ? undefined : this.context.passing(span);
  }

  has(key: string): boolean {
    return this.spans.has(key);
  }

  forEach(callback: (value: string, key: string, map: ReadonlyMap<string, string>) => void): void {
    for (const [key, value] of this) {
      callback(value, key, this);
    }
  }

  keys(): MapIterator<string> {
    return this.spans.keys();
  }

  *values(): MapIterator<string> {
    for (const key of this.spans.keys()) {
      yield this.get(key)!;
    }
  }

  *entries(): MapIterator<[string, string]> {
    for (const key of this.spans.keys()) {
      yield [key, this.get(key)!];
    }
  }

  [Symbol.iterator](): MapIterator<[string, string]> {
    return this.entries();
  }
}
