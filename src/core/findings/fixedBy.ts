import type { Offer } from "../../protocol/actions";
import type { Severity } from "../../protocol/problem";
import type { Found, ModelFindingRule, NodeFindingRule } from "./types";

interface Rule {
  readonly code: string;
  readonly severity: Severity;
  /** Id of the action whose offer is the finding. */
  readonly action: string;
  readonly message: (offer: Offer) => string;
}

/** A finding at every node at which an action has something to offer. */
export function fixedBy(rule: Rule): NodeFindingRule {
  return { scope: "node", code: rule.code, severity: rule.severity, look: looking(rule) };
}

/** A finding of the model at which an action has something to offer. */
export function fixedInModelBy(rule: Rule): ModelFindingRule {
  return { scope: "model", code: rule.code, severity: rule.severity, look: looking(rule) };
}

function looking({ action, message }: Rule) {
  return ({ offers }: { readonly offers: readonly Offer[] }): Found | undefined => {
    const fixes = offers.filter(({ call }) => call.action === action);
    const [fix] = fixes;
    return fix === undefined ? undefined : { message: message(fix), fixes };
  };
}
