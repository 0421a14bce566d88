import type { Offer, Preview, Refusal } from "../../protocol/actions";
import type { Json } from "../../protocol/json";
import type { Patch } from "../edit/types";
import type { Inference } from "../infer/types";
import type { Graph, Model, Node } from "../model/types";
import type { TensorReader } from "../tensor/reader";

/** Parameters of a call, as JSON. An action gives each its default. */
export type Params = { readonly [key: string]: Json };

export interface ActionContext {
  readonly model: Model;
  readonly inference: Inference;
  readonly graph: Graph;
  readonly node: Node;
}

export type ActionAnswer =
  | { readonly kind: "offer"; readonly offer: Offer }
  /** The user could expect the action here: say why it is not offered. */
  | { readonly kind: "refusal"; readonly refusal: Refusal }
  /** Nothing of this action's business. */
  | { readonly kind: "none" };

/**
 * One optimisation. `answer` is asked for every node and must be cheap; `plan` makes the edits. Neither reads weights,
 * whatever their size; `preview` streams them.
 */
export interface Action {
  readonly id: string;
  /** Imperative, sentence case, without the layer: "Quantise weights to int8 per channel". */
  readonly title: string;
  /** For menus and docs. */
  readonly description: string;
  answer(context: ActionContext): ActionAnswer;
  /** @throws ModelError("inconsistent") with the reason when the action is not possible at this node (any more) */
  plan(context: ActionContext, params: Params): Patch;
  preview(context: ActionContext, params: Params, reader: TensorReader): Preview;
}
