import * as vscode from "vscode";
import type { Restore } from "./backupFile";
import { ModelSession, type SessionOptions } from "./modelSession";

/** Moving an editor closes it before it opens it again; the model is not read twice for that. */
const GRACE_MS = 3_000;

/** A claim on a session; the session lives as long as somebody holds one. */
export interface Lease extends vscode.Disposable {
  readonly session: ModelSession;
}

interface Entry {
  readonly session: ModelSession;
  leases: number;
  grace: NodeJS.Timeout | undefined;
}

/** The open models, one session for each file, shared by editors, text views and commands. */
export class Sessions implements vscode.Disposable {
  private readonly entries = new Map<string, Entry>();
  private readonly optionsFor: (uri: vscode.Uri) => SessionOptions;
  private readonly openEmitter = new vscode.EventEmitter<ModelSession>();
  private readonly closeEmitter = new vscode.EventEmitter<ModelSession>();

  readonly onDidOpen = this.openEmitter.event;
  readonly onDidClose = this.closeEmitter.event;

  constructor(optionsFor: (uri: vscode.Uri) => SessionOptions) {
    this.optionsFor = optionsFor;
  }

  /** Opens the model, with the edits of a backup if any, or joins those who have it open. */
  acquire(uri: vscode.Uri, restore?: Restore): Lease {
    const key = uri.toString();
    const known = this.entries.get(key);
    if (known !== undefined) {
      if (restore !== undefined) {
        known.session.restore(restore);
      }
      return this.lease(key, known);
    }
    const session = new ModelSession(uri, this.optionsFor(uri), restore);
    const entry: Entry = { session, leases: 0, grace: undefined };
    this.entries.set(key, entry);
    this.openEmitter.fire(session);
    return this.lease(key, entry);
  }

  get(uri: vscode.Uri): ModelSession | undefined {
    return this.entries.get(uri.toString())?.session;
  }

  get all(): readonly ModelSession[] {
    return [...this.entries.values()].map((entry) => entry.session);
  }

  dispose(): void {
    for (const [key, entry] of [...this.entries]) {
      this.close(key, entry);
    }
    this.openEmitter.dispose();
    this.closeEmitter.dispose();
  }

  private lease(key: string, entry: Entry): Lease {
    entry.leases++;
    clearTimeout(entry.grace);
    let held = true;
    return {
      session: entry.session,
      dispose: () => {
        if (!held) {
          return;
        }
        held = false;
        entry.leases--;
        if (entry.leases === 0) {
          entry.grace = setTimeout(() => this.close(key, entry), GRACE_MS);
        }
      },
    };
  }

  private close(key: string, entry: Entry): void {
    clearTimeout(entry.grace);
    if (this.entries.get(key) !== entry) {
      return;
    }
    this.entries.delete(key);
    entry.session.dispose();
    this.closeEmitter.fire(entry.session);
  }
}
