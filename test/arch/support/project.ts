import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = dirname(dirname(dirname(dirname(fileURLToPath(import.meta.url)))));

/** Files that git knows or would add, relative to the project, with forward slashes. */
export function projectFiles(...folders: string[]): string[] {
  const args = ["ls-files", "--cached", "--others", "--exclude-standard", "-z", "--", ...folders];
  return execFileSync("git", args, { cwd: root, encoding: "utf8", maxBuffer: 2 ** 26 })
    .split("\0")
    .filter((path) => path !== "" && existsSync(join(root, path)))
    .sort();
}

export function read(path: string): string {
  return readFileSync(join(root, path), "utf8");
}

export interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly main: string;
  readonly icon: string;
  readonly bin: { readonly [name: string]: string };
  readonly activationEvents: readonly string[];
  readonly dependencies: { readonly [name: string]: string };
  readonly devDependencies: { readonly [name: string]: string };
  readonly scripts: { readonly [name: string]: string };
  readonly contributes: {
    readonly customEditors: readonly { readonly viewType: string }[];
    readonly languages: readonly { readonly id: string }[];
    readonly grammars: readonly { readonly language: string; readonly path: string }[];
    readonly commands: readonly { readonly command: string }[];
    readonly keybindings: readonly { readonly command: string }[];
    readonly menus: { readonly [menu: string]: readonly { readonly command: string }[] };
    readonly configuration: readonly { readonly properties: { readonly [key: string]: object } }[];
  };
}

export function manifest(): Manifest {
  return JSON.parse(read("package.json")) as Manifest;
}
