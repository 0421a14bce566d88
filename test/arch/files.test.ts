import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { projectFiles, read, root } from "./support/project";

const BINARY = /\.(onnx|data|png|ttf|vsix)$/;
const files = projectFiles();
const texts = files.filter((path) => !BINARY.test(path));

function linesWith(pattern: RegExp, except: RegExp = /$^/): string[] {
  return texts
    .filter((path) => path !== "test/arch/files.test.ts" && !except.test(path))
    .flatMap((path) =>
      read(path)
        .split("\n")
        .flatMap((line, index) =>
          pattern.test(line) ? [`${path}:${index + 1}: ${line.trim().slice(0, 120)}`] : [],
        ),
    );
}

describe("files of the project", () => {
  it.each([
    "LICENSE",
    "README.md",
    "ARCHITECTURE.md",
    "CONTRIBUTING.md",
    "CHANGELOG.md",
    "package.json",
    "package-lock.json",
    ".vscodeignore",
    ".ci/run",
    "samples/encoder.onnx",
  ])("have %s", (path) => {
    expect(files).toContain(path);
  });

  it("state the licence that the manifest names", () => {
    expect(JSON.parse(read("package.json")).license).toBe("MIT");
    expect(read("LICENSE")).toMatch(/^MIT License\n\nCopyright \(c\) \d{4} Onnxray contributors\n/);
  });

  it("name no folder of the machine that they were written on", () => {
    expect(linesWith(/(^|[\s"'`(=:])\/(work|home|root|Users|workspace)\/\w/)).toEqual([]);
  });

  it("name no package registry", () => {
    expect(
      linesWith(/https?:\/\/[^\s"')]*(registry|artifactory|nexus|verdaccio|npmjs|pypi)[^\s"')]*/i),
    ).toEqual([]);
    expect(read("package-lock.json")).not.toMatch(/"resolved": "http/);
    expect(read("test/vscode-server/package-lock.json")).not.toMatch(/"resolved": "http/);
  });

  it("leave no work for later behind", () => {
    expect(linesWith(/\b(TODO|FIXME|XXX|HACK)\b/, /package-lock\.json$|\.json$/)).toEqual([]);
    expect(linesWith(/@ts-ignore|@ts-nocheck|\bas any\b|: any\b/, /\.(md|json|py)$/)).toEqual([]);
  });

  it("are linked from the documentation only when they exist", () => {
    const broken = files
      .filter((path) => path.endsWith(".md"))
      .flatMap((path) =>
        [...read(path).matchAll(/\]\((?!https?:|#|mailto:)([^)#\s]+)/g)]
          .map((match) => match[1] ?? "")
          .filter((link) => !existsSync(join(root, path, "..", link)))
          .map((link) => `${path} links ${link}`),
      );
    expect(broken).toEqual([]);
  });
});
