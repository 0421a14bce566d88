import * as vscode from "vscode";
import type { ActionCall, Change } from "../../protocol/actions";
import type { ModelDocument } from "../document/modelDocument";
import { PagePanel, type PanelServices } from "./pagePanel";

const MAX_REVEAL_MS = 2_000;

/** One editor of a model. */
export class ModelPanel extends PagePanel {
  readonly document: ModelDocument;

  constructor(document: ModelDocument, panel: vscode.WebviewPanel, services: PanelServices) {
    super({ uri: document.uri, session: document.session, page: "model" }, panel, services);
    this.document = document;
  }

  /** Shows a row, in front. */
  reveal(key: string): void {
    this.panel.reveal(this.panel.viewColumn, true);
    this.tell("reveal", { key });
  }

  /** Hands a command of the palette or the title bar to the page. */
  command(command: string): void {
    this.tell("command", { command });
  }

  apply(calls: readonly ActionCall[]): Promise<Change> {
    return this.document.apply(calls);
  }

  async revealRow(key: string): Promise<void> {
    this.reveal(key);
  }

  async runInEditor(command: string): Promise<void> {
    this.show();
    await this.whenActive();
    await vscode.commands.executeCommand(command);
  }

  async reload(): Promise<void> {
    const { session } = this;
    const edits = session.unsaved?.length ?? 1;
    const stale = session.state.kind === "failed" && session.state.error.code === "stale";
    if (session.state.kind === "failed" && !stale) {
      await session.retry();
    } else if (edits === 0) {
      await session.revert();
    } else {
      const discard = "Discard Edits and Reload";
      const answer = await vscode.window.showWarningMessage(
        `Reload ${session.fileName} from disk?`,
        { modal: true, detail: "Edits that are not saved are lost." },
        discard,
      );
      if (answer === discard) {
        // VS Code's own command, so that it no longer takes the document for edited.
        await this.runInEditor("workbench.action.files.revert");
      }
    }
  }

  /** VS Code answers `reveal` before it has done it. */
  private whenActive(): Promise<void> {
    if (this.panel.active) {
      return Promise.resolve();
    }
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        subscription.dispose();
        resolve();
      };
      const timer = setTimeout(done, MAX_REVEAL_MS);
      const subscription = this.panel.onDidChangeViewState(() => {
        if (this.panel.active) {
          done();
        }
      });
    });
  }
}
