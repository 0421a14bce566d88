import assert from "node:assert/strict";
import * as vscode from "vscode";
import { PREVIEW_SCHEME } from "../../src/host/ids";
import { cleanUp, host, isDirty, modelCopy, openEditor, until } from "./support/vscode";

function shownPreview(): vscode.Uri | undefined {
  const inputs = vscode.window.tabGroups.all.flatMap(({ tabs }) => tabs).map(({ input }) => input);
  for (const input of inputs) {
    if (input instanceof vscode.TabInputTextDiff && input.modified.scheme === PREVIEW_SCHEME) {
      return input.modified;
    }
  }
  return undefined;
}

/** Answers each question with what is proposed, until the preview is there. */
async function acceptAll(): Promise<vscode.Uri> {
  return await until("the preview", async () => {
    await vscode.commands.executeCommand("workbench.action.acceptSelectedQuickOpenItem");
    return shownPreview();
  });
}

describe("changing the whole model", () => {
  afterEach(cleanUp);

  it("asks what and how, shows what it would do, and does it", async () => {
    const uri = await modelCopy();
    const session = await openEditor(uri);
    const { offers } = await session.read("offers", { key: "" });
    const expected = offers.find(({ call }) => call.action === "setDim");
    assert.ok(expected?.params !== undefined && expected.onRequest === true);
    const done = vscode.commands.executeCommand("onnxray.changeModel", { action: "setDim" });
    const preview = await acceptAll();
    await done;
    assert.equal(isDirty(uri), false);
    await (await host()).previews.apply(preview);
    await until("a dirty model", () => isDirty(uri));
    assert.deepEqual(session.unsaved?.[0]?.calls, [expected.call]);
    assert.equal(shownPreview(), undefined);
  });

  it("offers what is suggested and what is there on request", async () => {
    const uri = await modelCopy();
    const session = await openEditor(uri);
    const done = vscode.commands.executeCommand("onnxray.changeModel");
    const preview = await acceptAll();
    await done;
    const { offers } = await session.read("offers", { key: "" });
    const first = offers.find(({ onRequest }) => onRequest !== true) ?? offers[0];
    await (await host()).previews.apply(preview);
    await until("the edit", () => session.unsaved?.[0]?.calls[0]?.action === first?.call.action);
  });
});
