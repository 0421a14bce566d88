import assert from "node:assert/strict";
import { copyFile, utimes, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import * as vscode from "vscode";
import { cleanUp, host, modelCopy, OTHER_MODEL, openEditor, until } from "./support/vscode";

/** A Python file beside a copy of the sample. */
async function source(text: string) {
  const model = await modelCopy();
  const path = join(dirname(model.fsPath), "run.py");
  await writeFile(path, text);
  const document = await vscode.workspace.openTextDocument(vscode.Uri.file(path));
  return { model, document };
}

async function lensesOf(document: vscode.TextDocument): Promise<vscode.CodeLens[]> {
  const all = await vscode.commands.executeCommand<vscode.CodeLens[]>(
    "vscode.executeCodeLensProvider",
    document.uri,
    100,
  );
  return all
    .filter(({ command }) => command?.command === "onnxray.openModelEditor")
    .sort((a, b) => a.range.start.line - b.range.start.line);
}

const READS = 'import onnxruntime as ort\n\nsession = ort.InferenceSession("encoder.onnx")\n';

describe("Python files", () => {
  beforeEach(host);
  afterEach(cleanUp);

  it("show what a model costs that they load or export, and lead to it", async () => {
    const { model, document } = await source(
      `${READS}torch.onnx.export(net, args, f='encoder.onnx')\nort.InferenceSession("none.onnx")\n`,
    );
    assert.equal(document.languageId, "python");
    const lenses = await lensesOf(document);
    assert.deepEqual(
      lenses.map(({ range }) => range.start.line),
      [2, 3],
    );
    const title = lenses[0]?.command?.title ?? "";
    assert.match(title, /^encoder\.onnx: [\d.]+ [kMG]FLOPs · [\d.]+ [kM] parameters · [\d.]+ [KM]iB$/);
    assert.equal((await host()).sessions.get(model), undefined);

    const { command } = lenses[0] ?? {};
    assert.ok(command !== undefined);
    await vscode.commands.executeCommand(command.command, ...(command.arguments ?? []));
    await until("the model's editor", async () => (await host()).editors.document(model));
  });

  it("follow the file and the open document", async () => {
    const { model, document } = await source(READS);
    const title = async () => (await lensesOf(document))[0]?.command?.title ?? "";
    const first = await title();
    const extension = vscode.extensions.getExtension("onnxray.onnxray");
    await copyFile(join(extension?.extensionPath ?? "", OTHER_MODEL), model.fsPath);
    await utimes(model.fsPath, new Date(), new Date(Date.now() + 5_000));
    const second = await title();
    assert.notEqual(second, first);
    const session = await openEditor(model);
    assert.equal(await title(), second);
    const { summary } = session.state.kind === "open" ? session.state : {};
    const dim = summary?.dims[0];
    assert.ok(dim !== undefined);
    await session.bind({ [dim.name]: dim.value + 1 });
    assert.notEqual(await title(), second);
  });

  it("say that a file is no model", async () => {
    const { model, document } = await source(READS);
    await writeFile(model.fsPath, "no model");
    const [lens] = await lensesOf(document);
    assert.equal(lens?.command?.title, "encoder.onnx cannot be read");
  });

  it("show nothing where the setting says so", async () => {
    const { document } = await source(READS);
    const settings = vscode.workspace.getConfiguration("onnxray.python");
    await settings.update("lenses", false, vscode.ConfigurationTarget.Global);
    try {
      assert.deepEqual(await lensesOf(document), []);
    } finally {
      await settings.update("lenses", undefined, vscode.ConfigurationTarget.Global);
    }
  });
});
