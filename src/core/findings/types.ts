import type { Offer } from "../../protocol/actions";
import type { Severity } from "../../protocol/problem";
import type { Inference } from "../infer/types";
import type { Graph, Model, Node } from "../model/types";

export interface ModelFindingContext {
  readonly model: Model;
  readonly inference: Inference;
  /** What the actions offer here: a finding names its fixes by action and never imports one. */
  readonly offers: readonly Offer[];
}

export interface FindingContext extends ModelFindingContext {
  readonly graph: Graph;
  readonly node: Node;
}

export interface Found {
  readonly message: string;
  readonly fixes: readonly Offer[];
}

interface Described {
  readonly code: string;
  readonly severity: Severity;
}

/** One diagnostic code at nodes. `look` is asked for every node and must be cheap. */
export interface NodeFindingRule extends Described {
  readonly scope: "node";
  look(context: FindingContext): Found | undefined;
}

/** One diagnostic code of the model as a whole, shown at its top. Its offers are those of actions on the whole model. */
export interface ModelFindingRule extends Described {
  readonly scope: "model";
  look(context: ModelFindingContext): Found | undefined;
}

export type FindingRule = NodeFindingRule | ModelFindingRule;
