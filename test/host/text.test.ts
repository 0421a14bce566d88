import assert from "node:assert/strict";
import * as vscode from "vscode";
import { textUriOf } from "../../src/host/text/textUri";
import { cleanUp, host, isDirty, modelCopy, openEditor, until } from "./support/vscode";

async function openedText(withEditor = true) {
  const uri = await modelCopy();
  if (withEditor) {
    await openEditor(uri);
  }
  const document = await vscode.workspace.openTextDocument(textUriOf(uri));
  await vscode.window.showTextDocument(document, vscode.ViewColumn.Beside);
  return { uri, document };
}

function lensesOf(document: vscode.TextDocument): Thenable<vscode.CodeLens[]> {
  return vscode.commands.executeCommand("vscode.executeCodeLensProvider", document.uri, 10_000);
}

async function fixesAt(document: vscode.TextDocument, line: number): Promise<vscode.CodeAction[]> {
  const range = document.lineAt(line).range;
  return await vscode.commands.executeCommand("vscode.executeCodeActionProvider", document.uri, range);
}

function isFix(command: vscode.Command | undefined): command is vscode.Command {
  return command?.command === "onnxray.applyAction";
}

describe("text view", () => {
  afterEach(cleanUp);

  it("shows the nodes as text with a language of its own", async () => {
    const { document } = await openedText();
    assert.equal(document.languageId, "onnxtxt");
    assert.ok(document.lineCount > 5);
    assert.match(document.getText(), /MatMul/);
  });

  it("says at its top what the model costs, and at costly lines what they cost", async () => {
    const { uri, document } = await openedText();
    const lenses = await lensesOf(document);
    const top = lenses.filter(({ range }) => range.start.line === 0).map(({ command }) => command);
    assert.match(top[0]?.title ?? "", /^[\d.]+ [kMG]FLOPs · [\d.]+ [kM] parameters · [\d.]+ [KM]iB$/);
    assert.deepEqual(
      top.map((command) => command?.command),
      [
        "onnxray.openModelEditor",
        "onnxray.openModelEditor",
        "onnxray.showAttention",
        "onnxray.showParameters",
        "onnxray.profile",
      ],
    );
    const costs = lenses.filter(({ command }) => command?.command === "onnxray.revealLine");
    assert.ok(costs.some(({ command }) => command?.title.startsWith("module: ")));
    const cost = costs.find(({ command }) => /^\d/.test(command?.title ?? ""));
    assert.match(cost?.command?.title ?? "", /^[\d.]+ % · [\d.]+ [kMG]FLOPs/);
    assert.match(document.lineAt(cost?.range.start.line ?? 0).text, / = /);
    assert.ok(lenses.some(({ command }) => /^attention: \d+ × \d+/.test(command?.title ?? "")));

    await vscode.commands.executeCommand("onnxray.revealLine", ...(cost?.command?.arguments ?? []));
    const { tabGroups } = vscode.window;
    const isShown = () =>
      tabGroups.all.some(
        ({ activeTab }) =>
          activeTab?.input instanceof vscode.TabInputCustom &&
          activeTab.input.uri.toString() === uri.toString(),
      );
    await until("the model's editor", isShown);
  });

  it("follows the settings of lenses", async () => {
    const { document } = await openedText();
    const settings = vscode.workspace.getConfiguration("onnxray.lenses");
    const set = (name: string, value: number | undefined) =>
      settings.update(name, value, vscode.ConfigurationTarget.Global);
    const fixes = async () => (await lensesOf(document)).filter(({ command }) => isFix(command));
    try {
      assert.ok((await fixes()).length > 0);
      await set("minShare", 100);
      await set("minSaving", 1_000_000);
      assert.deepEqual(await fixes(), []);
      await set("minShare", 0);
      assert.ok((await fixes()).length > 0);
      await set("maxFixes", 0);
      assert.deepEqual(await fixes(), []);
    } finally {
      await Promise.all(["minShare", "minSaving", "maxFixes"].map((name) => set(name, undefined)));
    }
  });

  it("has lenses that edit the model", async () => {
    const { uri, document } = await openedText();
    const lens = (await lensesOf(document)).find(({ command }) => isFix(command));
    assert.ok(lens?.command !== undefined, "no lens has a fix");
    const before = document.getText();
    await vscode.commands.executeCommand(lens.command.command, ...(lens.command.arguments ?? []));
    await until("a dirty model", () => isDirty(uri));
    await until("the new text", () => document.getText() !== before);
    assert.equal(document.isDirty, false);
  });

  it("has quick fixes, and opens the model's editor to own the edit", async () => {
    const { uri, document } = await openedText(false);
    const lens = (await lensesOf(document)).find(({ command }) => isFix(command));
    assert.ok(lens !== undefined);
    const fix = (await fixesAt(document, lens.range.start.line)).find(({ command }) => isFix(command));
    assert.ok(fix?.command !== undefined, "no quick fix on a line with a fixing lens");
    await vscode.commands.executeCommand(fix.command.command, ...(fix.command.arguments ?? []));
    await until("a dirty model", () => isDirty(uri));
    assert.ok((await host()).editors.document(uri) !== undefined);
  });

  it("lists findings as problems with source and code", async () => {
    const { document } = await openedText();
    const problems = await until("problems", () => {
      const all = vscode.languages.getDiagnostics(document.uri);
      return all.length > 0 && all;
    });
    for (const problem of problems) {
      assert.equal(problem.source, "onnxray");
      assert.ok(problem.code !== undefined && problem.code !== "");
      assert.ok(document.validateRange(problem.range).isEqual(problem.range));
    }
    const [first] = problems;
    assert.ok(first !== undefined);
    const fixes = await fixesAt(document, first.range.start.line);
    assert.ok(fixes.some(({ kind }) => kind?.contains(vscode.CodeActionKind.QuickFix)));
  });

  it("takes back what is typed", async () => {
    const { uri, document } = await openedText();
    const before = document.getText();
    await vscode.commands.executeCommand("type", { text: "x" });
    await until("the text as it was", () => document.getText() === before && !document.isDirty);
    assert.equal(isDirty(uri), false);
  });

  it("undoes and saves the model from the text", async () => {
    const { uri, document } = await openedText();
    const lens = (await lensesOf(document)).find(({ command }) => isFix(command));
    assert.ok(lens?.command !== undefined);
    await vscode.commands.executeCommand(lens.command.command, ...(lens.command.arguments ?? []));
    await until("a dirty model", () => isDirty(uri));
    await vscode.commands.executeCommand("onnxray.undoInModel");
    await until("a clean model", () => !isDirty(uri));
    assert.equal(vscode.window.activeTextEditor?.document.uri.toString(), document.uri.toString());
    await vscode.commands.executeCommand("onnxray.redoInModel");
    await until("a dirty model", () => isDirty(uri));
    await vscode.commands.executeCommand("onnxray.saveModel");
    await until("a saved model", () => !isDirty(uri));
  });

  it("is opened by its command at the line of a row", async () => {
    const uri = await modelCopy();
    const session = await openEditor(uri);
    const { lineKeys } = await session.text();
    await vscode.commands.executeCommand("onnxray.openAsText", uri);
    const editor = await until("the text editor", () => vscode.window.activeTextEditor);
    assert.equal(editor.document.uri.toString(), textUriOf(uri).toString());
    assert.equal(editor.document.lineCount, lineKeys.length);
  });
});
