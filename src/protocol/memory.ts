/** A value whose memory is held at the peak of a run. */
export interface HeldValue {
  /** Of the value; of the node, for what its branch or body holds. */
  readonly name: string;
  readonly bytes: number;
  /** Inputs of the model are the caller's; "inner" is what a branch, body or function holds besides. */
  readonly kind: "input" | "activation" | "inner";
  /** Nobody reads it any more: its memory waits for a later value of the same shape. */
  readonly idle: boolean;
  /** Row key and name of the node that makes it; null for an input. */
  readonly layer: { readonly key: string; readonly name: string } | null;
}

/** The moment of a run at which most memory is held for activations: an estimate, as in Totals. */
export interface PeakMemory {
  /** Null when no size is known. */
  readonly bytes: number | null;
  /** The node that runs then; null when no size is known. */
  readonly at: { readonly key: string; readonly name: string } | null;
  /** Largest first, all of them. */
  readonly held: readonly HeldValue[];
}
