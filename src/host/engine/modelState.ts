import type { ModelSummary, OpenProgress } from "../../protocol/engine";
import type { ErrorData } from "../../protocol/problem";

/** What the file on disk has become since the engine read it. */
export type DiskState = "same" | "changed" | "deleted";

/** Life of one open model. */
export type ModelState =
  | { readonly kind: "loading"; readonly phase: OpenProgress["phase"] | "restart"; readonly fraction: number }
  | { readonly kind: "open"; readonly summary: ModelSummary }
  | { readonly kind: "failed"; readonly error: ErrorData };
