/** Random access to bytes. Synchronous: it only runs in the engine's own thread, the profiler or the CLI. */
export interface ByteSource {
  /** Name for messages: the path as the user gave it. */
  readonly name: string;
  /** Bytes in the source; below 2^53. */
  readonly size: number;
  /** Fills `into` from `offset` on; throws ModelError("truncated") when the source ends before. */
  read(offset: number, into: Uint8Array): void;
}

/** A half-open range of bytes. Offsets are plain numbers below 2^53: no bit operator may touch one. */
export interface Span {
  readonly start: number;
  readonly end: number;
}
