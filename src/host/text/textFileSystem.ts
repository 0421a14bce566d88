import * as vscode from "vscode";
import type { ModelSession } from "../engine/modelSession";
import type { Sessions } from "../engine/sessions";
import { describeThrown } from "../errors";
import type { TextModels } from "./textModels";
import { textUriOf } from "./textUri";

/** Why typing and saving are refused, wherever VS Code reports it. */
export const REFUSAL =
  "This text is a view of the model. Change the model with a quick fix or a code lens, and save the model itself.";

/**
 * Serves the text views as files. They count as writable although every write is refused, because VS Code offers
 * quick fixes only in editors that can be written to.
 */
export class TextFileSystem implements vscode.FileSystemProvider, vscode.Disposable {
  private readonly models: TextModels;
  private readonly changed = new WeakMap<ModelSession, number>();
  private readonly changeEmitter = new vscode.EventEmitter<vscode.FileChangeEvent[]>();
  private readonly subscriptions: vscode.Disposable[];

  readonly onDidChangeFile = this.changeEmitter.event;

  constructor(models: TextModels, sessions: Sessions) {
    this.models = models;
    this.subscriptions = [
      sessions.onDidOpen((session) => {
        session.onDidChangeModel(() => this.refresh(session));
        session.onDidChangeState(() => {
          if (session.state.kind === "open") {
            this.refresh(session);
          }
        });
      }),
    ];
  }

  async stat(uri: vscode.Uri): Promise<vscode.FileStat> {
    const session = this.session(uri);
    const size = Buffer.byteLength(await textOf(session));
    return { type: vscode.FileType.File, ctime: 0, mtime: this.changedAt(session), size };
  }

  async readFile(uri: vscode.Uri): Promise<Uint8Array> {
    return Buffer.from(await textOf(this.session(uri)));
  }

  writeFile(): never {
    throw vscode.FileSystemError.NoPermissions(REFUSAL);
  }

  delete(): never {
    throw vscode.FileSystemError.NoPermissions(REFUSAL);
  }

  rename(): never {
    throw vscode.FileSystemError.NoPermissions(REFUSAL);
  }

  createDirectory(): never {
    throw vscode.FileSystemError.NoPermissions(REFUSAL);
  }

  readDirectory(): [string, vscode.FileType][] {
    return [];
  }

  watch(): vscode.Disposable {
    return new vscode.Disposable(() => {});
  }

  dispose(): void {
    for (const subscription of this.subscriptions) {
      subscription.dispose();
    }
    this.changeEmitter.dispose();
  }

  private session(uri: vscode.Uri): ModelSession {
    const session = this.models.session(uri);
    if (session === undefined) {
      throw vscode.FileSystemError.FileNotFound(uri);
    }
    return session;
  }

  private changedAt(session: ModelSession): number {
    const time = this.changed.get(session) ?? Date.now();
    this.changed.set(session, time);
    return time;
  }

  private refresh(session: ModelSession): void {
    this.changed.set(session, Math.max(Date.now(), (this.changed.get(session) ?? 0) + 1));
    this.changeEmitter.fire([{ type: vscode.FileChangeType.Changed, uri: textUriOf(session.uri) }]);
  }
}

async function textOf(session: ModelSession): Promise<string> {
  try {
    return (await session.text()).text;
  } catch (thrown) {
    throw vscode.FileSystemError.Unavailable(describeThrown(thrown));
  }
}
