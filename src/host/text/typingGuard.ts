import * as vscode from "vscode";
import type { Offer } from "../../protocol/actions";
import type { ModelSession } from "../engine/modelSession";
import { TEXT_SCHEME } from "../ids";
import { offersAt } from "./offers";
import type { TextModels } from "./textModels";

/** A hint in the status bar is enough once the longer message was seen. */
const STATUS_MS = 4_000;

/** Typing may go on while the first letters are taken back. */
const MAX_TRIES = 5;

/** Takes back what is typed into a text view and says, once for each document, what to do instead. */
export class TypingGuard implements vscode.Disposable {
  private readonly models: TextModels;
  private readonly apply: (model: vscode.Uri, offer: Offer) => Promise<void>;
  private readonly onTakenBack: (session: ModelSession) => void;
  private readonly told = new WeakSet<vscode.TextDocument>();
  private readonly reverting = new Set<vscode.TextDocument>();
  private readonly subscription: vscode.Disposable;
  private typedAt: vscode.Position | undefined;

  constructor(
    models: TextModels,
    apply: (model: vscode.Uri, offer: Offer) => Promise<void>,
    onTakenBack: (session: ModelSession) => void,
  ) {
    this.models = models;
    this.apply = apply;
    this.onTakenBack = onTakenBack;
    this.subscription = vscode.workspace.onDidChangeTextDocument(({ document, contentChanges }) => {
      if (document.uri.scheme !== TEXT_SCHEME || this.reverting.has(document)) {
        return;
      }
      // That the document is dirty may be told after the change that made it so.
      this.typedAt = contentChanges[0]?.range.start ?? this.typedAt;
      if (document.isDirty) {
        this.takeBack(document).catch(() => {});
      }
    });
  }

  dispose(): void {
    this.subscription.dispose();
  }

  private async takeBack(document: vscode.TextDocument): Promise<void> {
    const at = this.typedAt ?? new vscode.Position(0, 0);
    this.reverting.add(document);
    try {
      for (let tries = 0; document.isDirty && tries < MAX_TRIES; tries++) {
        const active = vscode.window.activeTextEditor;
        const editor =
          active?.document === document ? active : await vscode.window.showTextDocument(document);
        await vscode.commands.executeCommand("workbench.action.files.revert");
        editor.selection = new vscode.Selection(at, at);
      }
    } finally {
      this.reverting.delete(document);
    }
    const session = this.models.session(document.uri);
    if (session === undefined) {
      return;
    }
    this.onTakenBack(session);
    if (this.told.has(document)) {
      vscode.window.setStatusBarMessage("$(lock) The text view cannot be typed in.", STATUS_MS);
      return;
    }
    this.told.add(document);
    await this.explain(session, at.line);
  }

  private async explain(session: ModelSession, line: number): Promise<void> {
    const nearest = (await offersAt(session, line, line).catch(() => []))[0];
    const reason = `This text is a view of ${session.fileName} and cannot be typed in.`;
    const advice =
      nearest === undefined
        ? "Change the model with a quick fix or a code lens on a line that has one."
        : `On this line you can: ${nearest.title}.`;
    const apply = "Apply";
    const buttons = nearest === undefined ? [] : [apply];
    const answer = await vscode.window.showInformationMessage(`${reason} ${advice}`, ...buttons);
    if (answer === apply && nearest !== undefined) {
      await this.apply(session.uri, nearest);
    }
  }
}
