import type { Draft } from "../draft";

/** Makes a node of the version before one of this version that computes the same; a text says why it cannot. */
export interface OpsetRule {
  readonly ops: readonly string[];
  /** The operator set that changed them. */
  readonly since: number;
  raise(draft: Draft): string | undefined;
}
