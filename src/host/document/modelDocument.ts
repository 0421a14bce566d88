import * as vscode from "vscode";
import type { ActionCall, Change } from "../../protocol/actions";
import type { Lease } from "../engine/sessions";

/** Words and actions of one undo step, as VS Code's edit event carries them. */
export interface DocumentEdit {
  readonly label: string;
  undo(): Promise<void>;
  redo(): Promise<void>;
}

/** A model as VS Code edits it: every change goes through here, so that undo, dirty state and save agree. */
export class ModelDocument implements vscode.CustomDocument {
  readonly uri: vscode.Uri;
  private readonly lease: Lease;
  private readonly editEmitter = new vscode.EventEmitter<DocumentEdit>();
  private readonly disposeEmitter = new vscode.EventEmitter<void>();
  private announced: Promise<void> | undefined;

  readonly onDidEdit = this.editEmitter.event;
  readonly onDidDispose = this.disposeEmitter.event;

  constructor(uri: vscode.Uri, lease: Lease) {
    this.uri = uri;
    this.lease = lease;
  }

  get session() {
    return this.lease.session;
  }

  /** Applies the calls as one undo step. */
  async apply(calls: readonly ActionCall[]): Promise<Change> {
    await this.announced;
    const change = await this.session.apply(calls);
    this.fireEdit(change.label);
    return change;
  }

  /**
   * Tells VS Code of edits that came out of a backup; to be called once it knows the document.
   * False when they no longer fit the file and the user let them go: the document is then the file itself.
   */
  async announceRestored(): Promise<boolean> {
    if (this.announced !== undefined) {
      return true;
    }
    this.announced = this.session.takeRestored().then(
      (groups) => {
        for (const group of groups) {
          this.fireEdit(group.label);
        }
      },
      () => {},
    );
    await this.announced;
    return await this.offerUnfit();
  }

  dispose(): void {
    if (this.session.hasHistory && this.session.state.kind === "open") {
      // Another view may live on: it shall show the file and not edits that nobody can save any more.
      this.session.revert().catch(() => {});
    }
    this.disposeEmitter.fire();
    this.editEmitter.dispose();
    this.disposeEmitter.dispose();
    this.lease.dispose();
  }

  private async offerUnfit(): Promise<boolean> {
    const unfit = this.session.unfit;
    this.session.unfit = undefined;
    if (unfit === undefined || unfit.groups.length === 0) {
      return true;
    }
    const count = unfit.groups.length;
    const edits = count === 1 ? "1 unsaved edit" : `${count} unsaved edits`;
    const again = "Apply to the New File";
    const answer = await vscode.window.showWarningMessage(
      `${this.session.fileName} changed on disk after its ${edits} were made, so they were not restored.`,
      again,
      "Discard",
    );
    if (answer !== again) {
      return false;
    }
    for (const group of unfit.groups) {
      await this.apply(group.calls);
    }
    return true;
  }

  private fireEdit(label: string): void {
    const { generation } = this.session;
    const step = async (act: () => Promise<boolean>, verb: string) => {
      if (this.session.generation !== generation || !(await act())) {
        await vscode.window.showWarningMessage(
          `"${label}" can no longer be ${verb}: ${this.session.fileName} was read anew since.`,
        );
      }
    };
    this.editEmitter.fire({
      label,
      undo: () => step(() => this.session.undo(), "undone"),
      redo: () => step(() => this.session.redo(), "redone"),
    });
  }
}
