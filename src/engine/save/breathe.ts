import { setImmediate as nextTurn } from "node:timers/promises";

/** Long enough that the pauses cost nothing, short enough that a press of Cancel feels immediate. */
const TURN_MS = 10;

/**
 * Hands chunks through and lets the event loop turn now and then. The engine is one thread: a loop that never pauses
 * would never hear that it was cancelled.
 *
 * @throws the signal's reason when it is aborted
 */
export async function* breathe(
  chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array> {
  let since = performance.now();
  for await (const chunk of chunks) {
    if (performance.now() - since > TURN_MS) {
      await nextTurn();
      since = performance.now();
    }
    signal?.throwIfAborted();
    yield chunk;
  }
}
