import type { ParametersApi, TensorProgress } from "../../../src/protocol/parameters";
import type { Peer } from "../../../src/rpc/browser";
import type { Client } from "../../shared/rpc/client";

/** What this view asks of the other side. */
export type Calls = Pick<
  Peer<ParametersApi, { tensorProgress: TensorProgress }, Record<never, never>>,
  "call" | "on"
>;

export function callsOf(client: Client): Calls {
  return client as unknown as Calls;
}
