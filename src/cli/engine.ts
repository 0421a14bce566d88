import { join } from "node:path";
import { createEngine } from "../engine/engine";
import type { Bindings, EngineApi, EngineEvents, ModelSummary } from "../protocol/engine";
import type { LayerRow, RowQuery } from "../protocol/rows";
import type { CallContext, Handlers } from "../rpc/contract";
import { RpcError } from "../rpc/error";
import { closest } from "./suggest";

/** Rows asked for at once: enough that the calls do not count, few enough to hold. */
const PAGE = 10_000;

type Promised<A> = {
  readonly [M in keyof A]: A[M] extends (params: infer P) => infer R ? (params: P) => Promise<R> : never;
};

type AnyHandler = (params: never, context: CallContext) => unknown;
export type RowsWanted = Omit<RowQuery, "start" | "count">;

/** The engine in this process: the command line has nothing else to stay responsive for. */
export interface CliEngine {
  readonly api: Promised<EngineApi>;
  open(path: string, dims: Bindings): Promise<ModelSummary>;
  /** All rows of a query, or the first `most`, in pieces. */
  pages(query: RowsWanted, most?: number): AsyncGenerator<readonly LayerRow[]>;
  rows(query: RowsWanted, most?: number): Promise<readonly LayerRow[]>;
  dispose(): void;
}

export function createCliEngine(
  signal: AbortSignal,
  emit: <E extends keyof EngineEvents>(event: E, payload: EngineEvents[E]) => void,
): CliEngine {
  // Not the folder of process.argv[1], which may be a link to this file from a folder of programs.
  const engine = createEngine({
    profilerPath: join(__dirname, "profiler.cjs"),
    computePath: join(__dirname, "compute.cjs"),
    emit,
  });
  const handlers: Handlers<EngineApi> = engine.handlers;
  const api = Object.fromEntries(
    Object.entries(handlers).map(([method, handler]) => [
      method,
      async (params: never) => (handler as AnyHandler)(params, { signal }),
    ]),
  ) as unknown as Promised<EngineApi>;

  async function* pages(query: RowsWanted, most = Number.POSITIVE_INFINITY) {
    for (let start = 0; start < most; start += PAGE) {
      const page = await api.rows({ ...query, start, count: Math.min(PAGE, most - start) });
      yield page.rows;
      if (start + page.rows.length >= page.total) {
        return;
      }
    }
  }

  return {
    api,
    async open(path, dims) {
      const summary = await api.open({ path, bindings: dims });
      demandDims(dims, summary);
      return summary;
    },
    pages,
    async rows(query, most) {
      const rows: LayerRow[] = [];
      for await (const page of pages(query, most)) {
        for (const row of page) {
          rows.push(row);
        }
      }
      return rows;
    },
    dispose: () => engine.dispose(),
  };
}

function demandDims(dims: Bindings, summary: ModelSummary): void {
  const known = summary.dims.map(({ name }) => name);
  const unknown = Object.keys(dims).find((name) => !known.includes(name));
  if (unknown === undefined) {
    return;
  }
  const meant = closest(unknown, known);
  throw new RpcError({
    code: "usage",
    message: `${summary.fileName} has no dim named ${unknown}.`,
    hint:
      known.length === 0
        ? "All its dims are fixed."
        : `${meant === undefined ? "" : `Did you mean ${meant}? `}Its dims are ${known.join(", ")}.`,
  });
}
