import * as vscode from "vscode";
import type { ModelSession } from "../engine/modelSession";
import type { Lease, Sessions } from "../engine/sessions";
import { TEXT_SCHEME } from "../ids";
import { modelUriOf, textUriOf } from "./textUri";

/** VS Code asks about a file before it opens a document for it, and sometimes without opening one at all. */
const UNOPENED_MS = 30_000;

/** Keeps a model open for as long as a text document shows it. */
export class TextModels implements vscode.Disposable {
  private readonly sessions: Sessions;
  private readonly leases = new Map<string, Lease>();
  private readonly timers = new Set<NodeJS.Timeout>();
  private readonly subscription: vscode.Disposable;

  constructor(sessions: Sessions) {
    this.sessions = sessions;
    this.subscription = vscode.workspace.onDidCloseTextDocument((document) => this.release(document.uri));
  }

  /** The session behind a text address, opened if need be; undefined for an address that is none. */
  session(text: vscode.Uri): ModelSession | undefined {
    const model = modelUriOf(text);
    if (model === undefined) {
      return undefined;
    }
    const key = text.toString();
    let lease = this.leases.get(key);
    if (lease === undefined) {
      lease = this.sessions.acquire(model);
      this.leases.set(key, lease);
      this.releaseUnlessOpened(text);
    }
    return lease.session;
  }

  /** The open document that shows the session's text. */
  document(session: ModelSession): vscode.TextDocument | undefined {
    const key = textUriOf(session.uri).toString();
    return vscode.workspace.textDocuments.find((document) => document.uri.toString() === key);
  }

  dispose(): void {
    this.subscription.dispose();
    for (const timer of this.timers) {
      clearTimeout(timer);
    }
    for (const lease of this.leases.values()) {
      lease.dispose();
    }
    this.leases.clear();
  }

  private releaseUnlessOpened(text: vscode.Uri): void {
    const key = text.toString();
    const timer = setTimeout(() => {
      this.timers.delete(timer);
      if (!vscode.workspace.textDocuments.some((document) => document.uri.toString() === key)) {
        this.release(text);
      }
    }, UNOPENED_MS);
    this.timers.add(timer);
  }

  private release(text: vscode.Uri): void {
    if (text.scheme === TEXT_SCHEME) {
      this.leases.get(text.toString())?.dispose();
      this.leases.delete(text.toString());
    }
  }
}
