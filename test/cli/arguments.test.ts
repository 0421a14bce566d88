import { spawn } from "node:child_process";
import { readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { tempFolder } from "../support/tempFolder";
import { ERROR_FORM, ended, MODELS, onnxray, PROGRAM, ROOT, SAMPLE } from "./support/cli";

const bert = join(MODELS, "bert-torchscript.onnx");

describe("wrong arguments end with 2, a line and a hint", () => {
  test.each([
    ["a command that does not exist", ["inspct", bert], "inspct", "Did you mean inspect?"],
    ["an option that does not exist", ["inspect", bert, "--jsn"], "--jsn", "Did you mean --json?"],
    ["no model", ["inspect"], "model", "--help"],
    ["two models", ["inspect", bert, bert], "arguments", "--help"],
    ["no output", ["optimize", SAMPLE], "--output", "--help"],
    ["JSON and CSV at once", ["inspect", bert, "--json", "--csv"], "--csv", "--help"],
    ["a dim without a size", ["inspect", bert, "--dim", "sequence"], "sequence", "--dim sequence=512"],
    ["a negative dim", ["inspect", bert, "--dim", "sequence=-1"], "sequence=-1", "--dim sequence=512"],
    ["a fraction of a dim", ["inspect", bert, "--dim", "sequence=1.5"], "sequence=1.5", "name=number"],
    ["a dim of another model", ["inspect", bert, "--dim", "seqence=5"], "seqence", "Did you mean sequence?"],
    [
      "a dim of a fixed model",
      ["inspect", join(MODELS, "bert-fixed.onnx"), "-d", "n=1"],
      "n",
      "All its dims are fixed",
    ],
    ["no rows", ["inspect", bert, "--top", "0"], "--top", "at least 1"],
    [
      "an action that does not exist",
      ["optimize", SAMPLE, "-a", "shrink", "-o", "x"],
      "shrink",
      "quantizeWeights",
    ],
    ["a provider that does not exist", ["profile", bert, "-p", "tpu"], "tpu", "cpu"],
    ["no time", ["profile", bert, "--max-seconds", "0"], "--max-seconds", "above 0"],
    ["fewer than no threads", ["profile", bert, "--threads", "-1"], "--threads", "at least 0"],
  ])("%s", async (_, args, names, advice) => {
    const { code, stdout, stderr } = await onnxray(...args);
    expect(stderr).toMatch(ERROR_FORM);
    expect(stderr.split("\n")[0]).toContain(names);
    expect(stderr.split("\n")[1]).toContain(advice);
    expect(stdout).toBe("");
    expect(code).toBe(2);
  });
});

test("without a command it prints help and ends with 2", async () => {
  const { code, stderr } = await onnxray();
  expect(code).toBe(2);
  expect(stderr).toContain("Usage: onnxray");
});

test("help of the program and of its commands ends with 0 and names every option", async () => {
  const all = await onnxray("--help");
  expect(all).toMatchObject({ code: 0, stderr: "" });
  expect(all.stdout).toContain("Exit codes: 0 done, 1 failed, 2 wrong arguments, 130 interrupted.");
  const { code, stdout } = await onnxray("help", "inspect");
  expect(code).toBe(0);
  for (const option of ["--dim", "--json", "--csv", "--top", "--group", "--wide"]) {
    expect(stdout).toContain(option);
  }
  expect((await onnxray("help", "optimize")).stdout).toContain("quantizeWeights");
});

test("the version is the package's", async () => {
  const { version } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as { version: string };
  expect(await onnxray("--version")).toMatchObject({ code: 0, stdout: `${version}\n` });
});

test.skipIf(process.platform === "win32")(
  "it starts by itself and through a link, as npm makes one",
  async () => {
    const link = join(tempFolder(), "onnxray");
    symlinkSync(PROGRAM, link);
    // Profiling needs the file beside the real program.
    const child = spawn(link, ["profile", bert, "--runs", "1", "--json"], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    const { code, stdout, stderr } = await ended(child);
    expect(stderr).toBe("");
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ schema: "onnxray.profile/1" });
  },
);
