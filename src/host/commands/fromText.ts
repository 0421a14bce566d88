import * as vscode from "vscode";
import type { Host } from "../host";
import { showModel } from "../open";
import { modelUriOf, textUriOf } from "../text/textUri";
import { targetPanel } from "./target";

/** Shows a row, or that of the active line of the text view, in the model's editor. */
export async function revealLine(host: Host, argument?: { model: string; key: string }): Promise<void> {
  const editor = vscode.window.activeTextEditor;
  const model =
    argument !== undefined
      ? vscode.Uri.parse(argument.model)
      : editor === undefined
        ? undefined
        : modelUriOf(editor.document.uri);
  if (model === undefined) {
    return;
  }
  if (targetPanel(host, model) === undefined) {
    await showModel(model, { viewColumn: vscode.ViewColumn.Beside, preserveFocus: true, preview: false });
  }
  const key = argument?.key ?? (await keyAt(host, model, editor?.selection.active.line ?? -1));
  if (key !== "") {
    targetPanel(host, model)?.reveal(key);
  }
}

async function keyAt(host: Host, model: vscode.Uri, line: number): Promise<string> {
  return (await host.sessions.get(model)?.text())?.lineKeys[line] ?? "";
}

/** Runs undo, redo or save of the model from its text view, where VS Code's own command would mean the text. */
export async function runOnModel(host: Host, command: "undo" | "redo" | "save"): Promise<void> {
  const editor = vscode.window.activeTextEditor;
  const model = editor === undefined ? undefined : modelUriOf(editor.document.uri);
  const panel = model === undefined ? undefined : targetPanel(host, model);
  if (editor === undefined || model === undefined || panel === undefined) {
    return;
  }
  if (command === "save") {
    await vscode.workspace.save(model);
    return;
  }
  await panel.runInEditor(command);
  await vscode.window.showTextDocument(await vscode.workspace.openTextDocument(textUriOf(model)), {
    ...(editor.viewColumn === undefined ? {} : { viewColumn: editor.viewColumn }),
  });
}
