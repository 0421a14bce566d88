import {
  closeSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readFileSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { ModelError } from "../../src/core/errors";
import type { ModelSummary } from "../../src/protocol/engine";
import { mutate } from "../fuzz/mutate";
import { seedModels } from "../fuzz/seeds";
import { linearModel, onnxModel } from "../support/onnxBuilder";
import { Random } from "../support/random";
import { tempFolder } from "../support/tempFolder";
import { concat, tag, varint } from "../support/wire";
import { externalModel, WEIGHTS } from "./files/layouts";
import { type TestEngine, testEngine } from "./session/support";

const GIB = 2 ** 30;
const NOTHING = new Uint8Array();
const LINEAR = onnxModel(linearModel());

type Look = { readonly summary: ModelSummary } | { readonly error: ModelError };

/** Opens a file as the editor does and asks for everything that it shows. Only opening may fail. */
async function look(path: string): Promise<Look> {
  const engine = testEngine();
  try {
    let summary: ModelSummary;
    try {
      summary = await engine.call("open", { path });
    } catch (thrown) {
      expect(thrown).toBeInstanceOf(ModelError);
      const error = thrown as ModelError;
      expect(error.code).not.toBe("internal");
      expect(error.message.length).toBeLessThan(1000);
      return { error };
    }
    const page = await engine.call("rows", { start: 0, count: 50, group: true });
    expect(page).toBeDefined();
    await engine.call("overview", {});
    await engine.call("text", {});
    await engine.call("findings", {});
    await engine.call("lenses", { startLine: 0, endLine: 100 });
    await engine.call("bind", { bindings: Object.fromEntries(summary.dims.map(({ name }) => [name, 3])) });
    await engine.call("report", {});
    await engine.call("save", { path: `${path}.copy`, copy: true });
    expect(readFileSync(`${path}.copy`).equals(readFileSync(path))).toBe(true);
    await applyOffers(engine, path);
    return { summary };
  } finally {
    engine.dispose();
  }
}

/** Edits of a broken model may be refused, but nothing else; what they leave can be saved and opened again. */
async function applyOffers(engine: TestEngine, path: string): Promise<void> {
  const { offers } = await engine.call("offers", { key: "m" });
  let applied = 0;
  for (const { call } of offers.slice(0, 50)) {
    try {
      await engine.call("preview", { call });
      await engine.call("apply", { calls: [call] });
      applied++;
    } catch (thrown) {
      expect(thrown).toBeInstanceOf(ModelError);
      expect((thrown as ModelError).code).not.toBe("internal");
    }
  }
  if (applied > 0) {
    try {
      await engine.call("save", { path: `${path}.edited`, copy: true });
    } catch (thrown) {
      // Weights that cannot be read cannot be quantised either.
      expect(["truncated", "malformed", "missing", "unsupported"]).toContain((thrown as ModelError).code);
      return;
    }
    const again = testEngine();
    await again.call("open", { path: `${path}.edited` });
    again.dispose();
    for (let step = 0; step < applied; step++) {
      await engine.call("undo", {});
    }
    await engine.call("save", { path: `${path}.copy`, copy: true });
    expect(readFileSync(`${path}.copy`).equals(readFileSync(path))).toBe(true);
  }
}

function codeOf(seen: Look): string {
  return "error" in seen ? seen.error.code : "read";
}

/** Only opens: a file of gigabytes is not to be saved in a test. */
async function openCode(path: string): Promise<string> {
  const engine = testEngine();
  try {
    await engine.call("open", { path });
    return "read";
  } catch (thrown) {
    return codeOf({ error: thrown as ModelError });
  } finally {
    engine.dispose();
  }
}

/** A file of any size that takes no room on disk, with `head` in front. */
function sparse(path: string, size: number, head: Uint8Array): string {
  const handle = openSync(path, "w");
  writeSync(handle, head);
  ftruncateSync(handle, size);
  closeSync(handle);
  return path;
}

test("a small model cut at every byte", async () => {
  const path = join(tempFolder(), "m.onnx");
  const seen = new Set<string>();
  for (let length = 0; length <= LINEAR.length; length++) {
    writeFileSync(path, LINEAR.subarray(0, length));
    const result = await look(path);
    seen.add(codeOf(result));
    if ("error" in result) {
      expect(result.error.hint).toBeDefined();
      expect(result.error.where.file).toContain("m.onnx");
    } else if (length < LINEAR.length) {
      expect(result.summary.problems).not.toEqual([]);
    }
  }
  expect([...seen].sort()).toEqual(["malformed", "read", "truncated"]);
});

test("mutated models", async () => {
  const path = join(tempFolder(), "m.onnx");
  const large = { name: "large", bytes: onnxModel(linearModel(64, 64)) };
  const seeds = [...seedModels().slice(0, 3), large, large];
  const seen = new Map<string, number>();
  for (let seed = 0; seed < 150; seed++) {
    const random = new Random(seed);
    writeFileSync(path, mutate(random.pick(seeds).bytes, random));
    const code = codeOf(await look(path));
    seen.set(code, (seen.get(code) ?? 0) + 1);
  }
  expect(seen.get("read")).toBeGreaterThan(30);
  expect(seen.get("malformed")).toBeGreaterThan(5);
});

test("an empty file, a folder, nothing there", async () => {
  const folder = tempFolder();
  writeFileSync(join(folder, "empty.onnx"), "");
  mkdirSync(join(folder, "folder.onnx"));
  expect(codeOf(await look(join(folder, "empty.onnx")))).toBe("truncated");
  expect(codeOf(await look(join(folder, "folder.onnx")))).toBe("io");
  expect(codeOf(await look(join(folder, "gone.onnx")))).toBe("missing");
});

describe("five gigabytes of garbage", () => {
  const field = (number: number, length: number) => concat(tag(number, 2), varint(length));
  /** Heads of messages in messages, the innermost of five gigabytes, which all end together. */
  const nested = (...fields: readonly number[]) =>
    fields.reduceRight<Uint8Array>(
      (inside, number) => concat(field(number, 5 * GIB + inside.length), inside),
      NOTHING,
    );

  test.each([
    ["zeros", NOTHING, "malformed"],
    ["random bytes and zeros", new Random(5).bytes(4096), "malformed"],
    ["a graph of zeros", nested(7), "malformed"],
    ["a graph's name", nested(7, 2), "limit"],
    ["a node of zeros", nested(7, 1), "malformed"],
    ["an attribute's name", nested(7, 1, 5, 1), "limit"],
    ["an attribute's integers", nested(7, 1, 5, 8), "limit"],
    ["an attribute's floats", nested(7, 1, 5, 7), "limit"],
    ["the dims of a tensor", nested(7, 5, 1), "limit"],
    ["the elements of a tensor", nested(7, 5, 9), "read"],
    ["a length beyond the end", concat(field(7, 2 ** 40)), "truncated"],
  ])("%s", async (_, head, code) => {
    const path = sparse(join(tempFolder(), "m.onnx"), 5 * GIB + head.length, head);
    const before = process.memoryUsage();
    const started = performance.now();
    expect(await openCode(path)).toBe(code);
    const after = process.memoryUsage();
    expect(performance.now() - started).toBeLessThan(8000);
    expect(after.external + after.arrayBuffers - before.external - before.arrayBuffers).toBeLessThan(200e6);
  });

  test("behind a good model: an unknown field, which is passed over", async () => {
    const path = join(tempFolder(), "m.onnx");
    const tail = field(1999, 5 * GIB);
    sparse(path, LINEAR.length + tail.length + 5 * GIB, concat(LINEAR, tail));
    const engine = testEngine();
    const summary = await engine.call("open", { path });
    expect(summary.nodes).toBe(2);
    expect(summary.problems).toEqual([]);
    engine.dispose();
  });
});

describe("external data", () => {
  test.each([
    { title: "missing", location: "w.bin", size: undefined, code: "missing" },
    { title: "too short", location: "w.bin", size: WEIGHTS.length - 1, code: "truncated" },
    { title: "absolute", location: "/etc/passwd", size: undefined, code: "refused" },
    { title: "outside the folder", location: "../../etc/passwd", size: undefined, code: "refused" },
  ])("$title: the model is shown, with one problem", async ({ location, size, code }) => {
    const folder = tempFolder();
    const path = join(folder, "m.onnx");
    writeFileSync(path, externalModel(location));
    if (size !== undefined) {
      writeFileSync(join(folder, "w.bin"), WEIGHTS.subarray(0, size));
    }
    const seen = await look(path);
    expect("summary" in seen && seen.summary.problems).toMatchObject([
      { severity: "error", code, where: { tensor: "W" } },
    ]);
  });
});
