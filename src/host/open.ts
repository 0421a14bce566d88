import * as vscode from "vscode";
import type { ModelDocument } from "./document/modelDocument";
import type { ModelEditorProvider } from "./document/modelEditorProvider";
import type { Sessions } from "./engine/sessions";
import { hostError } from "./errors";
import { VIEW_TYPE } from "./ids";
import type { ModelPanel } from "./panel/modelPanel";
import { textUriOf } from "./text/textUri";

/** Shows the text view beside what is active, at the line of a row if one is given. */
export async function openText(sessions: Sessions, model: vscode.Uri, key?: string): Promise<void> {
  const uri = textUriOf(model);
  const shown = vscode.window.visibleTextEditors.find(
    (editor) => editor.document.uri.toString() === uri.toString(),
  );
  const document = await vscode.workspace.openTextDocument(uri);
  const line = key === undefined ? undefined : await lineOf(sessions, model, key);
  await vscode.window.showTextDocument(document, {
    viewColumn: shown?.viewColumn ?? vscode.ViewColumn.Beside,
    preview: false,
    ...(line === undefined ? {} : { selection: new vscode.Range(line, 0, line, 0) }),
  });
}

/** The document of the model; opens its editor beside what is active, without taking the focus, if there is none. */
export async function openModel(editors: ModelEditorProvider, model: vscode.Uri): Promise<ModelDocument> {
  const known = editors.document(model);
  if (known !== undefined) {
    return known;
  }
  await showModel(model, { viewColumn: vscode.ViewColumn.Beside, preserveFocus: true, preview: false });
  const document = editors.document(model);
  if (document === undefined) {
    throw hostError({
      code: "io",
      message: "The model's editor could not be opened.",
      where: { file: model.fsPath },
    });
  }
  return document;
}

/** The model's editor, the one used last; it is opened beside what is active, without taking the focus, if there is none. */
export async function editorOf(editors: ModelEditorProvider, model: vscode.Uri): Promise<ModelPanel> {
  const document = await openModel(editors, model);
  const panel = [...editors.panels].reverse().find((one) => one.document === document);
  if (panel === undefined) {
    throw hostError({
      code: "io",
      message: "The model's editor could not be opened.",
      where: { file: model.fsPath },
    });
  }
  return panel;
}

/** Shows the model's editor. */
export async function showModel(model: vscode.Uri, options?: vscode.TextDocumentShowOptions): Promise<void> {
  await vscode.commands.executeCommand("vscode.openWith", model, VIEW_TYPE, options);
}

async function lineOf(sessions: Sessions, model: vscode.Uri, key: string): Promise<number | undefined> {
  const view = await sessions.get(model)?.text();
  const line = view?.lineKeys.indexOf(key) ?? -1;
  return line < 0 ? undefined : line;
}
