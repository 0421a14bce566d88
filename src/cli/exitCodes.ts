import type { ErrorData } from "../protocol/problem";

/** Exit codes of the command line; part of its documented interface. */
export const EXIT = {
  ok: 0,
  /** The model could not be read whole, changed, saved or run. */
  failed: 1,
  /** Wrong arguments. */
  usage: 2,
  /** Stopped by Ctrl-C or a signal. */
  interrupted: 130,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

export function exitCodeOf(error: ErrorData): ExitCode {
  switch (error.code) {
    case "usage":
      return EXIT.usage;
    case "cancelled":
      return EXIT.interrupted;
    default:
      return EXIT.failed;
  }
}
