import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { InferenceSession } from "onnxruntime-node";
import { describe, expect, test } from "vitest";
import { applyPatch } from "../../../src/core/edit/apply";
import { readModel } from "../../../src/core/model/reader";
import type { Model, SavePlan, TensorData } from "../../../src/core/model/types";
import { planSave, usesExternalData } from "../../../src/core/model/writer";
import { byteLength, TensorReader } from "../../../src/core/tensor/reader";
import type { ByteSource } from "../../../src/core/wire/source";
import { around, lengthOf, type Piece } from "../../bench/sparseFile";
import { caught } from "../../support/caught";
import { FIXTURES } from "../../support/fixtures";
import { injectUnknown } from "../../support/injectUnknown";
import { expectSame, modelContent } from "../../support/modelContent";
import { linearModel, onnxModel, type TensorSpec } from "../../support/onnxBuilder";
import { savedBytes } from "../../support/planBytes";
import { memoryFiles, memorySource } from "../../support/sources";
import { tempFolder } from "../../support/tempFolder";
import { concat, numberField, tag, textField, varint } from "../../support/wire";

const NEW_DATA = "new.data";

type External = TensorData & { readonly kind: "external" };

function externalOf(model: Model): External[] {
  return [...model.graph.initializers.values()].flatMap(({ data }) =>
    data.kind === "external" ? [data] : [],
  );
}

describe("gathered into one side file", () => {
  const withData = FIXTURES.filter(({ path }) =>
    usesExternalData(readModel(memorySource(readFileSync(path)))),
  );

  test.each(withData)("$name: nothing else is needed, and it is the same model", async ({ path }) => {
    const source = memorySource(injectUnknown(readFileSync(path)), path);
    const model = readModel(source);
    const reader = new TensorReader(source, {
      open: (location) => memorySource(readFileSync(join(dirname(path), location)), location),
    });
    const saved = savedBytes(model, reader, { externalLocation: NEW_DATA, gather: true });
    const again = memorySource(saved.model, path);
    const reopened = readModel(again);
    expect(reopened.problems).toEqual([]);
    expect(new Set(externalOf(reopened).map(({ location }) => location))).toEqual(new Set([NEW_DATA]));
    const content = modelContent(reopened, new TensorReader(again, memoryFiles(saved.sideFiles)));
    expectSame(content, modelContent(model, reader));

    const folder = tempFolder();
    writeFileSync(join(folder, "m.onnx"), saved.model);
    writeFileSync(join(folder, NEW_DATA), saved.sideFiles[NEW_DATA]!);
    const session = await InferenceSession.create(join(folder, "m.onnx"), {
      graphOptimizationLevel: "disabled",
    });
    await session.release();
  });

  test("tensors that shared their bytes go on sharing them, and what none uses is gone", () => {
    const { graph } = linearModel();
    const at = (name: string, offset: number) =>
      ({
        ...({ name, type: "float32", dims: [4, 3] } as const),
        external: { location: "w.bin", offset, length: 48, checksum: "abc" },
      }) satisfies TensorSpec;
    const bytes = onnxModel({
      graph: {
        ...graph,
        initializers: [at("W", 64), at("twin", 64), at("other", 512), graph.initializers![1]!],
      },
    });
    const files = { "w.bin": Uint8Array.from({ length: 100_000 }, (_, index) => index % 251) };
    const source = memorySource(bytes);
    const model = readModel(source);
    const reader = new TensorReader(source, memoryFiles(files));
    const saved = savedBytes(model, reader, { externalLocation: NEW_DATA, gather: true });
    const reopened = readModel(memorySource(saved.model));
    const [first, twin, other] = externalOf(reopened);
    expect(twin).toEqual(first);
    expect([first!.offset, other!.offset]).toEqual([0, 64]);
    expect(saved.sideFiles[NEW_DATA]!.length).toBe(64 + 48);
    expect(Buffer.from(saved.model).includes("checksum")).toBe(false);
    expectSame(
      modelContent(reopened, new TensorReader(memorySource(saved.model), memoryFiles(saved.sideFiles))),
      modelContent(model, reader),
    );
  });

  test("a model without external data stays one file, byte for byte", () => {
    const bytes = onnxModel(linearModel());
    const source = memorySource(bytes);
    const reader = new TensorReader(source, memoryFiles({}));
    const saved = savedBytes(readModel(source), reader, { externalLocation: NEW_DATA, gather: true });
    expect(saved.sideFiles).toEqual({});
    expect(Buffer.compare(saved.model, bytes)).toBe(0);
  });
});

