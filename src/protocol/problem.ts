/** Where in a model something is. Every field that is known is filled in; all are for people to read. */
export interface Where {
  /** File name as the user gave it, or the external data location. */
  readonly file?: string;
  /** Byte offset in that file. */
  readonly offset?: number;
  /** Graph path: "" for the main graph, "function domain::name", or "node_name.then_branch" for a subgraph. */
  readonly graph?: string;
  /** Node name, or its first output when the node has no name. */
  readonly node?: string;
  readonly tensor?: string;
}

export type Severity = "error" | "warning" | "info";

/**
 * What went wrong, as a stable word that programs may test.
 * - truncated: the file ends inside a message; malformed: bytes that are not valid protobuf or not valid ONNX
 * - limit: a named limit of core/limits was passed; unsupported: valid, but this version does not handle it
 * - missing: a file, tensor or value that is referred to is not there; refused: a path that leaves the model's folder
 * - stale: the file changed on disk since it was opened; io: the operating system said no
 * - inconsistent: an edit or a graph contradicts itself; cancelled: the user stopped it
 * - usage: a wrong argument; provider: onnxruntime or an execution provider failed; internal: a defect of this program
 */
export type ErrorCode =
  | "truncated"
  | "malformed"
  | "limit"
  | "unsupported"
  | "missing"
  | "refused"
  | "stale"
  | "io"
  | "inconsistent"
  | "cancelled"
  | "usage"
  | "provider"
  | "internal";

/** Something wrong that did not stop the work; the model stays usable in part. */
export interface Problem {
  readonly severity: Severity;
  readonly code: ErrorCode;
  readonly message: string;
  /** What the user can do about it. */
  readonly hint?: string;
  readonly where?: Where;
}

/** A failure as it crosses a wall between processes. */
export interface ErrorData {
  readonly code: ErrorCode;
  readonly message: string;
  readonly hint?: string;
  readonly where?: Where;
}
