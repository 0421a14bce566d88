import { join } from "node:path";
import { createEngine } from "../../../src/engine/engine";
import type { EngineApi, EngineEvents } from "../../../src/protocol/engine";
import type { Handlers, ParamsOf, ResultOf } from "../../../src/rpc/contract";

const ROOT = join(import.meta.dirname, "../../..");

/** Path of a fixture, or of the sample. */
export function fixturePath(name: string): string {
  return name === "encoder"
    ? join(ROOT, "samples/encoder.onnx")
    : join(ROOT, `test/fixtures/models/${name}.onnx`);
}

export interface TestEngine {
  call<M extends keyof EngineApi>(
    method: M,
    params: ParamsOf<EngineApi, M>,
    signal?: AbortSignal,
  ): Promise<ResultOf<EngineApi, M>>;
  readonly events: readonly { readonly event: keyof EngineEvents; readonly payload: unknown }[];
  dispose(): void;
}

/** An engine in this process, called as over a channel. */
export function testEngine(): TestEngine {
  const events: { event: keyof EngineEvents; payload: unknown }[] = [];
  const engine = createEngine({
    profilerPath: join(ROOT, "dist/profiler.cjs"),
    emit: (event, payload) => events.push({ event, payload }),
  });
  const handlers: Handlers<EngineApi> = engine.handlers;
  return {
    events,
    async call(method, params, signal = new AbortController().signal) {
      return await handlers[method](params, { signal });
    },
    dispose: () => engine.dispose(),
  };
}
