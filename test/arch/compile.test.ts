import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { tempFolder } from "../support/tempFolder";
import { root } from "./support/project";

const tsc = join(root, "node_modules", "typescript", "bin", "tsc");

interface Config {
  readonly compilerOptions: {
    readonly types?: readonly string[];
    readonly lib?: readonly string[];
    readonly strict?: boolean;
  };
  readonly files: readonly string[];
}

function configOf(project: string): Config {
  return JSON.parse(
    execFileSync(process.execPath, [tsc, "-p", project, "--showConfig"], { cwd: root, encoding: "utf8" }),
  ) as Config;
}

/** What the compiler says about a source under the options of core; "" when it is content. */
function compileAsCore(source: string): string {
  const folder = tempFolder();
  writeFileSync(join(folder, "probe.ts"), source);
  const base = join(root, "src", "core", "tsconfig.json");
  const config = {
    extends: base,
    compilerOptions: { incremental: false, tsBuildInfoFile: null, rootDir: folder },
    include: [folder],
  };
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(config));
  try {
    return execFileSync(process.execPath, [tsc, "-p", folder], { cwd: folder, encoding: "utf8" });
  } catch (error) {
    return String((error as { readonly stdout?: string }).stdout);
  }
}

describe("core", () => {
  it("is compiled strictly, with the language and nothing around it", () => {
    const { compilerOptions, files } = configOf("src/core/tsconfig.json");
    expect(compilerOptions.types).toEqual([]);
    expect(compilerOptions.lib?.map((name) => name.toLowerCase())).toEqual(["es2023"]);
    expect(compilerOptions.strict).toBe(true);
    expect(files.length).toBeGreaterThan(50);
    expect(files.filter((path) => !/^\.\/|^\.\.\/protocol\//.test(path))).toEqual([]);
  });

  it.each([
    ["Node", "export const x = process.platform;"],
    ["Node's buffers", "export const x = Buffer.alloc(1);"],
    ["Node's modules", 'import { readFileSync } from "node:fs"; export const x = readFileSync;'],
    ["a page", "export const x = document.title;"],
    ["timers", "export const x = setTimeout;"],
  ])("cannot know of %s", (_, source) => {
    expect(compileAsCore(source)).toMatch(/error TS/);
  });

  it("can use the language", () => {
    expect(compileAsCore("export const x = new DataView(new ArrayBuffer(1)).getUint8(0).toString();")).toBe(
      "",
    );
  });
});

describe("pages", () => {
  it("are compiled without Node", () => {
    expect(configOf("webview/tsconfig.json").compilerOptions.types).toEqual([]);
  });
});
