import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import * as vscode from "vscode";
import type { ModelSession } from "../../src/host/engine/modelSession";
import {
  cleanUp,
  host,
  isDirty,
  modelCopy,
  offeredCalls,
  openEditor,
  temporaryFolder,
  until,
} from "./support/vscode";

async function twoEdits() {
  const uri = await modelCopy();
  const session = await openEditor(uri);
  const { editors, sessions } = await host();
  const document = editors.document(uri);
  assert.ok(document !== undefined);
  for (const call of await offeredCalls(session, 2)) {
    await document.apply([call]);
  }
  return { uri, session, document, editors, sessions, text: (await session.text()).text };
}

/** Ends the engine's worker behind the session's back. */
async function crash(session: ModelSession): Promise<void> {
  const { engine } = session as unknown as {
    engine: { client: { worker: import("node:worker_threads").Worker } };
  };
  await engine.client.worker.terminate();
}

describe("recovery", () => {
  afterEach(cleanUp);

  it("brings edits back from a backup, with their undo steps", async () => {
    const { uri, document, editors, text } = await twoEdits();
    const destination = vscode.Uri.file(join(await temporaryFolder(), "backup.json"));
    const backup = await editors.backupCustomDocument(document, { destination });
    assert.ok((await readFile(destination.fsPath)).length < 10_000);
    await vscode.commands.executeCommand("workbench.action.files.revert");
    await vscode.commands.executeCommand("workbench.action.closeAllEditors");
    await until("the model to be closed", async () => (await host()).sessions.get(uri) === undefined);

    const context = { backupId: backup.id, untitledDocumentData: undefined };
    const restored = await editors.openCustomDocument(uri, context);
    try {
      await restored.session.whenOpen();
      assert.equal((await restored.session.text()).text, text);
      const labels: string[] = [];
      restored.onDidEdit(({ label }) => labels.push(label));
      assert.ok(await restored.announceRestored());
      await until("two undo steps", () => labels.length === 2);
      assert.ok(labels.every((label) => label.length > 0));
    } finally {
      restored.dispose();
    }
  });

  it("opens the file without the edits when it is not the one they were made on", async () => {
    const { uri, document, editors } = await twoEdits();
    const destination = vscode.Uri.file(join(await temporaryFolder(), "backup.json"));
    const { id } = await editors.backupCustomDocument(document, { destination });
    await cleanCopy(uri);
    const context = { backupId: id, untitledDocumentData: undefined };
    const opened = await editors.openCustomDocument(uri, context);
    try {
      await opened.session.whenOpen();
      assert.equal(opened.session.unfit?.groups.length, 2);
      assert.equal(opened.session.hasHistory, false);
    } finally {
      opened.session.unfit = undefined;
      opened.dispose();
    }
  });

  it("loses no edit when the engine crashes", async () => {
    const { uri, session, text } = await twoEdits();
    await crash(session);
    await until("another engine", () => session.state.kind === "open");
    assert.equal((await session.text()).text, text);
    assert.equal(isDirty(uri), true);
    await vscode.commands.executeCommand("undo");
    await vscode.commands.executeCommand("undo");
    await until("a clean tab", () => !isDirty(uri));
    await until("the redo of what was undone", async () => session.hasHistory);
    await vscode.commands.executeCommand("redo");
    await vscode.commands.executeCommand("redo");
    await until("the edits again", async () => (await session.text()).text === text);
  });

  it("answers what was asked while the engine crashed", async () => {
    const { session } = await twoEdits();
    const crashed = crash(session);
    const page = await session.read("rows", { group: false, start: 0, count: 1 });
    await crashed;
    assert.equal(page.rows.length, 1);
  });

  it("gives up after several crashes and can be reloaded with its edits", async () => {
    const { session, text } = await twoEdits();
    for (let count = 0; count < 4; count++) {
      await until("an engine", () => session.state.kind !== "loading");
      await crash(session);
      await until("its end to be seen", () => session.state.kind !== "open" || count < 3);
    }
    await until("failure", () => session.state.kind === "failed");
    assert.ok((await session.backup()).actions.length === 2, "a backup needs no engine");
    await session.retry();
    assert.equal((await session.text()).text, text);
  });
});

/** Closes the model and puts other bytes in its place, as another program would. */
async function cleanCopy(uri: vscode.Uri): Promise<void> {
  await vscode.commands.executeCommand("workbench.action.files.revert");
  await vscode.commands.executeCommand("workbench.action.closeAllEditors");
  const { sessions } = await host();
  await until("the model to be closed", () => sessions.get(uri) === undefined);
  await writeFile(uri.fsPath, await readFile(uri.fsPath));
}
