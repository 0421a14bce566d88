import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { demandRoom, withScratch } from "../../../src/engine/profile/scratch";
import { rejected } from "../../support/caught";
import { tempFolder } from "../../support/tempFolder";

describe("the folder of a profile", () => {
  it("is gone afterwards with all that is in it, also after a failure", async () => {
    const home = tempFolder();
    let seen = "";
    const work = withScratch(async (folder) => {
      seen = folder;
      mkdirSync(join(folder, "deep"));
      writeFileSync(join(folder, "deep", "model.onnx"), "x");
      throw new Error("on purpose");
    }, home);
    await expect(work).rejects.toThrow("on purpose");
    expect(seen.startsWith(home)).toBe(true);
    expect(existsSync(seen)).toBe(false);
  });

  it("of a process that was killed is removed by the next one, that of a living one is not", async () => {
    const home = tempFolder();
    const dead = spawnSync(process.execPath, ["-e", ""]).pid;
    const left = join(home, `onnxray-profile-${dead}-abc`);
    const living = join(home, `onnxray-profile-${process.pid}-abc`);
    const foreign = join(home, "something-else");
    for (const folder of [left, living, foreign]) {
      mkdirSync(folder);
    }
    await withScratch(() => Promise.resolve(), home);
    expect([left, living, foreign].map((folder) => existsSync(folder))).toEqual([false, true, true]);
  });

  it("is not filled when there is no room", async () => {
    const folder = tempFolder();
    await demandRoom(folder, 1000);
    expect(await rejected(demandRoom(folder, 2 ** 60))).toMatchObject({
      code: "io",
      where: { file: folder },
    });
  });
});
