import * as vscode from "vscode";
import { VIEW_PANELS, type ViewPanelId } from "../../protocol/panels";
import type { Sessions } from "../engine/sessions";
import { VIEW_PANEL_TYPES } from "../ids";
import { ViewPanel, type ViewPanelServices } from "./viewPanel";

const TITLES: { readonly [id in ViewPanelId]: string } = {
  attention: "Attention",
  parameters: "Parameters",
};

/** The panels of single views: one for each view and model, brought back when the window is loaded again. */
export class ViewPanels implements vscode.Disposable {
  private readonly sessions: Sessions;
  private readonly services: ViewPanelServices;
  private readonly open = new Set<ViewPanel>();
  private readonly serializers: readonly vscode.Disposable[];

  constructor(sessions: Sessions, services: ViewPanelServices) {
    this.sessions = sessions;
    this.services = services;
    this.serializers = VIEW_PANELS.map((id) =>
      vscode.window.registerWebviewPanelSerializer(VIEW_PANEL_TYPES[id], {
        deserializeWebviewPanel: async (panel, state: unknown) => this.restore(id, panel, state),
      }),
    );
  }

  get panels(): readonly ViewPanel[] {
    return [...this.open];
  }

  /** The panel that has the focus. */
  get active(): ViewPanel | undefined {
    return this.panels.find((panel) => panel.active);
  }

  /** Shows the view beside what is active, or the panel that shows it already. */
  show(id: ViewPanelId, model: vscode.Uri): void {
    const known = this.panels.find((panel) => panel.id === id && panel.uri.toString() === model.toString());
    if (known !== undefined) {
      known.show();
      return;
    }
    this.adopt(
      id,
      model,
      vscode.window.createWebviewPanel(VIEW_PANEL_TYPES[id], TITLES[id], vscode.ViewColumn.Beside),
    );
  }

  dispose(): void {
    for (const serializer of this.serializers) {
      serializer.dispose();
    }
  }

  private restore(id: ViewPanelId, panel: vscode.WebviewPanel, state: unknown): void {
    const model = modelOf(state);
    if (model === undefined) {
      panel.dispose();
    } else {
      this.adopt(id, model, panel);
    }
  }

  private adopt(id: ViewPanelId, model: vscode.Uri, panel: vscode.WebviewPanel): void {
    const { extensionUri } = this.services;
    const icon = (theme: string) => vscode.Uri.joinPath(extensionUri, "media", `file-${theme}.svg`);
    const view = new ViewPanel(id, model, this.sessions.acquire(model), panel, this.services);
    panel.title = `${TITLES[id]}: ${view.session.fileName}`;
    panel.iconPath = { light: icon("light"), dark: icon("dark") };
    this.open.add(view);
    panel.onDidDispose(() => this.open.delete(view));
  }
}

/** The model that a page handed to VS Code before the window was loaded again. */
function modelOf(state: unknown): vscode.Uri | undefined {
  const model = typeof state === "object" && state !== null && "model" in state ? state.model : undefined;
  return typeof model === "string" && model.startsWith("file:") ? vscode.Uri.parse(model, true) : undefined;
}
