import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { importsOf } from "./support/importScan";
import { manifest, projectFiles, read, root } from "./support/project";

const { contributes, activationEvents, dependencies, devDependencies, scripts } = manifest();
const declared = contributes.commands.map(({ command }) => command);

/** Command names of src/host/commands: the keys of the table there, and the names of the list that the page carries out. */
function registeredCommands(): string[] {
  const table = /const commands: Record<string, Command> = \{([\s\S]*?)\n {2}\};/.exec(
    read("src/host/commands/index.ts"),
  )?.[1];
  const list = /PANEL_COMMANDS = \[([\s\S]*?)\]/.exec(read("src/host/commands/panelCommands.ts"))?.[1];
  expect(table, "the table of commands is not where this test looks").toBeDefined();
  expect(list, "the list of the page's commands is not where this test looks").toBeDefined();
  return [
    ...[...(table ?? "").matchAll(/^ {4}(\w+):/gm)].map((match) => match[1] ?? ""),
    ...[...(list ?? "").matchAll(/"(\w+)"/g)].map((match) => match[1] ?? ""),
  ].map((name) => `onnxray.${name}`);
}

describe("commands of the manifest", () => {
  it("are the registered ones", () => {
    expect([...registeredCommands()].sort()).toEqual([...declared].sort());
  });

  it("are all that keys and menus run", () => {
    const used = [...contributes.keybindings, ...Object.values(contributes.menus).flat()];
    expect(used.map(({ command }) => command).filter((command) => !declared.includes(command))).toEqual([]);
  });
});

describe("settings of the manifest", () => {
  const settings = contributes.configuration.flatMap(({ properties }) => Object.keys(properties));
  const readInCode = [...read("src/host/settings/settings.ts").matchAll(/read(?:<.*>)?\("([^"]+)"/g)].map(
    (match) => `onnxray.${match[1]}`,
  );

  it("are each read, and no other is", () => {
    expect([...readInCode].sort()).toEqual([...settings].sort());
  });

  it("are read in one place", () => {
    const readers = projectFiles("src").filter((path) => read(path).includes("workspace.getConfiguration"));
    expect(readers).toEqual(["src/host/settings/settings.ts"]);
  });
});

describe("other names of the manifest", () => {
  it("are those of the code", () => {
    const ids = read("src/host/ids.ts");
    const names = [
      ...contributes.customEditors.map(({ viewType }) => viewType),
      ...activationEvents.map((event) => event.replace(/^(onFileSystem|onWebviewPanel|onLanguage):/, "")),
      "onnxtxt",
    ];
    for (const name of names) {
      expect(ids).toContain(`"${name}"`);
    }
    expect(contributes.languages.map(({ id }) => id)).toContain("onnxtxt");
  });

  it("lead to files that exist", () => {
    const paths = [...JSON.stringify(contributes).matchAll(/"(?:\.\/)?(media\/[^"]+)"/g)].map(
      (match) => match[1],
    );
    expect(paths.length).toBeGreaterThan(0);
    expect(paths.filter((path) => !existsSync(join(root, path ?? "")))).toEqual([]);
  });
});

describe("packages of the manifest", () => {
  const imported = new Set(
    importsOf("src", "webview")
      .filter(({ kind, target, typeOnly }) => kind === "package" && target !== "vscode" && !typeOnly)
      .map(({ target }) => target),
  );

  it("have all that runs among the dependencies", () => {
    expect([...imported].filter((name) => !(name in dependencies))).toEqual([]);
  });

  it("have one version each", () => {
    const versions = Object.values({ ...dependencies, ...devDependencies });
    expect(versions.filter((version) => !/^\d+\.\d+\.\d+$/.test(version))).toEqual([]);
  });

  it("name types of VS Code no newer than what is asked of users", () => {
    const asked = /"vscode": "\^(\d+\.\d+)/.exec(read("package.json"))?.[1];
    expect(devDependencies["@types/vscode"]?.startsWith(`${asked}.`)).toBe(true);
  });
});

describe("scripts of the manifest", () => {
  it("run files that exist", () => {
    const files = Object.values(scripts).flatMap((script) => /node (\S+)/.exec(script)?.[1] ?? []);
    expect(files.filter((path) => !existsSync(join(root, path)))).toEqual([]);
  });
});
