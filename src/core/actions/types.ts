import type { NodeRef, Offer, ParamSpec, Preview, Refusal } from "../../protocol/actions";
import type { Json } from "../../protocol/json";
import type { Patch } from "../edit/types";
import type { Inference } from "../infer/types";
import type { Graph, Model, Node } from "../model/types";
import type { TensorReader } from "../tensor/reader";

/** Parameters of a call, as JSON. An action gives each its default. */
export type Params = { readonly [key: string]: Json };

export interface ModelContext {
  readonly model: Model;
  readonly inference: Inference;
}

export interface ActionContext extends ModelContext {
  readonly graph: Graph;
  readonly node: Node;
}

export type ActionAnswer =
  | { readonly kind: "offer"; readonly offer: Offer }
  /** The user could expect the action here: say why it is not offered. */
  | { readonly kind: "refusal"; readonly refusal: Refusal }
  /** Nothing of this action's business. */
  | { readonly kind: "none" };

/** Target of a call that concerns the whole model. */
export const WHOLE_MODEL: NodeRef = { output: "" };

interface Described {
  readonly id: string;
  /** Imperative, sentence case, without the layer: "Quantise weights to int8 per channel". */
  readonly title: string;
  /** For menus and docs. */
  readonly description: string;
  /** What the user may choose; the call of an offer holds the defaults. Absent where there is nothing to choose. */
  readonly params?: readonly ParamSpec[];
  /** No improvement by itself: in menus for who wants it, and never suggested. */
  readonly onRequest?: true;
}

/**
 * An optimisation at one node. `answer` is asked for every node and must be cheap; `plan` makes the edits. Neither
 * reads weights, whatever their size; `preview` streams them.
 */
export interface NodeAction extends Described {
  readonly scope: "node";
  answer(context: ActionContext): ActionAnswer;
  /** @throws ModelError("inconsistent") with the reason when the action is not possible at this node (any more) */
  plan(context: ActionContext, params: Params, reader: TensorReader): Patch;
  /** Only where weights are rounded: how far they move. */
  preview?(context: ActionContext, params: Params, reader: TensorReader): WeightError;
}

/**
 * An optimisation of the whole model: its calls target the output "". `answers` is asked once for each revision and may
 * look at every node, but at no more than a few bytes of weights; `plan` may read weights where equality of contents decides.
 */
export interface ModelAction extends Described {
  readonly scope: "model";
  answers(context: ModelContext): readonly ActionAnswer[];
  /** @throws ModelError("inconsistent") with the reason when the action is not possible (any more) */
  plan(context: ModelContext, params: Params, reader: TensorReader): Patch;
  preview?(context: ModelContext, params: Params, reader: TensorReader): WeightError;
}

export type Action = NodeAction | ModelAction;

/** How far rounding moves weights. */
export type WeightError = Pick<
  Preview,
  "label" | "weightBytesBefore" | "weightBytesAfter" | "weightSqnrDb" | "maxAbsError" | "notes"
>;
