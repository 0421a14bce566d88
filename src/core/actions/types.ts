import type { Offer, Refusal } from "../../protocol/actions";
import type { Json } from "../../protocol/json";
import type { Patch } from "../edit/types";
import type { Inference } from "../infer/types";
import type { Graph, Model, Node, TensorRef } from "../model/types";

/** Reads elements of a tensor in order, piece by piece, as float32; the array is reused between pieces. */
export type ReadFloats = (
  tensor: TensorRef,
  onChunk: (values: Float32Array, firstElement: number) => void,
) => void;

export interface ActionContext {
  readonly model: Model;
  readonly inference: Inference;
  readonly graph: Graph;
  readonly node: Node;
  /** Amounts at the bindings of the moment. */
  evaluate(expr: import("../expr").Expr): number | undefined;
}

export type ActionAnswer =
  | { readonly kind: "offer"; readonly offer: Offer }
  | { readonly kind: "refusal"; readonly refusal: Refusal }
  /** Nothing of this action's business. */
  | { readonly kind: "none" };

export interface PreviewFigures {
  readonly weightSqnrDb: number;
  readonly maxAbsError: number;
  readonly notes: readonly string[];
}

/** One optimisation. `offer` is asked for every node and must be cheap; `plan` makes the edits; weights stay unread in both. */
export interface Action {
  readonly id: string;
  readonly title: string;
  /** Shown in menus and docs. */
  readonly description: string;
  offer(context: ActionContext): ActionAnswer;
  /** Throws ModelError("inconsistent") when the node no longer allows it. */
  plan(context: ActionContext, params: { readonly [key: string]: Json }): Patch;
  /** Streams the weights to say what the change does to them. */
  preview(context: ActionContext, params: { readonly [key: string]: Json }, read: ReadFloats): PreviewFigures;
}
