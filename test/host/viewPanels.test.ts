import assert from "node:assert/strict";
import * as vscode from "vscode";
import { cleanUp, host, modelCopy, openEditor, temporaryFolder, until } from "./support/vscode";

const ATTENTION = "onnxray.attention";

function panelTabs(type: string): readonly vscode.Tab[] {
  return vscode.window.tabGroups.all
    .flatMap(({ tabs }) => tabs)
    .filter(({ input }) => input instanceof vscode.TabInputWebview && input.viewType.endsWith(type));
}

describe("panels of single views", () => {
  afterEach(cleanUp);

  it("open beside the editor, once for each view and model", async () => {
    const uri = await modelCopy();
    await openEditor(uri);
    await vscode.commands.executeCommand("onnxray.showAttention");
    await until("a panel", () => panelTabs(ATTENTION).length === 1);
    await vscode.commands.executeCommand("onnxray.showAttention", uri);
    await vscode.commands.executeCommand("onnxray.showParameters", uri);
    await until("a panel of the other view", () => panelTabs("onnxray.parameters").length === 1);
    assert.equal(panelTabs(ATTENTION).length, 1);
    assert.match(panelTabs(ATTENTION)[0]!.label, /^Attention: encoder\.onnx$/);
  });

  it("are what a command means while they have the focus", async () => {
    const uri = await modelCopy();
    const { viewPanels } = await host();
    viewPanels.show("attention", uri);
    await until("the focus", () => viewPanels.active !== undefined);
    await vscode.commands.executeCommand("onnxray.showParameters");
    await until("the other view", () => viewPanels.panels.length === 2);
    assert.deepEqual(
      viewPanels.panels.map((panel) => panel.uri.toString()),
      [uri.toString(), uri.toString()],
    );
  });

  it("keep the model open without an editor, and let go of it when they are closed", async () => {
    const uri = await modelCopy();
    const { viewPanels, sessions } = await host();
    viewPanels.show("attention", uri);
    const session = await until("a session", () => sessions.get(uri));
    await session.whenOpen();
    const report = await session.read("attention", {});
    assert.ok(report.blocks.length > 0);
    await vscode.commands.executeCommand("workbench.action.closeAllEditors");
    await until("no session", () => sessions.get(uri) === undefined);
    assert.equal(viewPanels.panels.length, 0);
  });

  it("change the model through its editor, which is opened for that", async () => {
    const uri = await modelCopy();
    const { viewPanels, editors } = await host();
    viewPanels.show("attention", uri);
    const panel = await until("the panel", () => viewPanels.panels[0]);
    await panel.session.whenOpen();
    const { blocks } = await panel.session.read("attention", {});
    await panel.revealRow(blocks[0]!.key);
    assert.equal(editors.document(uri)?.session, panel.session);
  });

  it("tell their state as the editor does, with a model that cannot be read as well", async () => {
    const folder = await temporaryFolder();
    const uri = vscode.Uri.joinPath(vscode.Uri.file(folder), "broken.onnx");
    await vscode.workspace.fs.writeFile(uri, Buffer.from("no model at all"));
    const { viewPanels } = await host();
    viewPanels.show("attention", uri);
    const panel = await until("the panel", () => viewPanels.panels[0]);
    await until("a failure", () => panel.state().kind === "failed");
  });
});
