import type { Offer } from "../../protocol/actions";
import type { Severity } from "../../protocol/problem";
import type { FindingRule } from "./types";

interface Rule {
  readonly code: string;
  readonly severity: Severity;
  /** Id of the action whose offer is the finding. */
  readonly action: string;
  readonly message: (offer: Offer) => string;
}

/** A finding wherever an action has something to offer. */
export function fixedBy({ code, severity, action, message }: Rule): FindingRule {
  return {
    code,
    severity,
    look({ offers }) {
      const fixes = offers.filter(({ call }) => call.action === action);
      const [fix] = fixes;
      return fix === undefined ? undefined : { message: message(fix), fixes };
    },
  };
}
