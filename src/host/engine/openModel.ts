import type { Bindings, ModelSummary } from "../../protocol/engine";
import { errorDataOf } from "../../rpc/error";
import type { Restore } from "./backupFile";
import type { EngineClient } from "./engineClient";

const NONE: Record<string, never> = {};

export interface OpenRequest {
  readonly path: string;
  readonly bindings: Bindings;
  readonly restore: Restore | undefined;
  /** Open the file as it is when the edits no longer fit it; otherwise that is a failure. */
  readonly mayDropEdits: boolean;
}

export interface Opened {
  readonly summary: ModelSummary;
  /** The edits that were asked for and are not in the model. */
  readonly unfit: Restore | undefined;
}

/** Opens the file and replays the edits, one undo step for each group. */
export async function openModel(client: EngineClient, request: OpenRequest): Promise<Opened> {
  const { path, restore } = request;
  if (restore === undefined || restore.groups.length === 0) {
    const summary = await client.call("open", { path, bindings: restore?.bindings ?? request.bindings });
    return { summary, unfit: undefined };
  }
  const bindings = { ...request.bindings, ...restore.bindings };
  try {
    await client.call("open", { path, bindings, fingerprint: restore.fingerprint });
    for (const group of restore.groups) {
      await client.call("apply", { calls: group.calls });
    }
    return { summary: await client.call("summary", NONE), unfit: undefined };
  } catch (thrown) {
    const fits = !["stale", "inconsistent"].includes(errorDataOf(thrown).code);
    if (fits || !request.mayDropEdits) {
      throw thrown;
    }
    return { summary: await client.call("open", { path, bindings }), unfit: restore };
  }
}
