import type * as vscode from "vscode";
import type { Bindings, EngineEvents, ModelSummary } from "../../protocol/engine";
import type { ErrorData } from "../../protocol/problem";
import { errorDataOf } from "../../rpc/error";
import { hostError } from "../errors";
import type { Restore } from "./backupFile";
import { EngineClient } from "./engineClient";
import type { ModelState } from "./modelState";
import { type Opened, openModel } from "./openModel";

/** A second crash soon after the first is likely to have the same cause; after this many the user decides. */
const MAX_RESTARTS = 3;
const RESTART_WINDOW_MS = 5 * 60_000;

/** An event of the engine with its name. */
export type EngineEvent = {
  [E in keyof EngineEvents]: { readonly event: E; readonly payload: EngineEvents[E] };
}[keyof EngineEvents];

export interface LifecycleOptions {
  readonly path: string;
  readonly fileName: string;
  readonly workerPath: string;
  readonly log: vscode.LogOutputChannel;
  bindings(): Bindings;
  /** Whether the file may be opened as it is when edits of a backup no longer fit it. */
  mayDropEdits(): boolean;
  onState(): void;
  onEvent(event: EngineEvent): void;
  onOpened(opened: Opened, asked: Restore | undefined): void;
  /** What the next engine has to bring back; undefined when no engine had the model open. */
  onCrash(): Restore | undefined;
  onRecovered(): void;
}

/** Starts, opens, restarts and ends the engine of one model, and keeps its state. */
export class EngineLifecycle {
  private readonly options: LifecycleOptions;
  private readonly crashes: number[] = [];
  private readonly waiting = new Set<() => void>();
  private client: EngineClient | undefined;
  private recovering = false;
  private current: ModelState = { kind: "loading", phase: "index", fraction: 0 };

  constructor(options: LifecycleOptions) {
    this.options = options;
  }

  get state(): ModelState {
    return this.current;
  }

  /** Resolves with the engine once the model is open; rejects with what went wrong. */
  whenOpen(): Promise<EngineClient> {
    return new Promise((resolve, reject) => {
      const settle = () => {
        if (this.current.kind === "open" && this.client !== undefined) {
          resolve(this.client);
        } else if (this.current.kind === "failed") {
          reject(hostError(this.current.error));
        } else {
          this.waiting.add(settle);
        }
      };
      settle();
    });
  }

  /** Begins to open the model in a new engine. */
  start(restore: Restore | undefined): void {
    this.client?.end();
    const client = this.spawn();
    this.client = client;
    this.open(client, restore).catch((thrown) => {
      if (this.client === client && client.alive) {
        this.fail(errorDataOf(thrown));
      }
    });
  }

  /** Shows other figures of the open model. */
  setSummary(summary: ModelSummary): void {
    this.current = { kind: "open", summary };
  }

  /** Gives the model up until somebody starts again. */
  fail(error: ErrorData): void {
    this.recovering = false;
    this.client?.end();
    this.options.log.error(`${this.options.fileName}: ${error.code}: ${error.message}`);
    this.setState({ kind: "failed", error });
  }

  dispose(): void {
    this.client?.end();
    this.setState({
      kind: "failed",
      error: { code: "cancelled", message: `${this.options.fileName} is closed.` },
    });
  }

  private spawn(): EngineClient {
    const { fileName, log, workerPath } = this.options;
    const client = new EngineClient({
      workerPath,
      name: `Onnxray ${fileName}`,
      onOutput: (text) => log.info(`${fileName}: ${text}`),
      onCrash: (reason) => {
        if (this.client === client) {
          this.recover(reason);
        }
      },
    });
    client.on("openProgress", (payload) => {
      if (this.client === client && this.current.kind === "loading") {
        this.setState({ kind: "loading", phase: payload.phase, fraction: payload.fraction });
      }
      this.options.onEvent({ event: "openProgress", payload });
    });
    client.on("saveProgress", (payload) => this.options.onEvent({ event: "saveProgress", payload }));
    client.on("profileProgress", (payload) => this.options.onEvent({ event: "profileProgress", payload }));
    return client;
  }

  private async open(client: EngineClient, restore: Restore | undefined): Promise<void> {
    const begun = Date.now();
    this.setState({ kind: "loading", phase: this.recovering ? "restart" : "index", fraction: 0 });
    const { path, fileName, log } = this.options;
    const opened = await openModel(client, {
      path,
      bindings: this.options.bindings(),
      restore,
      mayDropEdits: this.options.mayDropEdits(),
    });
    if (this.client !== client || !client.alive) {
      return;
    }
    log.info(`${fileName}: opened in ${Date.now() - begun} ms, ${opened.summary.nodes} nodes`);
    this.options.onOpened(opened, restore);
    this.setState({ kind: "open", summary: opened.summary });
    if (this.recovering) {
      this.recovering = false;
      this.options.onRecovered();
    }
  }

  private recover(reason: string): void {
    const { fileName, log } = this.options;
    log.error(`${fileName}: the engine stopped: ${reason}`);
    const now = Date.now();
    this.crashes.push(now);
    const recent = this.crashes.filter((time) => now - time < RESTART_WINDOW_MS).length;
    const restore = recent > MAX_RESTARTS ? undefined : this.options.onCrash();
    if (restore === undefined) {
      this.fail({
        code: "internal",
        message: `The engine stopped: ${reason.split("\n", 1)[0] ?? reason}`,
        where: { file: fileName },
        hint: "Reload to try again; the log says more.",
      });
      return;
    }
    this.recovering = true;
    this.start(restore);
  }

  private setState(state: ModelState): void {
    this.current = state;
    this.options.onState();
    if (state.kind !== "loading") {
      const waiting = [...this.waiting];
      this.waiting.clear();
      for (const settle of waiting) {
        settle();
      }
    }
  }
}
