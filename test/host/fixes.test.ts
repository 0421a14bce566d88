import assert from "node:assert/strict";
import * as vscode from "vscode";
import type { ApplyArgument } from "../../src/host/commands/applyAction";
import { PREVIEW_SCHEME } from "../../src/host/ids";
import { textUriOf } from "../../src/host/text/textUri";
import { cleanUp, host, isDirty, modelCopy, openEditor, until } from "./support/vscode";

async function openedText() {
  const uri = await modelCopy();
  const session = await openEditor(uri);
  const document = await vscode.workspace.openTextDocument(textUriOf(uri));
  await vscode.window.showTextDocument(document, vscode.ViewColumn.Beside);
  const problems = await until("problems", () => {
    const all = vscode.languages.getDiagnostics(document.uri).filter(({ range }) => range.start.line > 0);
    return all.length > 1 && all;
  });
  return { uri, session, document, problems };
}

async function actionsAt(document: vscode.TextDocument, range: vscode.Range): Promise<vscode.CodeAction[]> {
  return await vscode.commands.executeCommand("vscode.executeCodeActionProvider", document.uri, range);
}

async function take(action: vscode.CodeAction | undefined): Promise<void> {
  assert.ok(action?.command !== undefined, "there is no such action");
  await vscode.commands.executeCommand(action.command.command, ...(action.command.arguments ?? []));
}

function shownPreview(): vscode.TabInputTextDiff | undefined {
  return vscode.window.tabGroups.all
    .flatMap(({ tabs }) => tabs)
    .map(({ input }) => input)
    .find(
      (input): input is vscode.TabInputTextDiff =>
        input instanceof vscode.TabInputTextDiff && input.modified.scheme === PREVIEW_SCHEME,
    );
}

describe("fixes", () => {
  afterEach(cleanUp);

  it("of a problem come first, the preferred one with its problem", async () => {
    const { document, problems } = await openedText();
    const [problem] = problems;
    assert.ok(problem !== undefined);
    const actions = await actionsAt(document, problem.range);
    const preferred = actions.filter(({ isPreferred }) => isPreferred === true);
    assert.equal(preferred.length, 1);
    assert.equal(preferred[0], actions[0]);
    assert.ok(actions[0]?.kind?.contains(vscode.CodeActionKind.QuickFix));
  });

  it("of all problems of a kind are one undo step", async () => {
    const { uri, session, document, problems } = await openedText();
    const [problem] = problems;
    assert.ok(problem !== undefined);
    const alike = problems.filter(({ code }) => code === problem.code).length;
    const actions = await actionsAt(document, problem.range);
    const before = document.getText();
    await take(actions.find(({ title }) => title.startsWith(`Fix all ${alike} of this kind`)));
    await until("a dirty model", () => isDirty(uri));
    assert.equal(session.unsaved?.length, 1);
    assert.equal(session.unsaved[0]?.calls.length, alike);
    await until("no such problem", () =>
      vscode.languages.getDiagnostics(document.uri).every(({ code }) => code !== problem.code),
    );
    await vscode.commands.executeCommand("onnxray.undoInModel");
    await until("the text as it was", () => document.getText() === before);
  });

  it("apply to all alike in a selection", async () => {
    const { session, document, problems } = await openedText();
    const [problem] = problems;
    const two = problems.filter(({ code }) => code === problem?.code).slice(0, 2);
    const lines = two.map(({ range }) => range.start.line);
    const range = new vscode.Range(Math.min(...lines), 0, Math.max(...lines), 1);
    const action = (await actionsAt(document, range)).find(({ title }) => / all 2 selected$/.test(title));
    await take(action);
    await until("the edit", () => session.unsaved?.[0]?.calls.length === 2);
  });

  it("can be looked at before: nothing is changed, the text as it would be stands beside the text", async () => {
    const { uri, document, problems } = await openedText();
    const [problem] = problems;
    assert.ok(problem !== undefined);
    const before = document.getText();
    const actions = await actionsAt(document, problem.range);
    await take(actions.find(({ title }) => title.startsWith("Preview: ")));
    const { original, modified } = await until("the difference", shownPreview);
    assert.equal(original.toString(), document.uri.toString());
    const preview = await vscode.workspace.openTextDocument(modified);
    assert.equal(preview.languageId, "onnxtxt");
    assert.match(preview.getText(), /DequantizeLinear/);
    assert.equal(document.getText(), before);
    assert.equal(isDirty(uri), false);
    assert.match(vscode.window.tabGroups.activeTabGroup.activeTab?.label ?? "", / → .*−[\d.]+ %/);

    const would = preview.getText();
    await vscode.commands.executeCommand("onnxray.applyPreview");
    await until("the text as it was to be", () => document.getText() === would);
    await until("no difference", () => shownPreview() === undefined);
    await until("a dirty model", () => isDirty(uri));
  });

  it("that are looked at while the model changes show what they would do now", async () => {
    const { session, document, problems } = await openedText();
    const [one, other] = problems.filter(({ code }) => code === problems[0]?.code);
    assert.ok(one !== undefined && other !== undefined);
    const otherFix = (await actionsAt(document, other.range))[0];
    await take((await actionsAt(document, one.range)).find(({ title }) => title.startsWith("Preview: ")));
    const { modified } = await until("the difference", shownPreview);
    const preview = await vscode.workspace.openTextDocument(modified);
    const count = () => preview.getText().match(/DequantizeLinear/g)?.length ?? 0;
    const single = count();
    await take(otherFix);
    await until("both", () => count() === 2 * single);
    await (await host()).previews.apply(modified);
    await until("two steps", () => session.unsaved?.length === 2);
  });

  it("are not offered for findings that are switched off, from the light bulb or in the settings", async () => {
    const { document, problems } = await openedText();
    const code = problems[0]?.code;
    const listed = () =>
      vscode.languages.getDiagnostics(document.uri).some((problem) => problem.code === code);
    const settings = () => vscode.workspace.getConfiguration("onnxray.findings");
    const action = (await actionsAt(document, problems[0]?.range ?? new vscode.Range(0, 0, 0, 0))).find(
      ({ title }) => title === `Do not report "${code}"`,
    );
    try {
      await take(action);
      assert.deepEqual(settings().get("disabled"), [code]);
      await until("no such problem", () => !listed());
    } finally {
      for (const target of [vscode.ConfigurationTarget.Workspace, vscode.ConfigurationTarget.Global]) {
        await settings().update("disabled", undefined, target);
      }
    }
    await until("the problems again", listed);
  });

  it("with something to choose ask for it first", async () => {
    const { session, document, problems } = await openedText();
    const actions = await actionsAt(document, problems[0]?.range ?? new vscode.Range(0, 0, 0, 0));
    const action = actions.find(({ title }) => title.endsWith("…") && !title.startsWith("Preview: "));
    const done = take(action);
    await until("the edit", async () => {
      await vscode.commands.executeCommand("workbench.action.acceptSelectedQuickOpenItem");
      return session.unsaved?.length === 1;
    });
    await done;
    const [argument] = (action?.command?.arguments ?? []) as ApplyArgument[];
    const calls = argument?.calls ?? [];
    assert.ok(Object.keys(calls[0]?.params ?? {}).length > 0);
    assert.deepEqual(session.unsaved?.[0]?.calls, calls);
  });
});
