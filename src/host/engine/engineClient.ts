import { Worker } from "node:worker_threads";
import type { EngineApi, EngineEvents } from "../../protocol/engine";
import type { ParamsOf, ResultOf } from "../../rpc/contract";
import { createPeer, type Peer, workerPort } from "../../rpc/node";

type Nothing = Record<never, never>;

export interface EngineClientOptions {
  readonly workerPath: string;
  /** Shown in process explorers and logs. */
  readonly name: string;
  onOutput(text: string): void;
  /** The worker ended although nobody asked it to. */
  onCrash(reason: string): void;
}

/** One engine worker. It runs no native inference, so ending it at any moment is safe. */
export class EngineClient {
  private readonly worker: Worker;
  private readonly peer: Peer<EngineApi, EngineEvents, Nothing>;
  private ending = false;
  private ended = false;

  constructor(options: EngineClientOptions) {
    this.worker = new Worker(options.workerPath, { name: options.name, stdout: true, stderr: true });
    let reason = "";
    this.worker.on("error", (error) => {
      reason = error instanceof Error ? (error.stack ?? error.message) : String(error);
    });
    for (const stream of [this.worker.stdout, this.worker.stderr]) {
      stream.setEncoding("utf8").on("data", (text: string) => options.onOutput(text.trimEnd()));
    }
    this.worker.once("exit", (code) => {
      this.ended = true;
      if (!this.ending) {
        options.onCrash(reason === "" ? `exit code ${code}` : reason);
      }
    });
    this.peer = createPeer<Nothing, Nothing, EngineApi, EngineEvents>(workerPort(this.worker), {});
  }

  /** False once the worker has ended or was told to. */
  get alive(): boolean {
    return !this.ending && !this.ended;
  }

  call<M extends keyof EngineApi>(
    method: M,
    params: ParamsOf<EngineApi, M>,
    signal?: AbortSignal,
  ): Promise<ResultOf<EngineApi, M>> {
    return this.peer.call(method, params, signal === undefined ? {} : { signal });
  }

  on<E extends keyof EngineEvents>(event: E, listener: (payload: EngineEvents[E]) => void): void {
    this.peer.on(event, listener);
  }

  /** Ends the worker at once, whatever it is doing; pending calls are rejected. */
  end(): void {
    if (this.ending) {
      return;
    }
    this.ending = true;
    this.peer.dispose();
    this.worker.terminate().catch(() => {});
  }
}
