import assert from "node:assert/strict";
import * as vscode from "vscode";
import { host } from "./support/vscode";

interface Manifest {
  readonly contributes: {
    readonly commands: readonly { readonly command: string; readonly icon?: string }[];
    readonly keybindings: readonly { readonly command: string; readonly when?: string }[];
    readonly menus: {
      readonly [menu: string]: readonly { readonly command: string; readonly when?: string }[];
    };
    readonly configuration: readonly { readonly properties: { readonly [key: string]: object } }[];
  };
}

function manifest(): Manifest {
  return vscode.extensions.getExtension("onnxray.onnxray")?.packageJSON as Manifest;
}

describe("manifest", () => {
  it("names the commands that exist, and no others", async () => {
    await host();
    const registered = (await vscode.commands.getCommands(true)).filter((name) =>
      name.startsWith("onnxray."),
    );
    const declared = manifest().contributes.commands.map(({ command }) => command);
    assert.deepEqual([...registered].sort(), [...declared].sort());
  });

  it("uses only declared commands, each with a place where it makes sense", () => {
    const { commands, keybindings, menus } = manifest().contributes;
    const declared = new Set(commands.map(({ command }) => command));
    for (const { command, when } of [...keybindings, ...Object.values(menus).flat()]) {
      assert.ok(declared.has(command), command);
      assert.ok((when ?? "").length > 0, `${command} shows up everywhere`);
    }
    const inPalette = new Set(menus["commandPalette"]?.map(({ command }) => command));
    const always = [...declared].filter((command) => !inPalette.has(command));
    assert.deepEqual(always, ["onnxray.showLog"]);
  });

  it("does not save models by itself unless the user says so", () => {
    for (const languageId of ["onnx", "onnxtxt"]) {
      const files = vscode.workspace.getConfiguration("files", { languageId });
      assert.equal(files.inspect<string>("autoSave")?.defaultLanguageValue, "off");
    }
  });
});
