import * as vscode from "vscode";
import type { PanelApi, PanelEvents, PanelState } from "../../protocol/panels";
import { createPeer, type Peer } from "../../rpc/node";
import type { Port } from "../../rpc/port";
import type { ModelDocument } from "../document/modelDocument";
import type { Memory } from "../settings/memory";
import { onSettings, panelSettings } from "../settings/settings";
import { pageHtml, pageRoots } from "./pageHtml";
import { panelHandlers } from "./panelApi";
import { onPages } from "./webviewPort";

const MAX_REVEAL_MS = 2_000;

type Nothing = Record<never, never>;

export interface PanelServices {
  readonly extensionUri: vscode.Uri;
  readonly log: vscode.LogOutputChannel;
  readonly memory: Memory;
  /** Shows the text view beside the model, at the row's line if one is given. */
  openText(model: vscode.Uri, key?: string): Promise<void>;
}

/** One editor of a model: keeps its page supplied with state and events, whatever VS Code does with the page. */
export class ModelPanel {
  readonly document: ModelDocument;
  readonly services: PanelServices;
  private readonly panel: vscode.WebviewPanel;
  private page: Peer<Nothing, Nothing, PanelEvents> | undefined;
  /** What happened before the page was there to hear it. */
  private waiting: (() => void)[] = [];

  constructor(document: ModelDocument, panel: vscode.WebviewPanel, services: PanelServices) {
    this.document = document;
    this.services = services;
    this.panel = panel;
    const { session } = document;
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
    panel.webview.html = pageHtml(panel.webview, services.extensionUri, "model");
  }

  get active(): boolean {
    return this.panel.active;
  }

  /** All that the page needs to draw itself anew. */
  state(): PanelState {
    const { session, uri } = this.document;
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
        };
    }
  }

  /** Brings the editor to the front, with the focus. */
  show(): void {
    if (!this.panel.active) {
      this.panel.reveal(this.panel.viewColumn, false);
    }
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

  /** Runs a workbench command that acts on the active editor. */
  async runInEditor(command: string): Promise<void> {
    this.show();
    await this.whenActive();
    await vscode.commands.executeCommand(command);
  }

  /** Reads the file anew; unsaved edits are dropped only when the user says so. */
  async reload(): Promise<void> {
    const { session } = this.document;
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

  private emit<E extends keyof PanelEvents>(event: E, payload: PanelEvents[E]): void {
    this.page?.emit(event, payload);
  }

  /** Like emit, but kept for a page that is hidden or not loaded yet. */
  private tell<E extends keyof PanelEvents>(event: E, payload: PanelEvents[E]): void {
    if (this.page !== undefined) {
      this.emit(event, payload);
    } else {
      this.waiting.push(() => this.emit(event, payload));
    }
  }
}
