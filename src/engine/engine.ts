import type { EngineApi, EngineEvents } from "../protocol/engine";
import type { Handlers } from "../rpc/contract";
import { engineHandlers } from "./session/handlers";
import { Session } from "./session/session";

export interface EngineOptions {
  /** The profiler's bundle, which is run as a child process. */
  readonly profilerPath: string;
  /** The bundle of the threads that compute new weights of a large model while it is saved. */
  readonly computePath?: string;
  readonly emit: <E extends keyof EngineEvents>(event: E, payload: EngineEvents[E]) => void;
}

/** One engine holds one open model; it runs in a worker of the extension, or in the process of the command line. */
export function createEngine(options: EngineOptions): {
  readonly handlers: Handlers<EngineApi>;
  readonly dispose: () => void;
} {
  const session = new Session(options);
  return { handlers: engineHandlers(session), dispose: () => session.dispose() };
}
