import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import * as vscode from "vscode";
import { cleanUp, host, isDirty, modelCopy, offeredCalls, openEditor, until } from "./support/vscode";

async function editedModel() {
  const uri = await modelCopy();
  const session = await openEditor(uri);
  const { editors } = await host();
  const document = editors.document(uri);
  assert.ok(document !== undefined);
  const before = (await session.text()).text;
  const [call] = await offeredCalls(session, 1);
  assert.ok(call !== undefined);
  await document.apply([call]);
  await until("a dirty tab", () => isDirty(uri));
  const after = (await session.text()).text;
  return { uri, session, document, editors, before, after };
}

describe("model document", () => {
  afterEach(cleanUp);

  it("opens at once and shows the model when the engine has it", async () => {
    const uri = await modelCopy();
    const session = await openEditor(uri);
    assert.equal(session.state.kind, "open");
    assert.equal(isDirty(uri), false);
  });

  it("is dirty after an edit, clean after undo, dirty after redo", async () => {
    const { uri, session, before, after } = await editedModel();
    assert.notEqual(after, before);
    await vscode.commands.executeCommand("undo");
    await until("a clean tab", () => !isDirty(uri));
    assert.equal((await session.text()).text, before);
    await vscode.commands.executeCommand("redo");
    await until("a dirty tab", () => isDirty(uri));
    assert.equal((await session.text()).text, after);
  });

  it("saves to the file and stays open", async () => {
    const { uri, session, after } = await editedModel();
    const original = await readFile(uri.fsPath);
    await vscode.workspace.save(uri);
    assert.equal(isDirty(uri), false);
    assert.notDeepEqual(await readFile(uri.fsPath), original);
    assert.equal((await session.text()).text, after);
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    assert.equal(session.diskState, "same", "its own save is no change on disk");
  });

  it("saves a copy and leaves the file alone", async () => {
    const { uri, document, editors } = await editedModel();
    const original = await readFile(uri.fsPath);
    const copy = vscode.Uri.file(join(dirname(uri.fsPath), "copy.onnx"));
    const { token } = new vscode.CancellationTokenSource();
    await editors.saveCustomDocumentAs(document, copy, token);
    assert.deepEqual(await readFile(uri.fsPath), original);
    assert.notDeepEqual(await readFile(copy.fsPath), original);
    assert.equal(isDirty(uri), true);
  });

  it("drops edits on revert", async () => {
    const { uri, session, before } = await editedModel();
    await vscode.commands.executeCommand("workbench.action.files.revert");
    await until("a clean tab", () => !isDirty(uri));
    await until("the text as it was", async () => (await session.text()).text === before);
  });

  it("shares one session between several editors", async () => {
    const { uri, editors } = await editedModel();
    await vscode.commands.executeCommand("workbench.action.splitEditor");
    await until("a second panel", () => editors.panels.length === 2);
    assert.equal(
      editors.documents.filter((document) => document.uri.toString() === uri.toString()).length,
      1,
    );
  });
});
