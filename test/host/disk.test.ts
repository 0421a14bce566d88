import assert from "node:assert/strict";
import { appendFile, copyFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import * as vscode from "vscode";
import { textUriOf } from "../../src/host/text/textUri";
import {
  cleanUp,
  host,
  isDirty,
  modelCopy,
  OTHER_MODEL,
  offeredCalls,
  openEditor,
  temporaryFolder,
  until,
} from "./support/vscode";

describe("files", () => {
  afterEach(cleanUp);

  it("says what is wrong with a malformed file and can read it again", async () => {
    const uri = vscode.Uri.file(join(await temporaryFolder(), "broken.onnx"));
    await writeFile(uri.fsPath, "this is not a model");
    const session = await openEditor(uri);
    assert.ok(session.state.kind === "failed");
    assert.notEqual(session.state.error.code, "internal");
    await assert.rejects(async () => await vscode.workspace.openTextDocument(textUriOf(uri)));
    await copyFile((await modelCopy()).fsPath, uri.fsPath);
    await session.retry();
    assert.equal(session.state.kind, "open");
  });

  it("says so when the file changes on disk, and reads it again", async () => {
    const uri = await modelCopy();
    const session = await openEditor(uri);
    const other = await modelCopy(OTHER_MODEL);
    await copyFile(other.fsPath, uri.fsPath);
    await until("the change to be seen", () => session.diskState === "changed");
    const nodes = session.state.kind === "open" ? session.state.summary.nodes : 0;
    await vscode.commands.executeCommand("onnxray.reload");
    await until("the new model", () => session.state.kind === "open" && session.diskState === "same");
    assert.ok(session.state.kind === "open");
    assert.notEqual(session.state.summary.nodes, nodes);
  });

  it("keeps edits when the file changes, and refuses to save over it", async () => {
    const uri = await modelCopy();
    const session = await openEditor(uri);
    const { editors } = await host();
    const document = editors.document(uri);
    assert.ok(document !== undefined);
    await document.apply(await offeredCalls(session, 1));
    await until("a dirty tab", () => isDirty(uri));
    const edited = (await session.text()).text;
    await appendFile(uri.fsPath, "\0");
    await until("the change to be seen", () => session.diskState === "changed");
    const { token } = new vscode.CancellationTokenSource();
    await assert.rejects(editors.saveCustomDocument(document, token), /\.$/);
    assert.equal((await session.text()).text, edited);
    assert.equal(isDirty(uri), true);
  });

  it("says so when the file is deleted", async () => {
    const uri = await modelCopy();
    const session = await openEditor(uri);
    await rm(uri.fsPath);
    await until("the deletion to be seen", () => session.diskState === "deleted");
    assert.equal(session.state.kind, "open");
  });

  it("ends the engine some time after the last view is closed", async () => {
    const uri = await modelCopy();
    await openEditor(uri);
    const { sessions } = await host();
    await vscode.commands.executeCommand("workbench.action.closeAllEditors");
    await until("the end", () => sessions.get(uri) === undefined);
  });
});