describe("a model that would pass 2 GiB", () => {
  /** A source of gigabytes: what is not given is zeros. */
  function holeySource(pieces: readonly Piece[]): ByteSource {
    return {
      name: "holey",
      size: lengthOf(pieces),
      read(offset, into) {
        into.fill(0);
        let at = 0;
        for (const piece of pieces) {
          const length = lengthOf([piece]);
          if (piece instanceof Uint8Array && at < offset + into.length && at + length > offset) {
            const from = Math.max(0, offset - at);
            into.set(
              piece.subarray(from, Math.min(length, offset + into.length - at)),
              Math.max(0, at - offset),
            );
          }
          at += length;
        }
      },
    };
  }

  const GROWN_ROWS = 200_000;
  const MOST = 2 ** 31 - 1;

  /** 2.0 GiB less 16 MiB in two weights, a typed one in float_data among them, and a small one. */
  function nearlyFull(): Model {
    const half = 2 ** 30 - 2 ** 23;
    const weight = (name: string, field: number): Piece[] =>
      around(5, [
        concat(
          numberField(1, half / 4),
          numberField(2, 1),
          textField(8, name),
          textField(12, "kept"),
          tag(field, 2),
          varint(half),
        ),
        { hole: half },
      ]);
    const small = around(5, [
      concat(numberField(1, 2), numberField(2, 1), textField(8, "small"), tag(9, 2), varint(8)),
      { hole: 8 },
    ]);
    const graph = [...weight("raw", 9), ...weight("typed", 4), ...small, textField(2, "g")];
    const opset = around(8, [textField(1, ""), numberField(2, 17)]);
    return readModel(holeySource([numberField(1, 8), ...opset, ...around(7, graph)]));
  }

  function grow(model: Model): void {
    applyPatch(model, {
      label: "test",
      edits: [
        {
          kind: "putTensor",
          graph: "",
          tensor: {
            ...{ name: "grown", dtype: "float32", dims: [GROWN_ROWS, 64] },
            data: { kind: "memory", bytes: new Uint8Array(4 * 64 * GROWN_ROWS) },
          },
        },
      ],
    });
  }

  function modelBytes(plan: SavePlan, source: ByteSource): Uint8Array {
    return concat(
      ...plan.segments.map((segment) => {
        if (segment.kind === "bytes") {
          return segment.bytes;
        }
        const span = segment.kind === "copy" ? segment.span : { start: 0, end: 0 };
        const bytes = new Uint8Array(span.end - span.start);
        source.read(span.start, bytes);
        return bytes;
      }),
    );
  }

  test("keeps its large weights beside it, and the small ones and all else where they were", () => {
    const model = nearlyFull();
    expect(planSave(model, { externalLocation: NEW_DATA })).toMatchObject({ outgrown: false, sideFiles: [] });
    grow(model);
    const plan = planSave(model, { externalLocation: NEW_DATA });
    expect(plan.outgrown).toBe(true);
    expect([...plan.moved].map(({ name }) => name)).toEqual(["raw", "typed"]);
    expect(plan.byteLength).toBeLessThan(4096);

    const reopened = readModel(memorySource(modelBytes(plan, model.source)));
    expect(reopened.problems).toEqual([]);
    const [side] = plan.sideFiles;
    const starts = new Map<string, number>();
    let at = 0;
    for (const segment of side!.segments) {
      if (segment.kind === "tensor") {
        starts.set(segment.tensor.name, at);
      }
      at +=
        segment.kind === "copy" ? 0 : segment.kind === "tensor" ? segment.byteLength : segment.bytes.length;
    }
    expect(at).toBe(side!.byteLength);
    expect([...starts.values()].filter((start) => start % 4096 !== 0)).toEqual([]);
    for (const name of ["raw", "typed", "grown"]) {
      const { data, dims, dtype } = reopened.graph.initializers.get(name)!;
      const before = model.graph.initializers.get(name)!;
      expect({ dims, dtype }).toEqual({ dims: before.dims, dtype: before.dtype });
      expect(data).toEqual({
        ...{ kind: "external", location: NEW_DATA },
        ...{ offset: starts.get(name), length: byteLength(before) },
      });
    }
    expect(reopened.graph.initializers.get("small")!.data.kind).toBe("stored");
    expect(Buffer.from(modelBytes(plan, model.source)).toString("latin1").match(/kept/g)).toHaveLength(2);
  });

  test("is refused where there is no place beside it", () => {
    const model = nearlyFull();
    grow(model);
    const error = caught(() => planSave(model));
    expect(error).toMatchObject({ code: "limit" });
    expect(error.hint).toBeDefined();
    expect(model.source.size).toBeLessThan(MOST);
  });
});
