import type { Offer } from "../../protocol/actions";
import type { ModelSession } from "../engine/modelSession";

/** Lines looked at for one selection: the light bulb follows the cursor and must not ask for thousands. */
const MAX_LINES = 40;

/** Fixes offered at the nodes of these lines of the text view. */
export async function offersAt(session: ModelSession, first: number, last: number): Promise<Offer[]> {
  const { lineKeys } = await session.text();
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
