import * as vscode from "vscode";
import type { Offer } from "../../protocol/actions";
import type { Finding } from "../../protocol/engine";
import type { ApplyArgument } from "../commands/applyAction";
import type { ModelSession } from "../engine/modelSession";
import { isCancelled } from "../errors";
import type { Findings } from "./findings";
import { callId, offersAt } from "./offers";
import type { TextModels } from "./textModels";

/** Offers that do the same to several layers. */
interface Group {
  readonly title: string;
  readonly offers: readonly Offer[];
}

/**
 * The light bulb of the text view, and the fixes of Problems: for each finding its fix, a look at what that would do, and
 * the same for all findings of the kind; then whatever else is offered at the selected nodes, alike ones together.
 */
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
    token: vscode.CancellationToken,
  ): Promise<vscode.CodeAction[]> {
    const session = this.models.session(document.uri);
    if (session === undefined) {
      return [];
    }
    const [first, last] = [range.start.line, range.end.line];
    const found = this.findings.at(session, first, last);
    const fixes = [...grouped(found, ({ code }) => code).values()].flatMap((alike) =>
      this.fixesOf(session, alike, context.diagnostics),
    );
    const seen = new Set(found.flatMap((finding) => finding.fixes.map(callId)));
    const offers = await offersAt(session, first, last, token).catch((thrown) => {
      if (isCancelled(thrown)) {
        return [];
      }
      throw thrown;
    });
    const others = offers.filter((offer) => !seen.has(callId(offer)));
    const actions = [...fixes, ...rewritesOf(session, others)];
    return actions.filter(
      ({ kind }) => context.only === undefined || context.only.contains(kind ?? context.only),
    );
  }

  /** Of findings of one kind that the selection touches. */
  private fixesOf(
    session: ModelSession,
    alike: readonly Finding[],
    diagnostics: readonly vscode.Diagnostic[],
  ): vscode.CodeAction[] {
    const [first] = alike;
    if (first === undefined) {
      return [];
    }
    const kind = vscode.CodeActionKind.QuickFix;
    const lines = new Set(alike.map(({ line }) => line));
    const concerned = diagnostics.filter(
      ({ code, range }) => code === first.code && lines.has(range.start.line),
    );
    const silence = silenceOf(session, first.code);
    silence.diagnostics = [...concerned];
    const [preferred, ...others] = byTitle(alike.flatMap(({ fixes }) => fixes));
    if (preferred === undefined) {
      return [silence];
    }
    const everywhere = byTitle(
      this.findings.all(session, first.code).flatMap(({ fixes }) => fixes.slice(0, 1)),
    ).find(({ title }) => title === preferred.title);
    const all: Group[] =
      everywhere === undefined || everywhere.offers.length <= preferred.offers.length ? [] : [everywhere];
    const actions = [
      ...[preferred, ...others].map((group) => apply(session, group, kind, titleOf(group))),
      preview(session, preferred, kind, `Preview: ${titleOf(preferred)}`),
      ...all.flatMap((group) => {
        const title = `Fix all ${group.offers.length} of this kind: ${group.title}`;
        return [apply(session, group, kind, title), preview(session, group, kind, `Preview: ${title}`)];
      }),
    ];
    for (const action of actions) {
      action.diagnostics = [...concerned];
    }
    if (actions[0] !== undefined) {
      actions[0].isPreferred = true;
    }
    return [...actions, silence];
  }
}

/** What the command that switches a finding off is given. */
export interface DisableArgument {
  readonly model: string;
  readonly code: string;
}

function silenceOf(session: ModelSession, code: string): vscode.CodeAction {
  const title = `Do not report "${code}"`;
  const action = new vscode.CodeAction(title, vscode.CodeActionKind.QuickFix);
  const argument: DisableArgument = { model: session.uri.toString(), code };
  action.command = { command: "onnxray.disableFinding", title, arguments: [argument] };
  return action;
}

function rewritesOf(session: ModelSession, offers: readonly Offer[]): vscode.CodeAction[] {
  const kind = vscode.CodeActionKind.RefactorRewrite;
  return byTitle(offers).flatMap((group) => [
    apply(session, group, kind, titleOf(group)),
    preview(session, group, kind, `Preview: ${titleOf(group)}`),
  ]);
}

function apply(session: ModelSession, group: Group, kind: vscode.CodeActionKind, title: string) {
  return actionOf("onnxray.applyAction", session, group, kind, title);
}

function preview(session: ModelSession, group: Group, kind: vscode.CodeActionKind, title: string) {
  return actionOf("onnxray.previewAction", session, group, kind, title);
}

function actionOf(
  command: string,
  session: ModelSession,
  { offers }: Group,
  kind: vscode.CodeActionKind,
  title: string,
): vscode.CodeAction {
  const [first] = offers;
  const specs = first?.params ?? [];
  const action = new vscode.CodeAction(specs.length === 0 ? title : `${title}…`, kind);
  const argument: ApplyArgument = {
    model: session.uri.toString(),
    calls: offers.map(({ call }) => call),
    ...(first === undefined || specs.length === 0 ? {} : { form: { title: first.title, specs } }),
  };
  action.command = {
    command,
    title,
    arguments: [argument],
    ...(first === undefined ? {} : { tooltip: first.detail }),
  };
  return action;
}

function titleOf({ title, offers }: Group): string {
  return offers.length === 1 ? title : `${title}: all ${offers.length} selected`;
}

/** Each call once, those that do the same together, in the order in which they are met. */
function byTitle(offers: readonly Offer[]): Group[] {
  const distinct = new Map(offers.map((offer) => [callId(offer), offer]));
  return [...grouped([...distinct.values()], ({ call, title }) => `${call.action} ${title}`).values()].map(
    (alike) => ({ title: alike[0]?.title ?? "", offers: alike }),
  );
}

function grouped<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group === undefined) {
      groups.set(key, [item]);
    } else {
      group.push(item);
    }
  }
  return groups;
}
