import * as vscode from "vscode";
import type { Host } from "../host";
import { VIEW_TYPE } from "../ids";
import type { ModelPanel } from "../panel/modelPanel";
import { modelUriOf } from "../text/textUri";

/**
 * The model that a command means: the file it was called on in a menu, or the one in the active editor.
 * Menus hand over a Uri, the page's own menu an object that says which webview it belongs to.
 */
export function targetModel(host: Host, argument: unknown): vscode.Uri | undefined {
  if (argument instanceof vscode.Uri) {
    return modelUriOf(argument) ?? argument;
  }
  const view = host.viewPanels.active;
  if (view !== undefined) {
    return view.uri;
  }
  const input = vscode.window.tabGroups.activeTabGroup.activeTab?.input;
  if (input instanceof vscode.TabInputCustom && input.viewType === VIEW_TYPE) {
    return input.uri;
  }
  return input instanceof vscode.TabInputText ? modelUriOf(input.uri) : undefined;
}

/** The panel of the active editor, or of the model whose text view is active; the one used last when there are several. */
export function targetPanel(host: Host, argument: unknown): ModelPanel | undefined {
  const panels = [...host.editors.panels].reverse();
  const active = panels.find((panel) => panel.active);
  const model = targetModel(host, argument)?.toString();
  if (active !== undefined && (model === undefined || active.document.uri.toString() === model)) {
    return active;
  }
  return panels.find((panel) => panel.document.uri.toString() === model);
}
