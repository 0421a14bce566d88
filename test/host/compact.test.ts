import assert from "node:assert/strict";
import { copyFile, readdir, readFile, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import * as vscode from "vscode";
import { writeCompact } from "../../src/host/commands/compact";
import { cleanUp, host, isDirty, modelCopy, offeredCalls, openEditor, until } from "./support/vscode";

const EXTERNAL = join("test", "fixtures", "models", "bert-external.onnx");

/** A model with external data, whose data file has more than the model uses. */
async function wasteful(): Promise<{ readonly model: vscode.Uri; readonly data: string }> {
  const model = await modelCopy(EXTERNAL);
  const extension = vscode.extensions.getExtension("onnxray.onnxray");
  assert.ok(extension !== undefined);
  const fixtures = dirname(join(extension.extensionPath, EXTERNAL));
  const [name] = (await readdir(fixtures)).filter((one) => one.startsWith("bert-external.onnx."));
  assert.ok(name !== undefined);
  const data = join(dirname(model.fsPath), name);
  await copyFile(join(fixtures, name), data);
  const content = await readFile(data);
  await vscode.workspace.fs.writeFile(vscode.Uri.file(data), Buffer.concat([content, Buffer.alloc(100_000)]));
  return { model, data };
}

describe("Compact Model", () => {
  afterEach(cleanUp);

  it("writes a copy with unsaved edits, and one data file without what nothing uses", async () => {
    const { model, data } = await wasteful();
    const session = await openEditor(model);
    const { apply } = await host();
    await apply(model, await offeredCalls(session, 1));
    // The tab hears of it a moment after the document.
    await until("a dirty model", () => isDirty(model));
    const target = vscode.Uri.file(join(dirname(model.fsPath), "small.onnx"));
    await writeCompact(session, target);
    assert.equal(session.unsaved?.length, 1, "writing a copy saved the document");
    assert.ok(isDirty(model));
    const before = (await stat(data)).size;
    assert.ok((await stat(`${target.fsPath}.data`)).size < before - 90_000);
    const copy = await openEditor(target);
    const summary = await copy.read("summary", {});
    assert.deepEqual(
      summary.problems.filter(({ severity }) => severity === "error"),
      [],
    );
    assert.deepEqual(summary.totals.params, (await session.read("summary", {})).totals.params);
  });

  it("over the model itself keeps the old data file, and is refused while there are unsaved edits", async () => {
    const { model, data } = await wasteful();
    const before = await readFile(data);
    const session = await openEditor(model);
    await writeCompact(session, model);
    await until("the model as it is on disk", () => session.state.kind === "open");
    assert.ok(before.equals(await readFile(data)));
    const { externalBytes } = await session.read("summary", {});
    assert.ok(externalBytes < before.length - 90_000, `${externalBytes} bytes of data`);
    assert.equal(session.diskState, "same");

    const { apply } = await host();
    await apply(model, await offeredCalls(session, 1));
    await assert.rejects(writeCompact(session, model), /unsaved edits/);
  });
});
