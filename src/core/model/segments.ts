import type { Span } from "../wire/source";
import { recordHead } from "./encode";
import type { Segment } from "./types";

export function segmentLength(segment: Segment): number {
  switch (segment.kind) {
    case "copy":
      return segment.span.end - segment.span.start;
    case "bytes":
      return segment.bytes.length;
    case "tensor":
      return segment.byteLength;
  }
}

export function totalLength(segments: readonly Segment[]): number {
  return segments.reduce((sum, segment) => sum + segmentLength(segment), 0);
}

/** A length-delimited field around segments. */
export function wrapped(field: number, content: readonly Segment[]): Segment[] {
  return [{ kind: "bytes", bytes: recordHead(field, totalLength(content)) }, ...content];
}

/** The same bytes in as few segments as possible: neighbouring ranges of the file become one. */
export function merged(segments: readonly Segment[]): Segment[] {
  const result: Segment[] = [];
  for (const segment of segments) {
    const last = result.at(-1);
    if (last?.kind === "copy" && segment.kind === "copy" && last.span.end === segment.span.start) {
      result[result.length - 1] = { kind: "copy", span: { start: last.span.start, end: segment.span.end } };
    } else if (segmentLength(segment) > 0) {
      result.push(segment);
    }
  }
  return result;
}

export function copy(span: Span): Segment {
  return { kind: "copy", span };
}
