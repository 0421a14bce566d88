import * as vscode from "vscode";
import type { SaveParams } from "../../protocol/engine";
import { parseBackup, type Restore } from "../engine/backupFile";
import type { Sessions } from "../engine/sessions";
import { describeThrown, hostError, isCancelled } from "../errors";
import { ModelPanel } from "../panel/modelPanel";
import type { PanelServices } from "../panel/pagePanel";
import { ModelDocument } from "./modelDocument";
import { saveWithProgress } from "./saving";

export interface ProviderServices extends PanelServices {
  readonly sessions: Sessions;
}

/** Lets VS Code open, edit, save and back up models. */
export class ModelEditorProvider implements vscode.CustomEditorProvider<ModelDocument>, vscode.Disposable {
  private readonly services: ProviderServices;
  private readonly changeEmitter = new vscode.EventEmitter<vscode.CustomDocumentEditEvent<ModelDocument>>();
  private readonly open = new Map<string, ModelDocument>();
  private readonly openPanels = new Set<ModelPanel>();

  readonly onDidChangeCustomDocument = this.changeEmitter.event;

  constructor(services: ProviderServices) {
    this.services = services;
  }

  /** Panels, the one used last at the end. */
  get panels(): readonly ModelPanel[] {
    return [...this.openPanels];
  }

  get documents(): readonly ModelDocument[] {
    return [...this.open.values()];
  }

  document(uri: vscode.Uri): ModelDocument | undefined {
    return this.open.get(uri.toString());
  }

  async openCustomDocument(
    uri: vscode.Uri,
    context: vscode.CustomDocumentOpenContext,
  ): Promise<ModelDocument> {
    const restore = context.backupId === undefined ? undefined : await this.readBackup(context.backupId);
    const document = new ModelDocument(uri, this.services.sessions.acquire(uri, restore));
    this.open.set(uri.toString(), document);
    document.onDidEdit((edit) => this.changeEmitter.fire({ document, ...edit }));
    document.onDidDispose(() => {
      if (this.open.get(uri.toString()) === document) {
        this.open.delete(uri.toString());
      }
    });
    return document;
  }

  resolveCustomEditor(document: ModelDocument, webviewPanel: vscode.WebviewPanel): void {
    const panel = new ModelPanel(document, webviewPanel, this.services);
    this.openPanels.add(panel);
    webviewPanel.onDidDispose(() => this.openPanels.delete(panel));
    webviewPanel.onDidChangeViewState(() => {
      if (webviewPanel.active) {
        this.openPanels.delete(panel);
        this.openPanels.add(panel);
      }
    });
    this.restore(document, panel).catch((thrown) => {
      vscode.window.showErrorMessage(describeThrown(thrown)).then(undefined, () => {});
    });
  }

  saveCustomDocument(document: ModelDocument, token: vscode.CancellationToken): Promise<void> {
    return this.save(document, {}, token);
  }

  saveCustomDocumentAs(
    document: ModelDocument,
    destination: vscode.Uri,
    token: vscode.CancellationToken,
  ): Promise<void> {
    if (destination.scheme !== "file") {
      return Promise.reject(
        new Error(`A model can only be saved to a disk, not to "${destination.scheme}:".`),
      );
    }
    const sameFile = destination.toString() === document.uri.toString();
    return this.save(document, sameFile ? {} : { path: destination.fsPath, copy: true }, token);
  }

  async revertCustomDocument(document: ModelDocument): Promise<void> {
    await readable(document.session.revert());
  }

  async backupCustomDocument(
    document: ModelDocument,
    context: vscode.CustomDocumentBackupContext,
  ): Promise<vscode.CustomDocumentBackup> {
    const backup = await readable(document.session.backup());
    const { destination } = context;
    await vscode.workspace.fs.writeFile(destination, Buffer.from(JSON.stringify(backup)));
    return {
      id: destination.toString(),
      delete: () => {
        vscode.workspace.fs.delete(destination).then(undefined, () => {});
      },
    };
  }

  dispose(): void {
    this.changeEmitter.dispose();
  }

  private async restore(document: ModelDocument, panel: ModelPanel): Promise<void> {
    if (!(await document.announceRestored())) {
      // VS Code takes a document with a backup for edited.
      await panel.runInEditor("workbench.action.files.revert");
    }
  }

  private async save(document: ModelDocument, params: SaveParams, token: vscode.CancellationToken) {
    await readable(saveWithProgress(document.session, params, token));
  }

  private async readBackup(id: string): Promise<Restore | undefined> {
    try {
      const bytes = await vscode.workspace.fs.readFile(vscode.Uri.parse(id));
      const restore = parseBackup(Buffer.from(bytes).toString("utf8"));
      if (restore === undefined) {
        throw hostError({ code: "malformed", message: "The backup of unsaved edits cannot be read." });
      }
      return restore;
    } catch (thrown) {
      const message = `Unsaved edits were not restored. ${describeThrown(thrown)}`;
      this.services.log.error(message);
      vscode.window.showErrorMessage(message).then(undefined, () => {});
      return undefined;
    }
  }
}

/** VS Code shows the message of what is thrown: it shall say what, where and what to do. */
async function readable<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (thrown) {
    throw isCancelled(thrown) ? new vscode.CancellationError() : new Error(describeThrown(thrown));
  }
}
