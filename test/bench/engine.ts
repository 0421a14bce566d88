import { join } from "node:path";
import { createEngine } from "../../src/engine/engine";
import type { EngineApi } from "../../src/protocol/engine";
import type { ParamsOf, ResultOf } from "../../src/rpc/contract";

export interface BenchEngine {
  call<M extends keyof EngineApi>(method: M, params: ParamsOf<EngineApi, M>): Promise<ResultOf<EngineApi, M>>;
  dispose(): void;
}

/** An engine in this process, called without a channel. */
export function benchEngine(): BenchEngine {
  const { handlers, dispose } = createEngine({
    profilerPath: "",
    computePath: join(import.meta.dirname, "compute.mjs"),
    emit: () => {},
  });
  const { signal } = new AbortController();
  return {
    dispose,
    call: async (method, params) => await handlers[method](params, { signal }),
  };
}
