import * as vscode from "vscode";
import type { Lens } from "../../protocol/engine";
import type { ApplyArgument } from "../commands/applyAction";
import type { ModelSession } from "../engine/modelSession";
import type { Sessions } from "../engine/sessions";
import { lensSettings, onSettings } from "../settings/settings";
import { percent } from "../units";
import { attentionWords, costWords, fixWords, totalsWords } from "./lensWords";
import type { TextModels } from "./textModels";

const MEASURE = "Run the model in onnxruntime and measure every layer";

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
    const { enabled, ...wanted } = lensSettings(document.uri);
    const session = this.models.session(document.uri);
    if (!enabled || session === undefined) {
      return [];
    }
    const [lenses, views] = await Promise.all([
      session.read("lenses", { startLine: 0, endLine: document.lineCount, ...wanted }),
      modelLenses(session),
    ]);
    return [...views, ...lenses.flatMap((lens) => lensesAt(session, lens))];
  }

  dispose(): void {
    clearTimeout(this.timer);
    for (const subscription of this.subscriptions) {
      subscription.dispose();
    }
    this.changeEmitter.dispose();
  }
}

/** Above the first line: what the model costs, what could be better, and the ways to its views. */
async function modelLenses(session: ModelSession): Promise<readonly vscode.CodeLens[]> {
  const summary = session.state.kind === "open" ? session.state.summary : undefined;
  const [{ blocks, totals }, { offersTotal }] = await Promise.all([
    session.read("attention", {}),
    session.read("overview", {}),
  ]);
  const lens = (title: string, tooltip: string, command: string) =>
    lensOf(0, title, tooltip, command, session.uri);
  const share = totals.attentionShare === null ? "" : `, ${percent(totals.attentionShare)} of FLOPs`;
  const plural = (amount: number, word: string) =>
    `${amount.toLocaleString("en")} ${word}${amount === 1 ? "" : "s"}`;
  return [
    ...(summary === undefined
      ? []
      : [lens(totalsWords(summary), "Show the model in its editor", "onnxray.openModelEditor")]),
    ...(offersTotal === 0
      ? []
      : [
          lens(
            plural(offersTotal, "suggestion"),
            "Show what would make the model smaller or faster",
            "onnxray.openModelEditor",
          ),
        ]),
    ...(blocks.length === 0
      ? []
      : [
          lens(
            `attention: ${plural(blocks.length, "block")}${share}`,
            "Show where attention sits and from which length on its cost matters",
            "onnxray.showAttention",
          ),
        ]),
    lens("parameters", "Show where the parameters sit", "onnxray.showParameters"),
    lens("measure", MEASURE, "onnxray.profile"),
  ];
}

function lensesAt(session: ModelSession, lens: Lens): vscode.CodeLens[] {
  const model = session.uri.toString();
  const { line } = lens;
  switch (lens.kind) {
    case "fix": {
      const { offer } = lens;
      const argument: ApplyArgument = { model, calls: [offer.call] };
      return [lensOf(line, fixWords(offer), offer.detail, "onnxray.applyAction", argument)];
    }
    case "attention": {
      const tooltip = `${lens.label}: scores, softmax and weighted sum. Show it in the Attention panel`;
      return [lensOf(line, attentionWords(lens), tooltip, "onnxray.showAttention", session.uri)];
    }
    default: {
      const argument = { model, key: lens.key };
      const cost = lensOf(line, costWords(lens), lens.tooltip, "onnxray.revealLine", argument);
      const isMeasured = lens.kind === "module" || lens.timeMs !== null;
      return isMeasured ? [cost] : [cost, lensOf(line, "measure", MEASURE, "onnxray.profile", session.uri)];
    }
  }
}

function lensOf(
  line: number,
  title: string,
  tooltip: string,
  command: string,
  argument: unknown,
): vscode.CodeLens {
  const range = new vscode.Range(line, 0, line, 0);
  return new vscode.CodeLens(range, { title, tooltip, command, arguments: [argument] });
}
