import { ModelError } from "../../core/errors";
import type { ProviderInfo } from "../../protocol/profiler";
import { cancelled, throwIfCancelled, withProfiler } from "./child";

/** Drivers that hang are as good as none. */
const PROBE_SECONDS = 30;

const remembered = new Map<string, Promise<readonly ProviderInfo[]>>();

/**
 * What can run models on this machine, found out once by trying. A provider whose driver crashes or hangs is not
 * available, and takes no other one with it.
 *
 * @throws ModelError "cancelled" when the signal aborts; the search goes on for whoever asks next
 */
export async function listProviders(
  profilerPath: string,
  signal: AbortSignal,
): Promise<readonly ProviderInfo[]> {
  throwIfCancelled(signal);
  let search = remembered.get(profilerPath);
  if (search === undefined) {
    search = searchProviders(profilerPath);
    remembered.set(profilerPath, search);
    search.catch(() => remembered.delete(profilerPath));
  }
  let stop = () => {};
  const stopped = new Promise<never>((_, reject) => {
    stop = () => reject(cancelled());
    signal.addEventListener("abort", stop, { once: true });
  });
  try {
    return await Promise.race([search, stopped]);
  } finally {
    signal.removeEventListener("abort", stop);
  }
}

async function searchProviders(profilerPath: string): Promise<readonly ProviderInfo[]> {
  const candidates = await withProfiler(profilerPath, AbortSignal.timeout(PROBE_SECONDS * 1000), (peer) =>
    peer.call("candidates", {}),
  );
  return Promise.all(candidates.map((candidate) => probe(profilerPath, candidate)));
}

/** Each provider in a process of its own. */
async function probe(
  profilerPath: string,
  candidate: Pick<ProviderInfo, "id" | "title">,
): Promise<ProviderInfo> {
  try {
    return await withProfiler(profilerPath, AbortSignal.timeout(PROBE_SECONDS * 1000), (peer) =>
      peer.call("probe", { provider: candidate.id }),
    );
  } catch (thrown) {
    if (!(thrown instanceof ModelError)) {
      throw thrown;
    }
    const why =
      thrown.code === "cancelled"
        ? `It did not answer within ${PROBE_SECONDS} seconds.`
        : `Trying it failed. ${thrown.message}`;
    return { ...candidate, available: false, detail: why };
  }
}
