import { execFileSync } from "node:child_process";
import { appendFileSync, chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { FileSource } from "../../../src/engine/files/fileSource";
import { ModelFiles } from "../../../src/engine/files/modelFiles";
import { caught } from "../../support/caught";
import { tempFolder } from "../../support/tempFolder";

test("a path that is not there", () => {
  const error = caught(() => new ModelFiles(join(tempFolder(), "no.onnx")));
  expect(error).toMatchObject({ code: "missing" });
  expect(error.hint).toBeDefined();
});

test("a folder", () => {
  const folder = join(tempFolder(), "m.onnx");
  mkdirSync(folder);
  expect(caught(() => new ModelFiles(folder))).toMatchObject({
    code: "io",
    message: expect.stringContaining("a folder"),
  });
});

test.skipIf(process.platform === "win32")("a pipe and a device", () => {
  const pipe = join(tempFolder(), "m.onnx");
  execFileSync("mkfifo", [pipe]);
  expect(caught(() => new ModelFiles(pipe)).message).toContain("a pipe");
  expect(caught(() => new ModelFiles("/dev/zero")).message).toContain("a device");
});

test.skipIf(process.platform === "win32" || process.getuid?.() === 0)("a file without permission", () => {
  const path = join(tempFolder(), "m.onnx");
  writeFileSync(path, "x");
  chmodSync(path, 0);
  expect(caught(() => new ModelFiles(path)).code).toBe("io");
});

test("reading behind the end of a file that was cut", () => {
  const path = join(tempFolder(), "m.onnx");
  writeFileSync(path, new Uint8Array(100));
  const source = new FileSource(path);
  writeFileSync(path, new Uint8Array(50));
  expect(caught(() => source.read(0, new Uint8Array(100)))).toMatchObject({
    code: "truncated",
    where: { offset: 50 },
  });
  source.close();
});

test("a file that another program wrote into", () => {
  const path = join(tempFolder(), "m.onnx");
  writeFileSync(path, new Uint8Array(100));
  const source = new FileSource(path);
  source.demandUnchanged();
  appendFileSync(path, "more");
  expect(caught(() => source.demandUnchanged()).code).toBe("stale");
  source.close();
});
