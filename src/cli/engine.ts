import { dirname, join } from "node:path";
import { createEngine } from "../engine/engine";
import type { Bindings, EngineApi, ModelSummary } from "../protocol/engine";
import type { LayerRow, RowQuery } from "../protocol/rows";
import type { Handlers } from "../rpc/contract";
import { RpcError } from "../rpc/error";

type Promised<A> = {
  readonly [M in keyof A]: A[M] extends (params: infer P) => infer R ? (params: P) => Promise<R> : never;
};

/** The engine in this process: the command line has nothing else to stay responsive for. */
export interface CliEngine {
  readonly api: Promised<EngineApi>;
  open(path: string, dims: Bindings): Promise<ModelSummary>;
  rows(query: Omit<RowQuery, "start" | "count">, top?: number): Promise<readonly LayerRow[]>;
  dispose(): void;
}

export function createCliEngine(signal: AbortSignal): CliEngine {
  const engine = createEngine({
    profilerPath: join(dirname(process.argv[1]!), "profiler.cjs"),
    emit: () => {},
  });
  const handlers: Handlers<EngineApi> = engine.handlers;
  const api = Object.fromEntries(
    Object.entries(handlers).map(([method, handler]) => [
      method,
      async (params: never) =>
        (handler as (params: never, context: { signal: AbortSignal }) => unknown)(params, { signal }),
    ]),
  ) as unknown as Promised<EngineApi>;
  return {
    api,
    async open(path, dims) {
      const summary = await api.open({ path, bindings: dims });
      const unknown = Object.keys(dims).filter((name) => !summary.dims.some((dim) => dim.name === name));
      if (unknown.length > 0) {
        const names = summary.dims.map((dim) => dim.name).join(", ");
        throw new RpcError({
          code: "usage",
          message: `The model has no dim named ${unknown.join(", ")}.`,
          hint: names === "" ? "All its dims are fixed." : `Its dims are: ${names}.`,
        });
      }
      return summary;
    },
    async rows(query, top) {
      return (await api.rows({ ...query, start: 0, count: top ?? Number.MAX_SAFE_INTEGER })).rows;
    },
    dispose: () => engine.dispose(),
  };
}
