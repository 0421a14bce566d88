import * as vscode from "vscode";
import type { Lens } from "../../protocol/engine";
import type { ModelSession } from "../engine/modelSession";
import type { Sessions } from "../engine/sessions";
import { lensSettings, onSettings } from "../settings/settings";
import type { TextModels } from "./textModels";

/** Sliders move many times a second; lenses follow when they rest. */
const QUIET_MS = 200;

/** Costs and fixes above the lines of the text view. */
export class ModelCodeLenses implements vscode.CodeLensProvider, vscode.Disposable {
  private readonly models: TextModels;
  private readonly changeEmitter = new vscode.EventEmitter<void>();
  private readonly subscriptions: vscode.Disposable[];
  private timer: NodeJS.Timeout | undefined;

  readonly onDidChangeCodeLenses = this.changeEmitter.event;

  constructor(models: TextModels, sessions: Sessions) {
    this.models = models;
    const soon = () => {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.changeEmitter.fire(), QUIET_MS);
    };
    this.subscriptions = [
      sessions.onDidOpen((session) => {
        session.onDidChangeModel(soon);
        session.onDidChangeState(soon);
        session.onDidChangeFigures(soon);
      }),
      onSettings("lenses", soon),
    ];
  }

  async provideCodeLenses(document: vscode.TextDocument): Promise<vscode.CodeLens[]> {
    const { enabled, minShare } = lensSettings(document.uri);
    const session = this.models.session(document.uri);
    if (!enabled || session === undefined) {
      return [];
    }
    const [lenses, views] = await Promise.all([
      session.read("lenses", { startLine: 0, endLine: document.lineCount, minShare }),
      viewLenses(session),
    ]);
    return [...views, ...lenses.map((lens) => lensOf(session, lens))];
  }

  dispose(): void {
    clearTimeout(this.timer);
    for (const subscription of this.subscriptions) {
      subscription.dispose();
    }
    this.changeEmitter.dispose();
  }
}

/** Above the first line: what the views of the whole model show, and the way to them. */
async function viewLenses(session: ModelSession): Promise<readonly vscode.CodeLens[]> {
  const summary = session.state.kind === "open" ? session.state.summary : undefined;
  const { blocks, totals } = await session.read("attention", {});
  const top = new vscode.Range(0, 0, 0, 0);
  const lens = (title: string, tooltip: string, command: string) =>
    new vscode.CodeLens(top, { title, tooltip, command, arguments: [session.uri] });
  const share =
    totals.attentionShare === null ? "" : `, ${(totals.attentionShare * 100).toFixed(1)} % of FLOPs`;
  return [
    ...(blocks.length === 0
      ? []
      : [
          lens(
            `attention: ${blocks.length} ${blocks.length === 1 ? "block" : "blocks"}${share}`,
            "Show where attention sits and from which length on its cost matters",
            "onnxray.showAttention",
          ),
        ]),
    ...(summary === undefined
      ? []
      : [
          lens(
            `parameters: ${new Intl.NumberFormat("en-US", { notation: "compact" }).format(summary.totals.params)}`,
            "Show where the parameters sit",
            "onnxray.showParameters",
          ),
        ]),
  ];
}

function lensOf(session: ModelSession, lens: Lens): vscode.CodeLens {
  const range = new vscode.Range(lens.line, 0, lens.line, 0);
  const model = session.uri.toString();
  return new vscode.CodeLens(
    range,
    lens.call === undefined
      ? {
          title: lens.title,
          tooltip: lens.tooltip,
          command: "onnxray.revealLine",
          arguments: [{ model, line: lens.line }],
        }
      : {
          title: lens.title,
          tooltip: lens.tooltip,
          command: "onnxray.applyAction",
          arguments: [{ model, calls: [lens.call] }],
        },
  );
}
