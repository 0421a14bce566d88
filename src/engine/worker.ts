import { join } from "node:path";
import { parentPort as channel } from "node:worker_threads";
import type { EngineApi, EngineEvents } from "../protocol/engine";
import { createPeer, parentPort } from "../rpc/node";
import { createEngine } from "./engine";

type Nothing = Record<never, never>;

if (channel === null) {
  throw new Error("This file is the engine's worker and does not run by itself.");
}
const engine = createEngine({
  profilerPath: join(__dirname, "profiler.cjs"),
  computePath: join(__dirname, "compute.cjs"),
  emit: (event, payload) => peer.emit(event, payload),
});
const peer = createPeer<EngineApi, EngineEvents, Nothing, Nothing>(parentPort(channel), engine.handlers);
