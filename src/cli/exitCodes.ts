import type { ErrorData } from "../protocol/problem";

/** Exit codes of the command line; part of its documented interface. */
export const EXIT = {
  ok: 0,
  /** The model could not be read, changed, saved or run. */
  failed: 1,
  /** Wrong arguments. */
  usage: 2,
  /** Stopped by Ctrl-C or a signal. */
  interrupted: 130,
} as const;

export function exitCodeOf(error: ErrorData): number {
  switch (error.code) {
    case "usage":
      return EXIT.usage;
    case "cancelled":
      return EXIT.interrupted;
    default:
      return EXIT.failed;
  }
}

/** One line that says what and where, and a second one with what to do. */
export function describeError(error: ErrorData): string {
  const { file, offset, node, tensor } = error.where ?? {};
  const place = [
    file,
    offset === undefined ? undefined : `byte ${offset}`,
    node === undefined ? undefined : `node ${node}`,
    tensor === undefined ? undefined : `tensor ${tensor}`,
  ].filter((part) => part !== undefined && !error.message.includes(part));
  const first = `onnxray: ${error.message}${place.length === 0 ? "" : ` (${place.join(", ")})`}`;
  return error.hint === undefined ? first : `${first}\n  hint: ${error.hint}`;
}
