import type * as vscode from "vscode";
import type { ActionCall, Change } from "../../protocol/actions";
import type { PanelApi, PanelEvents, PanelState, ViewPanelId } from "../../protocol/panels";
import { createPeer, type Peer } from "../../rpc/node";
import type { Port } from "../../rpc/port";
import type { ModelSession } from "../engine/modelSession";
import type { Memory } from "../settings/memory";
import { onSettings, panelSettings } from "../settings/settings";
import { pageHtml, pageRoots } from "./pageHtml";
import { panelHandlers } from "./panelApi";
import type { Selections } from "./selections";
import { onPages } from "./webviewPort";

type Nothing = Record<never, never>;

export interface PanelServices {
  readonly extensionUri: vscode.Uri;
  readonly log: vscode.LogOutputChannel;
  readonly memory: Memory;
  readonly selections: Selections;
  /** Shows the text view beside the model, at the row's line if one is given. */
  openText(model: vscode.Uri, key?: string): Promise<void>;
  /** Shows a view of the model in a panel of its own. */
  openPanel(id: ViewPanelId, model: vscode.Uri): void;
}

export interface PageTarget {
  readonly uri: vscode.Uri;
  readonly session: ModelSession;
  /** Name of the page's bundle. */
  readonly page: "model" | ViewPanelId;
}

/** One page of a model: keeps it supplied with state and events, whatever VS Code does with it. */
export abstract class PagePanel {
  readonly uri: vscode.Uri;
  readonly session: ModelSession;
  readonly services: PanelServices;
  protected readonly panel: vscode.WebviewPanel;
  private page: Peer<Nothing, Nothing, PanelEvents> | undefined;
  /** What happened before the page was there to hear it. */
  private waiting: (() => void)[] = [];

  constructor(target: PageTarget, panel: vscode.WebviewPanel, services: PanelServices) {
    this.uri = target.uri;
    this.session = target.session;
    this.services = services;
    this.panel = panel;
    const { session } = this;
    const pages = onPages(panel.webview, (port) => this.connect(port));
    const subscriptions = [
      pages,
      panel.onDidChangeViewState(() => {
        if (!panel.visible) {
          pages.forget();
          this.disconnect();
        }
      }),
      session.onDidChangeState(() => this.emit("state", this.state())),
      session.onDidChangeFigures((origin) => {
        if (origin !== this) {
          this.emit("state", this.state());
        }
      }),
      session.onDidChangeModel((payload) => this.emit("changed", payload)),
      session.onEngineEvent(({ event, payload }) => this.emit(event, payload)),
      services.selections.onDidSelect(({ model, keys, origin }) => {
        if (origin !== this && model.toString() === this.uri.toString()) {
          this.emit("selected", { keys });
        }
      }),
      onSettings("editor", () => this.emit("state", this.state())),
      onSettings("profile", () => this.emit("state", this.state())),
    ];
    panel.onDidDispose(() => {
      this.disconnect();
      for (const subscription of subscriptions) {
        subscription.dispose();
      }
    });
    panel.webview.options = { enableScripts: true, localResourceRoots: pageRoots(services.extensionUri) };
    panel.webview.html = pageHtml(panel.webview, services.extensionUri, target.page);
  }

  /** Applies the calls as one undo step of the model's document. */
  abstract apply(calls: readonly ActionCall[]): Promise<Change>;
  /** Runs a workbench command that acts on the model's editor as the active one. */
  abstract runInEditor(command: "undo" | "redo"): Promise<void>;
  /** Shows a row in the model's layer table, in front. */
  abstract revealRow(key: string): Promise<void>;
  /** Reads the file anew; unsaved edits are dropped only when the user says so. */
  abstract reload(): Promise<void>;

  get active(): boolean {
    return this.panel.active;
  }

  /** Brings the panel to the front, with the focus. */
  show(): void {
    if (!this.panel.active) {
      this.panel.reveal(this.panel.viewColumn, false);
    }
  }

  /** All that the page needs to draw itself anew. */
  state(): PanelState {
    const { session, uri } = this;
    const { state, fileName } = session;
    switch (state.kind) {
      case "loading":
        return { kind: "loading", fileName, fraction: state.fraction, phase: state.phase };
      case "failed":
        return { kind: "failed", fileName, error: state.error };
      case "open":
        return {
          kind: "open",
          summary: state.summary,
          disk: session.diskState,
          remembered: this.services.memory.views(uri),
          settings: panelSettings(uri),
          selection: this.services.selections.of(uri),
        };
    }
  }

  protected emit<E extends keyof PanelEvents>(event: E, payload: PanelEvents[E]): void {
    this.page?.emit(event, payload);
  }

  /** Like emit, but kept for a page that is hidden or not loaded yet. */
  protected tell<E extends keyof PanelEvents>(event: E, payload: PanelEvents[E]): void {
    if (this.page !== undefined) {
      this.emit(event, payload);
    } else {
      this.waiting.push(() => this.emit(event, payload));
    }
  }

  private connect(port: Port): void {
    this.disconnect();
    this.page = createPeer<PanelApi, PanelEvents, Nothing, Nothing>(port, panelHandlers(this));
    const waiting = this.waiting;
    this.waiting = [];
    // The answer to "ready" goes first, so that the page has its state when it hears of events.
    setTimeout(() => {
      for (const tell of waiting) {
        tell();
      }
    });
  }

  private disconnect(): void {
    this.page?.dispose();
    this.page = undefined;
  }
}
