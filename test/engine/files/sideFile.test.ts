import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { InferenceSession } from "onnxruntime-node";
import { describe, expect, test } from "vitest";
import { readModel } from "../../../src/core/model/reader";
import { checkExternalData, externalBytes, ModelFiles } from "../../../src/engine/files/modelFiles";
import { findSideFile } from "../../../src/engine/files/sideFile";
import { caught } from "../../support/caught";
import { tempFolder } from "../../support/tempFolder";
import { externalModel, LAYOUTS, WEIGHTS } from "./layouts";

describe.each(LAYOUTS)("external data: $title", ({ location, make, outcome, onnxruntimeReads }) => {
  test("is found or refused before it is opened", () => {
    const files = new ModelFiles(make(tempFolder(), externalModel(location)));
    const model = readModel(files.source);
    try {
      if (outcome === "read") {
        const into = new Uint8Array(WEIGHTS.length);
        files.open(location).read(0, into);
        expect(into).toEqual(WEIGHTS);
        expect(files.open(location)).toBe(files.open(location));
        expect(checkExternalData(model, files)).toEqual([]);
        expect(externalBytes(model, files)).toBe(WEIGHTS.length);
        return;
      }
      const error = caught(() => files.open(location));
      expect(error.code).toBe(outcome);
      expect(error.message.length).toBeLessThan(400);
      expect(checkExternalData(model, files)).toMatchObject([
        { severity: "error", code: outcome, where: { tensor: "W" } },
      ]);
      expect(externalBytes(model, files)).toBe(0);
    } finally {
      files.close();
    }
  });

  test("onnxruntime agrees", async () => {
    const path = make(tempFolder(), externalModel(location));
    const loads = await InferenceSession.create(path).then(
      async (session) => {
        await session.release();
        return true;
      },
      () => false,
    );
    expect(loads).toBe(outcome === "read" || onnxruntimeReads === true);
  });
});

describe("external data that is refused by its look", () => {
  const folder = () => {
    const path = join(tempFolder(), "m.onnx");
    writeFileSync(path, externalModel("w.bin"));
    return path;
  };

  test.each([
    "/etc/passwd",
    "/",
    "\\w.bin",
    "c:w.bin",
    "Z:/w.bin",
    "//server/share/w.bin",
    "a/../../b",
    "..",
  ])("%s", (location) => {
    const error = caught(() => findSideFile(folder(), location));
    expect(error.code).toBe("refused");
    expect(error.hint).toMatch(/folder/);
  });

  test("an absolute path even of a file inside the folder", () => {
    const path = folder();
    expect(caught(() => findSideFile(path, path)).code).toBe("refused");
  });

  test.skipIf(process.platform === "win32")("a pipe, which would be waited on for ever", () => {
    const path = folder();
    execFileSync("mkfifo", [join(path, "..", "w.bin")]);
    const error = caught(() => findSideFile(path, "w.bin"));
    expect(error.code).toBe("refused");
    expect(error.message).toContain("a pipe");
  });
});

describe("external data that is too short", () => {
  test.each([
    { title: "cut", entries: {}, size: 47, found: true },
    { title: "just enough", entries: {}, size: 48, found: false },
    { title: "offset behind the end", entries: { offset: "4096" }, size: 48, found: true },
    { title: "length behind the end", entries: { offset: "4", length: "48" }, size: 48, found: true },
    { title: "empty", entries: {}, size: 0, found: true },
  ])("$title", ({ entries, size, found }) => {
    const path = join(tempFolder(), "m.onnx");
    writeFileSync(path, externalModel("w.bin", entries));
    writeFileSync(join(path, "..", "w.bin"), new Uint8Array(size));
    const files = new ModelFiles(path);
    const problems = checkExternalData(readModel(files.source), files);
    files.close();
    expect(problems.map(({ code }) => code)).toEqual(found ? ["truncated"] : []);
  });
});
