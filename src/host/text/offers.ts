import type * as vscode from "vscode";
import type { Offer } from "../../protocol/actions";
import type { ModelSession } from "../engine/modelSession";

/** Lines looked at for one selection, so that selecting all of a model of twenty thousand nodes does not ask for each. */
const MAX_LINES = 2_000;

/** Fixes offered at the nodes of these lines of the text view; none once nobody waits for them. */
export async function offersAt(
  session: ModelSession,
  first: number,
  last: number,
  token?: vscode.CancellationToken,
): Promise<Offer[]> {
  const { lineKeys } = await session.text();
  if (token?.isCancellationRequested === true) {
    return [];
  }
  const keys = new Set(
    lineKeys.slice(first, Math.min(last, first + MAX_LINES) + 1).filter((key) => key !== ""),
  );
  const answers = await Promise.all([...keys].map((key) => session.read("offers", { key })));
  return answers.flatMap((answer) => answer.offers);
}

/** One word for a call, equal for equal calls. */
export function callId(offer: Offer): string {
  return JSON.stringify(offer.call);
}
