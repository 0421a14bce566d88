import { stat } from "node:fs/promises";
import { basename } from "node:path";
import type * as vscode from "vscode";
import type { Bindings, ModelSummary } from "../../protocol/engine";
import { EngineClient } from "../engine/engineClient";
import { Mutex } from "../engine/mutex";
import type { Sessions } from "../engine/sessions";
import { hostError } from "../errors";

/** Models whose summary is kept. */
const MAX_KEPT = 100;

export interface FiguresOptions {
  readonly workerPath: string;
  readonly log: vscode.LogOutputChannel;
  readonly sessions: Sessions;
  /** Sizes that the model starts with. */
  bindings(model: vscode.Uri): Bindings;
}

interface Known {
  /** Names the file's state and the sizes: another stamp means to read it anew. */
  readonly stamp: string;
  readonly summary: Promise<ModelSummary>;
}

/**
 * Summaries of models that nobody has open: each is opened in an engine of its own, one after the other, which ends at
 * once. The figures of a file that did not change are kept.
 */
export class ModelFigures {
  private readonly options: FiguresOptions;
  private readonly known = new Map<string, Known>();
  private readonly turns = new Mutex();

  constructor(options: FiguresOptions) {
    this.options = options;
  }

  /** The summary of the open document where there is one, with its edits; else of the file. Rejects when it is no model. */
  async of(model: vscode.Uri): Promise<ModelSummary> {
    const state = this.options.sessions.get(model)?.state;
    if (state?.kind === "open") {
      return state.summary;
    }
    const path = model.fsPath;
    const { mtimeMs, size } = await stat(path);
    const bindings = this.options.bindings(model);
    const stamp = JSON.stringify([mtimeMs, size, bindings]);
    const known = this.known.get(path);
    this.known.delete(path);
    const entry =
      known?.stamp === stamp ? known : { stamp, summary: this.turns.run(() => this.read(path, bindings)) };
    this.known.set(path, entry);
    for (const oldest of [...this.known.keys()].slice(0, Math.max(0, this.known.size - MAX_KEPT))) {
      this.known.delete(oldest);
    }
    return await entry.summary;
  }

  private async read(path: string, bindings: Bindings): Promise<ModelSummary> {
    const fileName = basename(path);
    const { log, workerPath } = this.options;
    let crash = (_reason: string): void => {};
    const crashed = new Promise<never>((_, reject) => {
      crash = (reason) =>
        reject(
          hostError({
            code: "internal",
            message: `The engine stopped: ${reason}`,
            where: { file: fileName },
          }),
        );
    });
    const client = new EngineClient({
      workerPath,
      name: `Onnxray ${fileName}`,
      onOutput: (text) => log.info(`${fileName}: ${text}`),
      onCrash: crash,
    });
    try {
      return await Promise.race([client.call("open", { path, bindings }), crashed]);
    } finally {
      client.end();
    }
  }
}
