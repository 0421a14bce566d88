import { truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { allGraphs } from "../../../src/core/edit/graphs";
import { readModel } from "../../../src/core/model/reader";
import { TensorReader } from "../../../src/core/tensor/reader";
import { ModelFiles } from "../../../src/engine/files/modelFiles";
import type { ActionCall } from "../../../src/protocol/actions";
import type {
  TensorKey,
  TensorRow,
  TensorStatistics,
  TensorValues,
  ValuesQuery,
} from "../../../src/protocol/parameters";
import { naiveStatistics } from "../../core/tensor/statistics/naive";
import { rejected } from "../../support/caught";
import { floatTensor, onnxModel } from "../../support/onnxBuilder";
import { Random } from "../../support/random";
import { tempFolder } from "../../support/tempFolder";
import { fixturePath, type TestEngine, testEngine } from "./support";

let engine: TestEngine;
beforeEach(() => {
  engine = testEngine();
});
afterEach(() => engine.dispose());

async function rows(): Promise<readonly TensorRow[]> {
  return (await engine.call("tensors", { start: 0, count: 10_000 })).rows;
}

async function statistics(name: string, graph = ""): Promise<TensorStatistics> {
  return await engine.call("tensorStatistics", { tensor: { name, graph } });
}

async function quantizeCall(): Promise<ActionCall> {
  const { rows: layers } = await engine.call("rows", { group: false, start: 0, count: 10_000 });
  for (const { key, offers } of layers) {
    const found = offers === 0 ? [] : (await engine.call("offers", { key })).offers;
    const quantize = found.find(({ call }) => call.action === "quantizeWeights");
    if (quantize !== undefined) {
      return quantize.call;
    }
  }
  throw new Error("No layer can be quantised.");
}

/** Makes the side file of `hugeGraph`: 6 GB of zeros that take no room. */
function makeSideFile(model: string): void {
  const path = join(model, "../model.data");
  writeFileSync(path, "");
  truncateSync(path, 6 * 2 ** 30);
}

async function openBytes(model: Uint8Array): Promise<string> {
  const path = join(tempFolder(), "model.onnx");
  writeFileSync(path, model);
  await engine.call("open", { path });
  return path;
}

/** Elements of an initializer of a file. */
function elementsOf(path: string, name: string): number[] {
  const files = new ModelFiles(path);
  const model = readModel(files.source);
  const reader = new TensorReader(files.source, files);
  const tensor = [...allGraphs(model)].flatMap((graph) => graph.initializers.get(name) ?? [])[0]!;
  const values: number[] = [];
  reader.floats(tensor, (chunk) => values.push(...chunk));
  files.close();
  return values;
}

describe("statistics", () => {
  test.each([
    ["gpt2-prefill", "model.transformer.wte.weight", { dims: [89, 36], channel: 0 }],
    ["gpt2-prefill", "model.transformer.h.0.attn.c_attn.weight", { dims: [36, 108], channel: 1, summed: 0 }],
    ["bert-external", "onnx::MatMul_312", { dims: [48, 48], channel: 1, summed: 0 }],
    ["bert-fp16", "bert.embeddings.word_embeddings.weight", { dims: [97, 48], channel: 0 }],
  ] as const)("of %s, %s", async (model, name, options) => {
    const path = fixturePath(model);
    await engine.call("open", { path });
    const { mean, std, ...exact } = naiveStatistics(elementsOf(path, name), options);
    const found = await statistics(name);
    expect(found).toMatchObject(exact);
    expect(found.mean).toBeCloseTo(mean!, 9);
    expect(found.std).toBeCloseTo(std!, 9);
    expect(found.bytesRead).toBe((await rows()).find(({ tensor }) => tensor.name === name)!.bytes);
  });

  test("find the channels of convolutions, and of weights that are turned round before the product", async () => {
    await engine.call("open", { path: fixturePath("resnet") });
    const conv = (await rows()).find(({ dims, role }) => dims.length === 4 && role === "weight")!;
    expect((await statistics(conv.tensor.name)).channels).toMatchObject({ axis: 0, count: conv.dims[0] });

    await openBytes(
      onnxModel({
        graph: {
          nodes: [
            { op: "Transpose", inputs: ["W"], outputs: ["T"], attributes: { perm: { ints: [1, 0] } } },
            { op: "MatMul", inputs: ["x", "T"], outputs: ["y"] },
          ],
          inputs: [{ name: "x", dims: ["n", 4] }],
          outputs: [{ name: "y", dims: ["n", 3] }],
          initializers: [floatTensor("W", [3, 4], [1, 0, 0, 2, 0, 0, 0, 3, 4, 5, 6, 7])],
        },
      }),
    );
    expect(await statistics("W")).toMatchObject({
      channels: { axis: 0, count: 3, min: [0, 0, 4], max: [2, 3, 7] },
      nm: { share: 2 / 3 },
    });
  });

  test("of weights that an edit only promises are those of the saved file", async () => {
    const path = fixturePath("encoder");
    await engine.call("open", { path });
    await engine.call("apply", { calls: [await quantizeCall()] });
    const made = (await rows()).find(({ dtype }) => dtype === "int8")!;
    const promised = await statistics(made.tensor.name);
    const saved = join(tempFolder(), "saved.onnx");
    await engine.call("save", { path: saved });
    await engine.call("open", { path: saved });
    expect({ ...(await statistics(made.tensor.name)), revision: 0 }).toEqual({ ...promised, revision: 0 });
  });

  test("of strings are refused with the reason, and of what is not there", async () => {
    await openBytes(
      onnxModel({
        graph: {
          nodes: [{ op: "Identity", inputs: ["words"], outputs: ["y"] }],
          outputs: [{ name: "y", type: "string", dims: [1] }],
          initializers: [
            { name: "words", type: "string", dims: [1], typed: { field: 6, content: new Uint8Array([97]) } },
          ],
        },
      }),
    );
    expect(await rejected(statistics("words"))).toMatchObject({ code: "unsupported" });
    expect(await rejected(statistics("nothing"))).toMatchObject({ code: "missing" });
  });

  test("of a tensor of 6 GB stop when told, and the engine answers meanwhile", async () => {
    const path = await openBytes(onnxModel({ graph: hugeGraph(6 * 1024, 1024 * 256) }));
    makeSideFile(path);
    const controller = new AbortController();
    const asked = rejectedWith(
      engine.call("tensorStatistics", { tensor: { name: "W", graph: "" } }, controller.signal),
    );
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect((await engine.call("tensors", { start: 0, count: 1 })).rows.length).toBe(1);
    const started = performance.now();
    controller.abort();
    expect((await asked) as Error).toMatchObject({ name: "AbortError" });
    expect(performance.now() - started).toBeLessThan(500);
    const progress = engine.events.filter(({ event }) => event === "tensorProgress");
    expect(progress.length).toBeGreaterThan(0);
    expect(progress.at(-1)!.payload).toMatchObject({ task: "statistics", bytesTotal: 6 * 2 ** 30 });
  });
});

async function rejectedWith(work: Promise<unknown>): Promise<unknown> {
  try {
    return await work;
  } catch (thrown) {
    return thrown;
  }
}

/** One weight in a side file, which is left to be made. */
function hugeGraph(height: number, width: number) {
  return {
    nodes: [{ op: "MatMul", inputs: ["x", "W"], outputs: ["y"] }],
    inputs: [{ name: "x", dims: ["n", height] }],
    outputs: [{ name: "y", dims: ["n", width] }],
    initializers: [
      { name: "W", type: "float32", dims: [height, width], external: { location: "model.data" } },
    ],
  } as const;
}

describe("values", () => {
  const tensor: TensorKey = { name: "model.transformer.wte.weight", graph: "" };
  const whole: ValuesQuery = {
    tensor,
    row: 0,
    column: 0,
    rows: 89,
    columns: 36,
    maxRows: 89,
    maxColumns: 36,
  };

  test("are those of the file in any window", async () => {
    const path = fixturePath("gpt2-prefill");
    const wanted = elementsOf(path, tensor.name);
    await engine.call("open", { path });
    expect((await engine.call("tensorValues", whole)).values).toEqual(wanted);
    const random = new Random(4);
    for (let round = 0; round < 30; round++) {
      const query = {
        ...whole,
        ...{ row: random.below(89), column: random.below(36), rows: 1 + random.below(89) },
        ...{ columns: 1 + random.below(36), maxRows: 1 + random.below(40), maxColumns: 1 + random.below(20) },
      };
      const found = await engine.call("tensorValues", query);
      expect(found.sampled).toBe(false);
      expect(found.cellRows).toBeLessThanOrEqual(query.maxRows);
      expect(found.cellColumns).toBeLessThanOrEqual(query.maxColumns);
      expect(found.values).toEqual(naiveCells(wanted, found));
      expect(found.rowLabels[0]).toBe(`[${query.row}]`);
    }
  });

  test("of packed weights start anywhere, also inside a byte", async () => {
    const bytes = new Random(2).bytes(105);
    const codes = Array.from({ length: 210 }, (_, at) => (bytes[at >> 1]! >> (4 * (at % 2))) & 15);
    await openBytes(
      onnxModel({
        graph: {
          nodes: [{ op: "Identity", inputs: ["W"], outputs: ["y"] }],
          outputs: [{ name: "y", type: "uint4", dims: [2, 15, 7] }],
          initializers: [{ name: "W", type: "uint4", dims: [2, 15, 7], raw: bytes }],
        },
      }),
    );
    const query = { tensor: { name: "W", graph: "" }, row: 17, column: 3, rows: 5, columns: 4 };
    const found = await engine.call("tensorValues", { ...query, maxRows: 9, maxColumns: 9 });
    expect(found.rowLabels).toEqual(["[1, 2]", "[1, 3]", "[1, 4]", "[1, 5]", "[1, 6]"]);
    expect(found.values).toEqual(naiveCells(codes, found));
    expect([found.totalRows, found.totalColumns]).toEqual([30, 7]);
  });

  test("of a tensor of 6 GB come at once, as a sample", async () => {
    const path = await openBytes(onnxModel({ graph: hugeGraph(6 * 1024, 1024 * 256) }));
    makeSideFile(path);
    const started = performance.now();
    const found = await engine.call("tensorValues", {
      ...{ tensor: { name: "W", graph: "" }, row: 0, column: 0, rows: 6 * 1024, columns: 1024 * 256 },
      ...{ maxRows: 256, maxColumns: 256 },
    });
    expect(performance.now() - started).toBeLessThan(5000);
    expect(found).toMatchObject({ sampled: true, cellRows: 256, cellColumns: 256 });
    expect(found.values).toEqual(new Array(256 * 256).fill(0));
  });
});

/** The value of largest size of each cell. */
function naiveCells(values: readonly number[], window: TensorValues): number[] {
  const cells: number[] = [];
  for (let top = 0; top < window.rows; top += window.rowStep) {
    for (let left = 0; left < window.columns; left += window.columnStep) {
      let largest = 0;
      for (let row = top; row < Math.min(window.rows, top + window.rowStep); row++) {
        for (let column = left; column < Math.min(window.columns, left + window.columnStep); column++) {
          const value = values[(window.row + row) * window.totalColumns + window.column + column]!;
          largest = Math.abs(value) > Math.abs(largest) ? value : largest;
        }
      }
      cells.push(largest);
    }
  }
  return cells;
}

describe("copies", () => {
  const sharing = async (name: string) => (await rows()).find(({ tensor }) => tensor.name === name)!.sharing;

  test.each([
    ["gpt2-prefill", "onnx::MatMul_592", "model.transformer.wte.weight", 89 * 36 * 4],
    ["gpt2-dynamo", "val_191", "model.lm_head.weight", 89 * 36 * 4],
    ["t5-decoder", "onnx::MatMul_554", "model.shared.weight", 67 * 32 * 4],
  ])("%s stores its vocabulary a second time, turned round", async (model, twin, table, bytes) => {
    await engine.call("open", { path: fixturePath(model) });
    expect((await engine.call("parameters", {})).copies).toEqual({ compared: false, wastedBytes: 0 });
    expect(await sharing(twin)).toBeNull();
    const { copies } = await engine.call("compareTensors", {});
    expect(copies).toEqual({ compared: true, wastedBytes: bytes });
    expect(await sharing(twin)).toEqual({ kind: "transposed", of: table, bytes });
  });

  test("equal and turned matrices are found among others, squares too, and one changed value is not", async () => {
    const random = new Random(8);
    const values = (count: number) => Array.from({ length: count }, () => Math.fround(random.fraction()));
    const turned = (from: readonly number[], height: number, width: number) =>
      Array.from(
        { length: height * width },
        (_, at) => from[(at % height) * width + Math.floor(at / height)]!,
      );
    const wide = values(12 * 20);
    const square = values(256);
    const long = values(300);
    const tensors = {
      wide: [[12, 20], wide],
      wideCopy: [[12, 20], wide],
      wideTurned: [[20, 12], turned(wide, 12, 20)],
      wideReshaped: [[20, 12], wide],
      wideSwapped: [
        [12, 20],
        [wide[1]!, wide[0]!, ...wide.slice(2)],
      ],
      square: [[16, 16], square],
      squareTurned: [[16, 16], turned(square, 16, 16)],
      squareOther: [
        [16, 16],
        [...square.slice(0, 255), 2],
      ],
      long: [[300], long],
      longCopy: [[1, 300], long],
      longSwapped: [[300], [...long.slice(0, 298), long[299]!, long[298]!]],
    } as const;
    const names = Object.keys(tensors);
    await openBytes(
      onnxModel({
        graph: {
          nodes: names.map((name) => ({ op: "Identity", inputs: [name], outputs: [`${name}Out`] })),
          outputs: names.map((name) => ({ name: `${name}Out`, dims: tensors[name as "wide"][0] })),
          initializers: Object.entries(tensors).map(([name, [dims, content]]) =>
            floatTensor(name, dims, content),
          ),
        },
      }),
    );
    await engine.call("compareTensors", {});
    const found = Object.fromEntries((await rows()).map((row) => [row.tensor.name, row.sharing]));
    const copy = (kind: string, of: string, bytes: number) => ({ kind, of, bytes });
    expect(found).toEqual({
      ...{ wide: null, wideReshaped: null, wideSwapped: null, square: null, squareOther: null },
      ...{ long: null, longSwapped: null },
      wideCopy: copy("copy", "wide", 960),
      wideTurned: copy("transposed", "wide", 960),
      squareTurned: copy("transposed", "square", 1024),
      longCopy: copy("copy", "long", 1200),
    });
  });

  test("tensors that share one place of a side file waste nothing", async () => {
    const external = { location: "model.data", offset: 0, length: 1024 };
    const path = await openBytes(
      onnxModel({
        graph: {
          nodes: ["a", "b"].map((name) => ({ op: "Identity", inputs: [name], outputs: [`${name}Out`] })),
          outputs: ["a", "b"].map((name) => ({ name: `${name}Out`, dims: [256] })),
          initializers: ["a", "b"].map((name) => ({ name, type: "float32", dims: [256], external }) as const),
        },
      }),
    );
    writeFileSync(join(path, "../model.data"), new Random(1).bytes(1024));
    expect((await engine.call("compareTensors", {})).copies).toEqual({ compared: true, wastedBytes: 0 });
    expect(await sharing("b")).toEqual({ kind: "copy", of: "a", bytes: 0 });
  });

  test("what was read is known after an edit and its undoing, too", async () => {
    await engine.call("open", { path: fixturePath("encoder") });
    const { copies } = await engine.call("compareTensors", {});
    expect(copies.compared).toBe(true);
    await engine.call("apply", { calls: [await quantizeCall()] });
    await engine.call("undo", {});
    expect((await engine.call("parameters", {})).copies).toEqual(copies);
  });

  test("a constant that was expanded before it was stored says how much smaller it could be", async () => {
    const mask = Array.from({ length: 64 * 64 }, (_, at) => Number(at % 64 > Math.floor(at / 64)));
    const tensors = {
      expanded: [[6, 1, 64, 64], Array.from({ length: 6 }, () => mask).flat()],
      uniform: [[5, 64, 64], new Array<number>(5 * 4096).fill(7)],
      plain: [[5, 64, 64], Array.from({ length: 5 * 4096 }, (_, at) => at % 4099)],
    } as const;
    const names = Object.keys(tensors) as (keyof typeof tensors)[];
    await openBytes(
      onnxModel({
        graph: {
          nodes: names.map((name) => ({ op: "Equal", inputs: ["x", name], outputs: [`${name}Out`] })),
          inputs: [{ name: "x", dims: [] }],
          outputs: names.map((name) => ({ name: `${name}Out`, type: "bool", dims: tensors[name][0] })),
          initializers: names.map((name) => floatTensor(name, tensors[name][0], tensors[name][1])),
        },
      }),
    );
    await engine.call("compareTensors", {});
    const notes = Object.fromEntries((await rows()).map((row) => [row.tensor.name, row.notes.join(" ")]));
    expect(notes["expanded"]).toContain("the same content 6 times");
    expect(notes["uniform"]).toContain("the same content 20480 times");
    expect(notes["plain"]).not.toContain("the same content");
  });

  test("a vocabulary that two layers read is tied", async () => {
    const table = Array.from({ length: 40 }, (_, at) => Math.sin(at));
    await openBytes(
      onnxModel({
        graph: {
          nodes: [
            { op: "Gather", name: "embed", inputs: ["E", "ids"], outputs: ["h"] },
            { op: "Transpose", inputs: ["E"], outputs: ["T"], attributes: { perm: { ints: [1, 0] } } },
            { op: "MatMul", name: "head", inputs: ["h", "T"], outputs: ["y"] },
          ],
          inputs: [{ name: "ids", type: "int64", dims: ["n"] }],
          outputs: [{ name: "y", dims: ["n", 10] }],
          initializers: [floatTensor("E", [10, 4], table)],
        },
      }),
    );
    const [row] = await rows();
    expect(row).toMatchObject({ role: "vocabulary", sharing: { kind: "tied", uses: 2 } });
    expect(row!.usedBy.map(({ label }) => label)).toEqual(["embed", "head"]);
  });
});
