import assert from "node:assert/strict";
import { join } from "node:path";
import * as vscode from "vscode";
import { readRecipe, writeRecipe } from "../../src/host/commands/recipes";
import { cleanUp, host, isDirty, modelCopy, openEditor, temporaryFolder, until } from "./support/vscode";

describe("recipes", () => {
  afterEach(cleanUp);

  it("carry the edits of one model to another", async () => {
    const first = await modelCopy();
    await openEditor(first);
    const { sessions, apply } = await host();
    const session = sessions.all.find(({ uri }) => uri.toString() === first.toString());
    assert.ok(session !== undefined);
    await until("an open model", () => session.state.kind === "open");
    const { offers } = await session.read("offers", { key: "m" });
    const calls = offers.slice(0, 2).map(({ call }) => call);
    await apply(first, calls);
    assert.deepEqual(
      session.edits.flatMap((group) => group.calls),
      calls,
    );
    const file = vscode.Uri.file(join(await temporaryFolder(), "edits.recipe.json"));
    await writeRecipe(
      file,
      session.edits.flatMap((group) => group.calls),
    );

    const second = await modelCopy();
    await openEditor(second);
    await apply(second, await readRecipe(file));
    await until("a dirty model", () => isDirty(second));
    const other = sessions.all.find(({ uri }) => uri.toString() === second.toString());
    const texts = await Promise.all([session.text(), other?.text()]);
    assert.equal(texts[1]?.text, texts[0]?.text);
  });

  it("that are none say so", async () => {
    const file = vscode.Uri.file(join(await temporaryFolder(), "none.json"));
    await vscode.workspace.fs.writeFile(file, Buffer.from('{"version": 1, "actions": [{"action": 3}]}'));
    await assert.rejects(readRecipe(file), /none\.json is no recipe/);
  });
});
