import { stat } from "node:fs/promises";
import { basename, dirname } from "node:path";
import * as vscode from "vscode";
import type { Fingerprint } from "../../protocol/engine";
import type { DiskState } from "./modelState";

/** A save by another program writes in several steps; the state is read after the last one. */
const SETTLE_MS = 250;

/** Compares the file on disk with what the engine knows of it. */
export class DiskWatcher implements vscode.Disposable {
  state: DiskState = "same";
  expected: Fingerprint | undefined;

  private readonly path: string;
  private readonly onChange: () => void;
  private readonly subscriptions: vscode.Disposable[] = [];
  private timer: NodeJS.Timeout | undefined;

  constructor(uri: vscode.Uri, onChange: () => void) {
    this.path = uri.fsPath;
    this.onChange = onChange;
    if (uri.scheme !== "file") {
      return;
    }
    const folder = vscode.Uri.file(dirname(uri.fsPath));
    // Characters with a meaning in patterns are matched by "?"; the check below is by path anyway.
    const pattern = basename(uri.fsPath).replace(/[^\w.-]/g, "?");
    const watcher = vscode.workspace.createFileSystemWatcher(new vscode.RelativePattern(folder, pattern));
    const check = () => this.checkSoon();
    this.subscriptions.push(
      watcher,
      watcher.onDidChange(check),
      watcher.onDidCreate(check),
      watcher.onDidDelete(check),
      vscode.window.onDidChangeWindowState((window) => {
        if (window.focused) {
          check();
        }
      }),
    );
  }

  /** From now on this is the content that counts as unchanged. */
  expect(fingerprint: Fingerprint): void {
    this.expected = fingerprint;
    this.set("same");
    this.checkSoon();
  }

  dispose(): void {
    clearTimeout(this.timer);
    for (const subscription of this.subscriptions) {
      subscription.dispose();
    }
  }

  private checkSoon(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.check().catch(() => {}), SETTLE_MS);
  }

  private async check(): Promise<void> {
    const expected = this.expected;
    if (expected === undefined) {
      return;
    }
    const found = await stat(this.path).catch((error: NodeJS.ErrnoException) =>
      error.code === "ENOENT" ? "deleted" : undefined,
    );
    if (found === undefined || this.expected !== expected) {
      return;
    }
    if (found === "deleted") {
      this.set("deleted");
    } else {
      const same = found.size === expected.size && Math.abs(found.mtimeMs - expected.mtimeMs) < 1;
      this.set(same ? "same" : "changed");
    }
  }

  private set(state: DiskState): void {
    if (state !== this.state) {
      this.state = state;
      this.onChange();
    }
  }
}
