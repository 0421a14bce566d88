import * as vscode from "vscode";
import type { Finding } from "../../protocol/engine";
import type { Severity } from "../../protocol/problem";
import type { ModelSession } from "../engine/modelSession";
import type { Sessions } from "../engine/sessions";
import { disabledFindings, findingsEnabled, onSettings } from "../settings/settings";
import { textUriOf } from "./textUri";

/** Findings come after the figures that the user waits for, and once for a burst of changes. */
const QUIET_MS = 300;

const SEVERITIES: Record<Severity, vscode.DiagnosticSeverity> = {
  error: vscode.DiagnosticSeverity.Error,
  warning: vscode.DiagnosticSeverity.Warning,
  info: vscode.DiagnosticSeverity.Information,
};

/** Keeps the Problems of every open model, at the lines of its text view. */
export class Findings implements vscode.Disposable {
  private readonly collection = vscode.languages.createDiagnosticCollection("onnxray");
  private readonly bySession = new Map<ModelSession, readonly Finding[]>();
  private readonly timers = new Map<ModelSession, NodeJS.Timeout>();
  private readonly subscriptions: vscode.Disposable[];

  constructor(sessions: Sessions) {
    this.subscriptions = [
      sessions.onDidOpen((session) => {
        const soon = () => this.refreshSoon(session);
        session.onDidChangeModel(soon);
        session.onDidChangeState(soon);
        session.onDidChangeFigures(soon);
      }),
      sessions.onDidClose((session) => this.forget(session)),
      vscode.workspace.onDidOpenTextDocument((document) => {
        const session = sessions.all.find((one) => textUriOf(one.uri).toString() === document.uri.toString());
        if (session !== undefined) {
          this.refreshSoon(session);
        }
      }),
      onSettings("findings", () => {
        for (const session of sessions.all) {
          this.refreshSoon(session);
        }
      }),
    ];
  }

  /** What is known of the model at these lines. */
  at(session: ModelSession, first: number, last: number): readonly Finding[] {
    return (this.bySession.get(session) ?? []).filter(({ line }) => line >= first && line <= last);
  }

  /** Those of one kind, anywhere in the model. */
  all(session: ModelSession, code: string): readonly Finding[] {
    return (this.bySession.get(session) ?? []).filter((finding) => finding.code === code);
  }

  dispose(): void {
    for (const subscription of this.subscriptions) {
      subscription.dispose();
    }
    for (const timer of this.timers.values()) {
      clearTimeout(timer);
    }
    this.collection.dispose();
  }

  /** Asks for them again when things have settled; also puts the marks back where they belong. */
  refreshSoon(session: ModelSession): void {
    clearTimeout(this.timers.get(session));
    this.timers.set(
      session,
      setTimeout(() => this.refresh(session).catch(() => {}), QUIET_MS),
    );
  }

  private async refresh(session: ModelSession): Promise<void> {
    this.timers.delete(session);
    const wanted = findingsEnabled(session.uri) && session.state.kind === "open";
    const disabled = disabledFindings(session.uri);
    const all = wanted ? await session.read("findings", {}) : [];
    const findings = all.filter(({ code }) => !disabled.has(code));
    const { text } = wanted && findings.length > 0 ? await session.text() : { text: "" };
    if (this.timers.has(session)) {
      return;
    }
    this.bySession.set(session, findings);
    const lines = text.split("\n");
    this.collection.set(
      textUriOf(session.uri),
      findings.map((finding) => diagnosticOf(finding, lines[finding.line] ?? "")),
    );
  }

  private forget(session: ModelSession): void {
    clearTimeout(this.timers.get(session));
    this.timers.delete(session);
    this.bySession.delete(session);
    this.collection.delete(textUriOf(session.uri));
  }
}

function diagnosticOf(finding: Finding, lineText: string): vscode.Diagnostic {
  const start = lineText.length - lineText.trimStart().length;
  const range = new vscode.Range(finding.line, start, finding.line, Math.max(lineText.length, start));
  const diagnostic = new vscode.Diagnostic(range, finding.message, SEVERITIES[finding.severity]);
  diagnostic.source = "onnxray";
  diagnostic.code = finding.code;
  return diagnostic;
}
