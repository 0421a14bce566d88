import type { Json } from "./json";

/**
 * Names a node in a way that survives saving, reopening and renumbering: its first non-empty output.
 * `graph` is the graph path of Where; absent for the main graph. The output "" stands for the model as a whole.
 */
export interface NodeRef {
  readonly output: string;
  readonly graph?: string;
}

/** A parameter of an action that the user may set. */
export interface ParamSpec {
  readonly name: string;
  /** Sentence case, for forms: "Name of the dim". */
  readonly title: string;
  readonly kind: "text" | "number" | "choice" | "flag";
  readonly default: Json;
  /** Of a choice. */
  readonly choices?: readonly { readonly value: Json; readonly title: string }[];
  readonly description?: string;
}

/** One edit as data: undo, hot exit, recipes and tests all speak in these. */
export interface ActionCall {
  readonly action: string;
  readonly target: NodeRef;
  readonly params: { readonly [key: string]: Json };
}

/** A fix that can be taken at a node, with what it is expected to do. Cheap to make; nothing is read from weights. */
export interface Offer {
  readonly call: ActionCall;
  /** Imperative, sentence case: "Quantise weights to int8 per channel". */
  readonly title: string;
  /** One line: what changes and what it costs. */
  readonly detail: string;
  /** Module path of the layer, or its name where there is none: what people call it in lists of offers. */
  readonly layer?: string;
  readonly weightBytesBefore: number;
  readonly weightBytesAfter: number;
  /** What the user may choose before it is applied; `call.params` holds the defaults. */
  readonly params?: readonly ParamSpec[];
  /** No improvement by itself: in menus for who wants it, and not among what is suggested. */
  readonly onRequest?: true;
  /** Rounds weights: a preview says how far they move. */
  readonly rounds?: true;
}

/** Sums of a model, for comparing two states of it. */
export interface Figures {
  readonly nodes: number;
  readonly params: number;
  readonly weightBytes: number;
  /** null where a cost is not known. */
  readonly macs: number | null;
  readonly flops: number | null;
}

/** What calls would do to the model as a whole, without doing it. */
export interface Effect {
  readonly label: string;
  readonly before: Figures;
  readonly after: Figures;
  /** The text view as it would be. */
  readonly text: string;
  /** Problems that are not there now. */
  readonly newProblems: readonly string[];
}

/** Why an action that could be expected here is not offered. */
export interface Refusal {
  readonly action: string;
  readonly title: string;
  readonly reason: string;
}

/** What an action would do, worked out in full (weights are read, streamed). */
export interface Preview {
  readonly label: string;
  readonly weightBytesBefore: number;
  readonly weightBytesAfter: number;
  /** 10·log10(Σw²/Σ(w-ŵ)²) over the changed weights; infinite when none is rounded. */
  readonly weightSqnrDb: number;
  readonly maxAbsError: number;
  readonly notes: readonly string[];
}

/** What a changed document tells its views. */
export interface Change {
  readonly revision: number;
  /** What was done, for menus: "Quantise weights of encoder.layer.0.query". */
  readonly label: string;
  /** Row keys whose figures or presence changed; undefined means everything. */
  readonly touched?: readonly string[];
  readonly canUndo: boolean;
  readonly canRedo: boolean;
  readonly dirty: boolean;
}
