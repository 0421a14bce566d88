import {
  appendFileSync,
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { InferenceSession } from "onnxruntime-node";
import { describe, expect, test } from "vitest";
import { fingerprintOf } from "../../../src/engine/files/fileSource";
import { rejected } from "../../support/caught";
import { FIXTURES } from "../../support/fixtures";
import { floatTensor, linearModel, onnxModel } from "../../support/onnxBuilder";
import { tempFolder } from "../../support/tempFolder";
import { externalModel, WEIGHTS } from "../files/layouts";
import { contentOf, open, replaceWeight, write } from "./support";

const LINEAR = onnxModel(linearModel());

async function loads(path: string): Promise<void> {
  const session = await InferenceSession.create(path, { graphOptimizationLevel: "disabled" });
  await session.release();
}

describe("over the opened file", () => {
  test.each(FIXTURES)("$name without edits: the same bytes", async ({ path }) => {
    const folder = tempFolder();
    const bytes = readFileSync(path);
    const target = write(join(folder, "m.onnx"), bytes);
    for (const file of readdirSync(dirname(path)).filter((name) => name.startsWith("bert-external.onnx."))) {
      write(join(folder, file), readFileSync(join(dirname(path), file)));
    }
    const before = readdirSync(folder);
    const opened = open(target);
    const saved = await opened.save(target, { expected: fingerprintOf(target) });
    opened.close();
    expect(Buffer.compare(readFileSync(target), bytes)).toBe(0);
    expect(readdirSync(folder)).toEqual(before);
    expect(saved).toMatchObject({ path: target, sideFiles: [], bytes: bytes.length });
    expect(saved.fingerprint).toEqual(fingerprintOf(target));
    expect(opened.progress.at(-1)).toEqual({ bytesDone: bytes.length, bytesTotal: bytes.length });
  });

  test("edits are there after reopening, and undo past the save gives the first bytes again", async () => {
    const path = write(join(tempFolder(), "m.onnx"), LINEAR);
    const opened = open(path);
    const undo = replaceWeight(opened.model);
    const first = await opened.save(path, { expected: fingerprintOf(path) });
    expect(contentOf(path)).toEqual(opened.content());
    await loads(path);
    undo();
    await opened.save(path, { expected: first.fingerprint });
    opened.close();
    expect(readFileSync(path).equals(LINEAR)).toBe(true);
  });

  test("the mode of the file stays", async () => {
    const path = write(join(tempFolder(), "m.onnx"), LINEAR);
    chmodSync(path, 0o640);
    const opened = open(path);
    await opened.save(path);
    opened.close();
    expect(statSync(path).mode & 0o777).toBe(0o640);
  });

  test("a link stays a link", async () => {
    const folder = tempFolder();
    const real = write(join(folder, "real.onnx"), LINEAR);
    const path = join(folder, "m.onnx");
    symlinkSync("real.onnx", path);
    const opened = open(path);
    replaceWeight(opened.model);
    await opened.save(path);
    expect(lstatSync(path).isSymbolicLink()).toBe(true);
    expect(contentOf(real)).toEqual(opened.content());
    opened.close();
  });

  test("a name as long as the system allows", async () => {
    const path = write(join(tempFolder(), `${"m".repeat(250)}.onnx`), LINEAR);
    const opened = open(path);
    await opened.save(path);
    opened.close();
    expect(readFileSync(path).equals(LINEAR)).toBe(true);
  });
});

describe("models with external data", () => {
  const large = (folder: string) => {
    const { graph } = linearModel(4, 512);
    const path = join(folder, "m.onnx");
    write(join(folder, "w.bin"), new Uint8Array(8192).fill(1));
    return write(
      path,
      onnxModel({
        graph: {
          ...graph,
          initializers: [
            { name: "W", type: "float32", dims: [4, 512], external: { location: "w.bin" } },
            graph.initializers![1]!,
          ],
        },
      }),
    );
  };

  test("new tensors go into a fresh side file, old data is not touched", async () => {
    const folder = tempFolder();
    const path = large(folder);
    const old = statSync(join(folder, "w.bin"));
    const opened = open(path);
    replaceWeight(opened.model, 2048);
    const saved = await opened.save(path);
    const fresh = join(folder, "m.onnx.data");
    expect(saved.sideFiles).toEqual([fresh]);
    expect(statSync(fresh).size).toBe(8192);
    expect(statSync(path).size).toBeLessThan(4096);
    expect(statSync(join(folder, "w.bin")).mtimeMs).toBe(old.mtimeMs);
    expect(contentOf(path)).toEqual(opened.content());
    await loads(path);
    opened.close();
  });

  test("a name that is taken, or that the model itself gives to another file, is passed over", async () => {
    const folder = tempFolder();
    const path = large(folder);
    write(join(folder, "M.onnx.DATA"), Uint8Array.of(1));
    const opened = open(path);
    replaceWeight(opened.model, 2048);
    const { sideFiles } = await opened.save(path);
    expect(sideFiles).toEqual([join(folder, "m.onnx.2.data")]);
    // The next save plans from the old file again: what the first one wrote may be needed by whoever opened it.
    const again = await opened.save(path);
    expect(again.sideFiles).toEqual([join(folder, "m.onnx.3.data")]);
    expect(contentOf(path)).toEqual(opened.content());
    opened.close();
  });

  test("saved into another folder, the side files come along", async () => {
    const folder = tempFolder();
    const path = write(join(folder, "m.onnx"), externalModel("deep/er/w.bin"));
    mkdirSync(join(folder, "deep/er"), { recursive: true });
    write(join(folder, "deep/er/w.bin"), WEIGHTS);
    mkdirSync(join(folder, "other"));
    const target = join(folder, "other", "copy.onnx");
    const opened = open(path);
    const saved = await opened.save(target);
    expect(saved.sideFiles).toEqual([join(folder, "other/deep/er/w.bin")]);
    expect(saved.bytes).toBe(statSync(target).size + WEIGHTS.length);
    expect(readFileSync(target)).toEqual(readFileSync(path));
    expect(contentOf(target)).toEqual(opened.content());
    await loads(target);
    // The same data is there now: nothing more to copy.
    expect((await opened.save(target)).sideFiles).toEqual([]);
    opened.close();
  });

  test("a different file in the way is not written over", async () => {
    const folder = tempFolder();
    const path = write(join(folder, "m.onnx"), externalModel("w.bin"));
    write(join(folder, "w.bin"), WEIGHTS);
    const other = join(folder, "other");
    mkdirSync(other);
    for (const content of [new Uint8Array(WEIGHTS.length), WEIGHTS.slice(1)]) {
      write(join(other, "w.bin"), content);
      const opened = open(path);
      const error = await rejected(opened.save(join(other, "m.onnx")));
      opened.close();
      expect(error).toMatchObject({ code: "refused", where: { file: join(other, "w.bin") } });
      expect(error.hint).toMatch(/another folder/);
      expect(readdirSync(other)).toEqual(["w.bin"]);
      expect(readFileSync(join(other, "w.bin")).equals(content)).toBe(true);
    }
  });

  test("a linked folder in the way does not lead the data out", async () => {
    const folder = tempFolder();
    const path = write(join(folder, "m.onnx"), externalModel("d/w.bin"));
    mkdirSync(join(folder, "d"));
    write(join(folder, "d/w.bin"), WEIGHTS);
    mkdirSync(join(folder, "other"));
    mkdirSync(join(folder, "victim"));
    symlinkSync("../victim", join(folder, "other/d"));
    const opened = open(path);
    expect((await rejected(opened.save(join(folder, "other/m.onnx")))).code).toBe("refused");
    opened.close();
    expect(readdirSync(join(folder, "victim"))).toEqual([]);
    expect(existsSync(join(folder, "other/m.onnx"))).toBe(false);
  });

  test("the model is not saved over its own data", async () => {
    const folder = tempFolder();
    const path = write(join(folder, "m.onnx"), externalModel("w.bin"));
    write(join(folder, "w.bin"), WEIGHTS);
    symlinkSync("w.bin", join(folder, "alias.onnx"));
    mkdirSync(join(folder, "other"));
    const opened = open(path);
    for (const target of ["w.bin", "alias.onnx", "other/w.bin", "./other/../w.bin"]) {
      expect(await rejected(opened.save(join(folder, target)))).toMatchObject({ code: "refused" });
    }
    opened.close();
    expect(readFileSync(join(folder, "w.bin")).equals(WEIGHTS)).toBe(true);
    expect(readdirSync(join(folder, "other"))).toEqual([]);
  });

  test("missing data does not keep the rest from being saved", async () => {
    const folder = tempFolder();
    const path = write(join(folder, "m.onnx"), externalModel("w.bin"));
    mkdirSync(join(folder, "other"));
    const opened = open(path);
    expect((await opened.save(join(folder, "other/m.onnx"))).sideFiles).toEqual([]);
    opened.close();
  });
});

describe("what goes wrong leaves everything as it was", () => {
  const prepared = () => {
    const folder = tempFolder();
    const path = write(join(folder, "m.onnx"), LINEAR);
    const opened = open(path);
    replaceWeight(opened.model);
    return { folder, path, opened };
  };

  test("another program wrote the file", async () => {
    const { folder, path, opened } = prepared();
    const expected = fingerprintOf(path);
    rmSync(path);
    write(path, onnxModel(linearModel(5, 3)));
    const error = await rejected(opened.save(path, { expected }));
    opened.close();
    expect(error.code).toBe("stale");
    expect(error.hint).toBeDefined();
    expect(readFileSync(path).equals(onnxModel(linearModel(5, 3)))).toBe(true);
    expect(readdirSync(folder)).toEqual(["m.onnx"]);
  });

  test("another program writes the file while it is being saved", async () => {
    const { folder, path, opened } = prepared();
    const expected = fingerprintOf(path);
    const saving = opened.save(path, { expected });
    rmSync(path);
    write(path, Uint8Array.of(1, 2, 3));
    expect((await rejected(saving)).code).toBe("stale");
    opened.close();
    expect([...readFileSync(path)]).toEqual([1, 2, 3]);
    expect(readdirSync(folder)).toEqual(["m.onnx"]);
  });

  test("another program wrote into the very file that is open: its offsets mean nothing any more", async () => {
    const { folder, path, opened } = prepared();
    appendFileSync(path, "more");
    expect((await rejected(opened.save(join(folder, "copy.onnx")))).code).toBe("stale");
    opened.close();
    expect(readdirSync(folder)).toEqual(["m.onnx"]);
  });

  test("a file that was deleted is written again", async () => {
    const { path, opened } = prepared();
    const expected = fingerprintOf(path);
    rmSync(path);
    await opened.save(path, { expected });
    expect(contentOf(path)).toEqual(opened.content());
    opened.close();
  });

  test.each(["a folder", "a device"])("%s in the way", async (kind) => {
    const { folder, opened } = prepared();
    mkdirSync(join(folder, "d"));
    const error = await rejected(opened.save(kind === "a folder" ? join(folder, "d") : "/dev/null"));
    opened.close();
    expect(error).toMatchObject({ code: "io", message: expect.stringContaining(kind) });
    expect(statSync("/dev/null").isCharacterDevice()).toBe(true);
    expect(readdirSync(folder).sort()).toEqual(["d", "m.onnx"]);
  });

  test("a folder that is not there", async () => {
    const { folder, opened } = prepared();
    const error = await rejected(opened.save(join(folder, "no/m.onnx")));
    opened.close();
    expect(error).toMatchObject({ code: "io" });
    expect(error.hint).toBeDefined();
  });

  test.skipIf(process.getuid?.() === 0)(
    "a folder without permission, and a file that is read-only",
    async () => {
      const { folder, path, opened } = prepared();
      chmodSync(path, 0o444);
      expect((await rejected(opened.save(path))).code).toBe("io");
      chmodSync(folder, 0o555);
      expect((await rejected(opened.save(join(folder, "new.onnx")))).hint).toMatch(/permission/);
      chmodSync(folder, 0o755);
      opened.close();
    },
  );

  test.skipIf(process.platform === "win32")("no room on the disk", async () => {
    const folder = tempFolder();
    const path = join(folder, "m.onnx");
    // Sparse: a file larger than any disk costs nothing until it is copied.
    writeFileSync(path, externalModel("w.bin"));
    write(join(folder, "w.bin"), WEIGHTS);
    truncateSync(join(folder, "w.bin"), 2 ** 43);
    mkdirSync(join(folder, "other"));
    const opened = open(path);
    const error = await rejected(opened.save(join(folder, "other/m.onnx")));
    opened.close();
    expect(error).toMatchObject({ code: "io", message: expect.stringContaining("are free") });
    expect(readdirSync(join(folder, "other"))).toEqual([]);
  });
});

describe("cancelling", () => {
  /** 64 MiB of weights in the file itself. */
  function bigModel(folder: string): string {
    return write(
      join(folder, "big.onnx"),
      onnxModel({
        graph: {
          ...linearModel().graph,
          initializers: [
            ...linearModel().graph.initializers!,
            { ...floatTensor("big", [2 ** 24], []), raw: new Uint8Array(2 ** 26) },
          ],
        },
      }),
    );
  }

  test("before it begins", async () => {
    const folder = tempFolder();
    const opened = open(bigModel(folder));
    const error = await rejected(opened.save(join(folder, "copy.onnx"), { signal: AbortSignal.abort() }));
    opened.close();
    expect(error.code).toBe("cancelled");
    expect(readdirSync(folder)).toEqual(["big.onnx"]);
  });

  test("in the middle, by a message that comes through the event loop", async () => {
    const folder = tempFolder();
    const path = bigModel(folder);
    const opened = open(path);
    const controller = new AbortController();
    const saving = opened.save(path, { signal: controller.signal });
    setTimeout(() => controller.abort("no Error at all"), 1);
    const error = await rejected(saving);
    opened.close();
    expect(error.code).toBe("cancelled");
    const last = opened.progress.at(-1);
    expect(last === undefined || last.bytesDone < last.bytesTotal).toBe(true);
    expect(readdirSync(folder)).toEqual(["big.onnx"]);
  });

  test("the loop turns while derived weights and copies stream", async () => {
    const folder = tempFolder();
    const opened = open(bigModel(folder));
    let turns = 0;
    const timer = setInterval(() => turns++, 1);
    await opened.save(join(folder, "copy.onnx"));
    clearInterval(timer);
    opened.close();
    expect(turns).toBeGreaterThan(3);
    const done = opened.progress.map(({ bytesDone }) => bytesDone);
    expect(done).toEqual([...done].sort((a, b) => a - b));
  });
});
