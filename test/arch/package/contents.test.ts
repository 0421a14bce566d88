import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { tempFolder } from "../../support/tempFolder";
import { manifest, root } from "../support/project";
import { BUNDLE_KIB, COMMON_FILES, PLATFORMS } from "./expected";
import { readZip, type ZipEntry } from "./zip";

const packages = join(root, "out", "packages");
const { name, version } = manifest();

function entriesOf(target: string): ZipEntry[] {
  return readZip(join(packages, `${name}-${version}-${target}.vsix`));
}

function isCommon(file: string): boolean {
  return COMMON_FILES.some((common) =>
    common.endsWith("/*.js") ? dirname(file) === dirname(common) && file.endsWith(".js") : file === common,
  );
}

function textOf(entries: readonly ZipEntry[], file: string): string {
  const entry = entries.find((one) => one.name === `extension/${file}`);
  expect(entry, file).toBeDefined();
  return entry?.content().toString("utf8") ?? "";
}

it("there is a package for each platform and no other", () => {
  const expected = Object.keys(PLATFORMS).map((target) => `${name}-${version}-${target}.vsix`);
  expect(readdirSync(packages).sort()).toEqual(expected.sort());
});

describe.each(Object.entries(PLATFORMS))("the package for %s", (target, platform) => {
  const entries = entriesOf(target);
  const files = entries.map((entry) => entry.name);
  const native = platform.native.map(
    (file) => `extension/node_modules/onnxruntime-node/bin/napi-v6/${platform.folder}/${file}`,
  );

  it("holds every wanted file", () => {
    const plain = COMMON_FILES.filter((file) => !file.endsWith("/*.js"));
    expect([...plain, ...native].filter((file) => !files.includes(file))).toEqual([]);
    for (const pattern of COMMON_FILES.filter((file) => file.endsWith("/*.js"))) {
      expect(files.some((file) => dirname(file) === dirname(pattern) && file.endsWith("index.js"))).toBe(
        true,
      );
    }
  });

  it("holds nothing else", () => {
    expect(files.filter((file) => !isCommon(file) && !native.includes(file))).toEqual([]);
  });

  it("holds every file that its manifest names", () => {
    const text = textOf(entries, "package.json");
    const named = [...text.matchAll(/"(?:\.\/)?((?:media|dist)\/[^"]+)"/g)].map((match) => match[1]);
    expect(named.length).toBeGreaterThan(3);
    expect(named.filter((file) => !files.includes(`extension/${file}`))).toEqual([]);
  });

  it("says which platform it is for", () => {
    const text = entries
      .find((one) => one.name === "extension.vsixmanifest")
      ?.content()
      .toString("utf8");
    expect(text).toContain(`TargetPlatform="${target}"`);
  });

  it(`is no larger than ${platform.maxMegabytes} MB and no smaller than two thirds of it`, () => {
    const megabytes = entries.reduce((sum, entry) => sum + entry.packedBytes, 0) / 1e6;
    expect(megabytes, platform.why).toBeLessThan(platform.maxMegabytes);
    expect(megabytes).toBeGreaterThan((platform.maxMegabytes * 2) / 3);
  });

  it("has bundles of bounded size, without source maps", () => {
    const sizes = entries
      .filter((entry) => /^extension\/dist\/(?!codicons).*\.(cjs|js|css)$/.test(entry.name))
      .map((entry) => [entry.name.replace("extension/dist/", ""), entry.bytes] as const);
    expect(sizes.map(([file]) => file).sort()).toEqual(Object.keys(BUNDLE_KIB).sort());
    for (const [file, bytes] of sizes) {
      expect(bytes / 1024, file).toBeLessThan(BUNDLE_KIB[file] ?? 0);
      expect(textOf(entries, `dist/${file}`)).not.toContain("sourceMappingURL");
    }
  });

  it("has a licence text for each package whose code it carries", () => {
    const notices = textOf(entries, "ThirdPartyNotices.txt");
    for (const carried of Object.keys(manifest().dependencies)) {
      expect(notices.includes(`\n${carried} `), carried).toBe(true);
    }
  });

  it("has a readme without pictures and links that lead nowhere", () => {
    expect(textOf(entries, "readme.md")).not.toMatch(/\]\((?!https?:|#)/);
  });
});

describe("what is packed for this machine", () => {
  const target = `${process.platform}-${process.arch}`;

  it.runIf(target in PLATFORMS)("runs: its command line inspects and profiles a model", () => {
    const folder = tempFolder();
    for (const entry of entriesOf(target)) {
      const path = join(folder, entry.name);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, entry.content());
    }
    const cli = join(folder, "extension", "dist", "cli.cjs");
    const model = join(root, "samples", "encoder.onnx");
    const run = (...args: string[]) =>
      JSON.parse(execFileSync(process.execPath, [cli, ...args, "--json"], { cwd: folder, encoding: "utf8" }));
    expect(run("inspect", model).totals.params).toBeGreaterThan(100_000);
    expect(run("profile", model)).toBeTypeOf("object");
  });
});
