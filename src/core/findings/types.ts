import type { Offer } from "../../protocol/actions";
import type { Severity } from "../../protocol/problem";
import type { Inference } from "../infer/types";
import type { Graph, Model, Node } from "../model/types";

export interface FindingContext {
  readonly model: Model;
  readonly inference: Inference;
  readonly graph: Graph;
  readonly node: Node;
  /** What the actions offer at this node: a finding names its fixes by action and never imports one. */
  readonly offers: readonly Offer[];
}

export interface NodeFinding {
  readonly message: string;
  readonly fixes: readonly Offer[];
}

/** One diagnostic code. `look` is asked for every node and must be cheap. */
export interface FindingRule {
  readonly code: string;
  readonly severity: Severity;
  look(context: FindingContext): NodeFinding | undefined;
}
