import * as vscode from "vscode";
import type { ActionCall } from "../../protocol/actions";
import type { ModelSession } from "../engine/modelSession";
import type { Sessions } from "../engine/sessions";
import { describeThrown } from "../errors";
import { PREVIEW_SCHEME } from "../ids";
import { effectWords, sizeWords } from "./effectWords";
import { textUriOf } from "./textUri";

interface Preview {
  readonly uri: vscode.Uri;
  readonly model: vscode.Uri;
  readonly calls: readonly ActionCall[];
  text: string;
}

/** Shows what calls would do as a difference of the text view, before anything is done. */
export class ChangePreviews implements vscode.TextDocumentContentProvider, vscode.Disposable {
  private readonly sessions: Sessions;
  private readonly applyCalls: (model: vscode.Uri, calls: readonly ActionCall[]) => Promise<void>;
  private readonly previews = new Map<string, Preview>();
  private readonly changeEmitter = new vscode.EventEmitter<vscode.Uri>();
  private readonly subscriptions: vscode.Disposable[];
  private made = 0;

  readonly onDidChange = this.changeEmitter.event;

  constructor(sessions: Sessions, apply: (model: vscode.Uri, calls: readonly ActionCall[]) => Promise<void>) {
    this.sessions = sessions;
    this.applyCalls = apply;
    this.subscriptions = [
      vscode.workspace.registerTextDocumentContentProvider(PREVIEW_SCHEME, this),
      sessions.onDidOpen((session) => session.onDidChangeModel(() => this.follow(session))),
      vscode.workspace.onDidCloseTextDocument(({ uri }) => this.previews.delete(uri.toString())),
    ];
  }

  /** Opens the difference and tells the figures, with a button that applies the calls as one undo step. */
  async show(model: vscode.Uri, calls: readonly ActionCall[]): Promise<void> {
    const lease = this.sessions.acquire(model);
    try {
      const effect = await lease.session.read("effect", { calls });
      const current = textUriOf(model);
      this.made++;
      const uri = current.with({ scheme: PREVIEW_SCHEME, query: String(this.made) });
      this.previews.set(uri.toString(), { uri, model, calls, text: effect.text });
      const title = `${lease.session.fileName}: ${effect.label}, ${sizeWords(effect)}`;
      await vscode.commands.executeCommand("vscode.diff", current, uri, title, { preview: true });
      this.offer(uri, effectWords(effect));
    } finally {
      lease.dispose();
    }
  }

  /** Takes the change that a preview shows and closes it; nothing for any other address. */
  async apply(uri: vscode.Uri): Promise<void> {
    const preview = this.previews.get(uri.toString());
    if (preview === undefined) {
      return;
    }
    // What it would do once more, on top of itself, is of no interest.
    this.previews.delete(uri.toString());
    try {
      await this.applyCalls(preview.model, preview.calls);
    } catch (thrown) {
      this.previews.set(uri.toString(), preview);
      throw thrown;
    }
    await vscode.window.tabGroups.close(tabsOf(uri));
  }

  /** The preview in the active tab. */
  get active(): vscode.Uri | undefined {
    const input = vscode.window.tabGroups.activeTabGroup.activeTab?.input;
    return input instanceof vscode.TabInputTextDiff && input.modified.scheme === PREVIEW_SCHEME
      ? input.modified
      : undefined;
  }

  provideTextDocumentContent(uri: vscode.Uri): string {
    return this.previews.get(uri.toString())?.text ?? "// This preview is over; ask for it again.\n";
  }

  dispose(): void {
    for (const subscription of this.subscriptions) {
      subscription.dispose();
    }
    this.changeEmitter.dispose();
  }

  /** The command ends without waiting for the answer: the difference is there to be read first. */
  private offer(uri: vscode.Uri, words: string): void {
    const apply = "Apply";
    vscode.window
      .showInformationMessage(words, apply)
      .then((answer) => (answer === apply ? this.apply(uri) : undefined))
      .then(undefined, (thrown) => vscode.window.showErrorMessage(describeThrown(thrown)));
  }

  /** The model was changed below its previews: they show what the calls would do now. */
  private async follow(session: ModelSession): Promise<void> {
    for (const preview of this.previews.values()) {
      if (preview.model.toString() === session.uri.toString()) {
        preview.text = await session.read("effect", { calls: preview.calls }).then(
          ({ text }) => text,
          (thrown) => `// This is not possible any more. ${describeThrown(thrown).replaceAll("\n", " ")}\n`,
        );
        this.changeEmitter.fire(preview.uri);
      }
    }
  }
}

function tabsOf(uri: vscode.Uri): vscode.Tab[] {
  return vscode.window.tabGroups.all
    .flatMap(({ tabs }) => tabs)
    .filter(
      ({ input }) => input instanceof vscode.TabInputTextDiff && input.modified.toString() === uri.toString(),
    );
}
