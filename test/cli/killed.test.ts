import { spawn } from "node:child_process";
import { cpSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { contentOf } from "../engine/save/support";
import { Random } from "../support/random";
import { tempFolder } from "../support/tempFolder";
import { writeBigModel } from "./support/bigModel";
import { type Ended, ERROR_FORM, ended, PROGRAM, start } from "./support/cli";

const MOMENTS = 10;

const overItself = (folder: string) => {
  const model = join(folder, "model.onnx");
  return ["optimize", model, "-o", model, "--force"];
};

/** A model, what it is before and after, and how long writing it takes. */
async function prepared(external: boolean) {
  const folder = tempFolder();
  writeBigModel(folder, external);
  const before = contentOf(join(folder, "model.onnx"));
  const done = tempFolder();
  cpSync(folder, done, { recursive: true });
  const child = start(overItself(done));
  const end = ended(child);
  await writing(done);
  const since = performance.now();
  expect(await end).toMatchObject({ code: 0 });
  return { folder, before, after: contentOf(join(done, "model.onnx")), writeMs: performance.now() - since };
}

/** Resolves once a part of the result is being written. */
async function writing(folder: string): Promise<void> {
  while (!readdirSync(folder).some((name) => name.endsWith(".tmp"))) {
    await wait(1);
  }
}

describe.each([
  ["in the model file", false],
  ["in a file beside it", true],
])("weights %s: killed while it is saved over itself", (_, external) => {
  test(`the model is the old one or the new one, whole, at ${MOMENTS} random moments`, {
    timeout: 120_000,
  }, async () => {
    const { folder, before, after, writeMs } = await prepared(external);
    expect(after).not.toEqual(before);
    const random = new Random(external ? 11 : 12);
    let inTheMiddle = 0;
    for (let moment = 0; moment < MOMENTS; moment++) {
      const victim = tempFolder();
      cpSync(folder, victim, { recursive: true });
      const child = start(overItself(victim));
      const end = ended(child);
      await writing(victim);
      await wait(random.fraction() * writeMs);
      child.kill("SIGKILL");
      const { signal } = await end;
      inTheMiddle += Number(
        signal === "SIGKILL" && readdirSync(victim).some((name) => name.endsWith(".tmp")),
      );
      const content = JSON.stringify(contentOf(join(victim, "model.onnx")));
      expect([JSON.stringify(before), JSON.stringify(after)]).toContain(content);
      if (external) {
        expect(
          readFileSync(join(victim, "weights.bin")).equals(readFileSync(join(folder, "weights.bin"))),
        ).toBe(true);
      }
    }
    expect(inTheMiddle).toBeGreaterThan(0);
  });
});

/** A run that may write files of some MiB only: the system refuses to write on, as a full disk does. */
function limited(mebibytes: number, args: readonly string[]): Promise<Ended> {
  // In bash the limit counts KiB.
  const shell = spawn(
    "bash",
    [
      "-c",
      'ulimit -f "$1"; shift; exec "$@"',
      "bash",
      String(mebibytes * 1024),
      process.execPath,
      PROGRAM,
      ...args,
    ],
    { stdio: ["ignore", "pipe", "pipe"] },
  );
  return ended(shell);
}

test.skipIf(process.platform === "win32").each([
  ["in the model file", false],
  ["in a file beside it", true],
])("weights %s: a write that fails in the middle leaves all as it was", async (_, external) => {
  const folder = tempFolder();
  const model = writeBigModel(folder, external);
  const before = JSON.stringify(contentOf(model));
  const names = readdirSync(folder);
  const { code, stderr } = await limited(8, overItself(folder));
  expect(code).toBe(1);
  expect(stderr).toMatch(ERROR_FORM);
  expect(stderr).toMatch(/takes no file of that size/);
  expect(readdirSync(folder)).toEqual(names);
  expect(JSON.stringify(contentOf(model))).toBe(before);
});
