import * as vscode from "vscode";
import type { Offer } from "../../protocol/actions";
import { isCancelled } from "../errors";
import type { Findings } from "./findings";
import { callId, offersAt } from "./offers";
import type { TextModels } from "./textModels";

/** The light bulb of the text view: fixes of findings first, then whatever else is offered at the selected nodes. */
export class ModelCodeActions implements vscode.CodeActionProvider {
  static readonly kinds = [vscode.CodeActionKind.QuickFix, vscode.CodeActionKind.RefactorRewrite];
  private readonly models: TextModels;
  private readonly findings: Findings;

  constructor(models: TextModels, findings: Findings) {
    this.models = models;
    this.findings = findings;
  }

  async provideCodeActions(
    document: vscode.TextDocument,
    range: vscode.Range,
    context: vscode.CodeActionContext,
  ): Promise<vscode.CodeAction[]> {
    const session = this.models.session(document.uri);
    if (session === undefined) {
      return [];
    }
    const [first, last] = [range.start.line, range.end.line];
    const found = this.findings.at(session, first, last);
    const offers = await offersAt(session, first, last).catch((thrown) => {
      if (isCancelled(thrown)) {
        return [];
      }
      throw thrown;
    });
    const actions: vscode.CodeAction[] = [];
    const seen = new Set<string>();
    const add = (offer: Offer, kind: vscode.CodeActionKind, diagnostics: vscode.Diagnostic[]) => {
      if (!seen.has(callId(offer))) {
        seen.add(callId(offer));
        actions.push(actionOf(session.uri, offer, kind, diagnostics));
      }
    };
    for (const finding of found) {
      const diagnostics = context.diagnostics.filter(
        ({ code, range: at }) => code === finding.code && at.start.line === finding.line,
      );
      for (const fix of finding.fixes) {
        add(fix, vscode.CodeActionKind.QuickFix, diagnostics);
      }
    }
    for (const offer of offers) {
      add(offer, vscode.CodeActionKind.RefactorRewrite, []);
    }
    return actions.filter(
      ({ kind }) => context.only === undefined || context.only.contains(kind ?? context.only),
    );
  }
}

function actionOf(
  model: vscode.Uri,
  offer: Offer,
  kind: vscode.CodeActionKind,
  diagnostics: vscode.Diagnostic[],
): vscode.CodeAction {
  const action = new vscode.CodeAction(offer.title, kind);
  action.diagnostics = diagnostics;
  action.command = {
    command: "onnxray.applyAction",
    title: offer.title,
    tooltip: offer.detail,
    arguments: [{ model: model.toString(), call: offer.call }],
  };
  return action;
}
