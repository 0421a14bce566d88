import type * as vscode from "vscode";
import type { ActionCall, Change } from "../../protocol/actions";
import type { ViewPanelId } from "../../protocol/panels";
import type { Lease } from "../engine/sessions";
import type { ModelPanel } from "./modelPanel";
import { PagePanel, type PanelServices } from "./pagePanel";

export interface ViewPanelServices extends PanelServices {
  /** The model's editor; it is opened beside, without the focus, if there is none. */
  editorOf(model: vscode.Uri): Promise<ModelPanel>;
}

/** A view of a model in a panel of its own. It keeps the model open; what changes the model goes through its editor. */
export class ViewPanel extends PagePanel {
  readonly id: ViewPanelId;
  private readonly editorOf: () => Promise<ModelPanel>;

  constructor(
    id: ViewPanelId,
    model: vscode.Uri,
    lease: Lease,
    panel: vscode.WebviewPanel,
    services: ViewPanelServices,
  ) {
    super({ uri: model, session: lease.session, page: id }, panel, services);
    this.id = id;
    this.editorOf = () => services.editorOf(model);
    panel.onDidDispose(() => lease.dispose());
  }

  async apply(calls: readonly ActionCall[]): Promise<Change> {
    return (await this.editorOf()).apply(calls);
  }

  async runInEditor(command: "undo" | "redo"): Promise<void> {
    await (await this.editorOf()).runInEditor(command);
  }

  async revealRow(key: string): Promise<void> {
    (await this.editorOf()).reveal(key);
  }

  /** Without edits nothing is lost, and no editor need be opened to ask. */
  async reload(): Promise<void> {
    const { session } = this;
    if (session.state.kind === "failed" && !session.hasHistory) {
      await session.retry();
    } else if (session.unsaved?.length === 0) {
      await session.revert();
    } else {
      await (await this.editorOf()).reload();
    }
  }
}
