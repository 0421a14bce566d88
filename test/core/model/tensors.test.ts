import { InferenceSession, Tensor } from "onnxruntime-node";
import { describe, expect, test } from "vitest";
import { readModel } from "../../../src/core/model/reader";
import type { TensorRef } from "../../../src/core/model/types";
import { TensorReader } from "../../../src/core/tensor/reader";
import { caught } from "../../support/caught";
import { onnxModel, packed, type TensorSpec, type TypeName } from "../../support/onnxBuilder";
import { memoryFiles, memorySource } from "../../support/sources";
import { bytesField, concat, floatField, floats, int64s, numberField } from "../../support/wire";

function doubles(values: readonly number[]): Uint8Array {
  return new Uint8Array(Float64Array.from(values).buffer);
}

interface Case {
  readonly title: string;
  readonly spec: TensorSpec;
  readonly values: readonly number[];
}

const cases: readonly Case[] = [
  stored(
    "float32",
    [1.5, -2, 0.1],
    { raw: floats([1.5, -2, 0.1]) },
    { field: 4, content: floats([1.5, -2, 0.1]) },
  ),
  stored(
    "float64",
    [1.5, -1e300],
    { raw: doubles([1.5, -1e300]) },
    { field: 10, content: doubles([1.5, -1e300]) },
  ),
  stored(
    "int64",
    [-1, 2 ** 40],
    { raw: int64s([-1, 2 ** 40]) },
    { field: 7, content: packed([-1, 2 ** 40]) },
  ),
  stored("uint64", [3, 2 ** 40], { raw: int64s([3, 2 ** 40]) }, { field: 11, content: packed([3, 2 ** 40]) }),
  stored(
    "uint32",
    [0, 4294967295],
    { raw: bytes(0, 0, 0, 0, 255, 255, 255, 255) },
    { field: 11, content: packed([0, 4294967295]) },
  ),
  stored(
    "int32",
    [-7, 2147483647],
    { raw: bytes(249, 255, 255, 255, 255, 255, 255, 127) },
    { field: 5, content: packed([-7, 2147483647]) },
  ),
  stored("int16", [-2, 300], { raw: bytes(254, 255, 44, 1) }, { field: 5, content: packed([-2, 300]) }),
  stored("uint16", [65535, 1], { raw: bytes(255, 255, 1, 0) }, { field: 5, content: packed([65535, 1]) }),
  stored(
    "int8",
    [-128, 127, -1],
    { raw: bytes(128, 127, 255) },
    { field: 5, content: packed([-128, 127, -1]) },
  ),
  stored("uint8", [255, 0, 7], { raw: bytes(255, 0, 7) }, { field: 5, content: packed([255, 0, 7]) }),
  stored("bool", [1, 0, 1], { raw: bytes(1, 0, 1) }, { field: 5, content: packed([1, 0, 1]) }),
  // 1, -2, the largest, the smallest above zero.
  stored(
    "float16",
    [1, -2, 65504, 2 ** -24],
    { raw: bytes(0, 0x3c, 0, 0xc0, 0xff, 0x7b, 1, 0) },
    { field: 5, content: packed([0x3c00, 0xc000, 0x7bff, 1]) },
  ),
  stored(
    "bfloat16",
    [1, -2],
    { raw: bytes(0x80, 0x3f, 0, 0xc0) },
    { field: 5, content: packed([0x3f80, 0xc000]) },
  ),
  // Two to a byte, the first one in the low bits, the last byte half empty.
  stored("int4", [1, -1, -8], { raw: bytes(0xf1, 0x08) }, { field: 5, content: packed([0xf1, 0x08]) }),
  stored("uint4", [1, 15, 8], { raw: bytes(0xf1, 0x08) }, { field: 5, content: packed([0xf1, 0x08]) }),
].flat();

describe.each(cases)("$title", ({ spec, values }) => {
  test("is read as it was written", () => {
    const { tensor, reader } = readTensor(spec);
    expect(floatsOf(tensor, reader)).toEqual(values.map(Math.fround));
    expect(reader.small(tensor, 16)).toEqual(spec.type === "float32" ? values.map(Math.fround) : values);
  });

  test("onnxruntime reads the same", async () => {
    const session = await InferenceSession.create(
      onnxModel({
        graph: {
          inputs: [{ name: "unused", dims: [1] }],
          outputs: [{ name: "out", type: "float32", dims: [values.length] }],
          nodes: [{ op: "Cast", inputs: ["T"], outputs: ["out"], attributes: { to: { int: 1 } } }],
          initializers: [{ ...spec, name: "T" }],
        },
      }),
    );
    const { out } = await session.run({ unused: new Tensor("float32", [0], [1]) });
    expect([...(out!.data as Float32Array)]).toEqual(floatsOf(...pair(spec)));
    await session.release();
  });
});

describe("typed fields in unusual forms", () => {
  test("unpacked elements, one field for each", () => {
    const extra = concat(floatField(4, 1), floatField(4, 2), floatField(4, 3));
    expect(floatsOf(...pair({ type: "float32", dims: [3], extra }))).toEqual([1, 2, 3]);
    const ints = concat(numberField(5, -1), numberField(5, 5));
    expect(floatsOf(...pair({ type: "int8", dims: [2], extra: ints }))).toEqual([-1, 5]);
  });

  test("packed elements in several pieces", () => {
    const extra = concat(bytesField(4, floats([1, 2])), floatField(4, 3), bytesField(4, floats([4])));
    expect(floatsOf(...pair({ type: "float32", dims: [4], extra }))).toEqual([1, 2, 3, 4]);
  });

  test("more than one chunk of varints", () => {
    const values = Array.from({ length: 200_000 }, (_, index) => index - 100_000);
    const { tensor, reader } = readTensor({
      type: "int32",
      dims: [values.length],
      typed: { field: 5, content: packed(values) },
    });
    expect(floatsOf(tensor, reader)).toEqual(values);
  });

  test("a 64-bit integer keeps every bit", () => {
    const { tensor, reader } = readTensor({
      type: "int64",
      dims: [2],
      typed: { field: 7, content: packed([2n ** 63n - 1n, -(2n ** 63n)]) },
    });
    const raw = Buffer.concat(Array.from(reader.raw(tensor), (chunk) => chunk.slice()));
    expect([raw.readBigInt64LE(0), raw.readBigInt64LE(8)]).toEqual([2n ** 63n - 1n, -(2n ** 63n)]);
  });

  test("strings have no numbers, and say so", () => {
    const { tensor, reader } = readTensor({
      type: "string",
      dims: [2],
      extra: concat(bytesField(6, bytes(97)), bytesField(6, bytes(98))),
    });
    expect(reader.small(tensor, 16)).toBeUndefined();
    expect(caught(() => reader.floats(tensor, () => {})).code).toBe("unsupported");
  });

  test("no elements at all where some are needed", () => {
    const { tensor, reader, problems } = readTensor({ type: "float32", dims: [3] });
    expect(problems).toEqual(["malformed"]);
    expect(caught(() => floatsOf(tensor, reader)).code).toBe("truncated");
  });

  test("typed elements that end too early", () => {
    const { tensor, reader } = readTensor({
      type: "float32",
      dims: [3],
      typed: { field: 4, content: floats([1, 2]) },
    });
    expect(caught(() => floatsOf(tensor, reader)).code).toBe("truncated");
  });
});

test.each<[string, TensorSpec, boolean]>([
  ["raw_data", { type: "float32", dims: [3], raw: new Uint8Array(12) }, true],
  ["raw_data that is short", { type: "float32", dims: [2 ** 40], raw: new Uint8Array(12) }, false],
  [
    "varints of a byte each",
    { type: "int64", dims: [2], typed: { field: 7, content: packed([1, 2]) } },
    true,
  ],
  ["too few varints", { type: "int64", dims: [3], typed: { field: 7, content: packed([1, 2]) } }, false],
  ["packed int4", { type: "int4", dims: [4], typed: { field: 5, content: packed([1, 2]) } }, true],
  ["a negative dim", { type: "float32", dims: [-1, -4], raw: new Uint8Array(16) }, false],
  ["a product beyond all numbers", { type: "float32", dims: [2 ** 50, 2 ** 50] }, false],
])("whether the elements can be there, without reading them: %s", (_, spec, there) => {
  const { tensor, reader } = readTensor(spec);
  if (there) {
    reader.demandPresent(tensor);
  } else {
    expect(["truncated", "malformed"]).toContain(caught(() => reader.demandPresent(tensor)).code);
  }
});

describe("external data", () => {
  const shared = floats(Array.from({ length: 2048 }, (_, index) => index));
  const read = (external: TensorSpec["external"], dims: readonly number[] = [4]) => {
    const model = onnxModel({
      graph: { initializers: [{ name: "T", type: "float32", dims, ...(external && { external }) }] },
    });
    const source = memorySource(model);
    const reader = new TensorReader(source, memoryFiles({ "w.bin": shared }));
    return { tensor: readModel(source).graph.initializers.get("T")!, reader };
  };
  const values = (external: TensorSpec["external"]) => {
    const { tensor, reader } = read(external);
    return floatsOf(tensor, reader);
  };

  test("offset and length", () => {
    expect(values({ location: "w.bin", offset: 4096, length: 16 })).toEqual([1024, 1025, 1026, 1027]);
  });
  test("without offset", () => {
    expect(values({ location: "w.bin", length: 16 })).toEqual([0, 1, 2, 3]);
  });
  test("without length: as many as the shape needs", () => {
    expect(values({ location: "w.bin", offset: 8 })).toEqual([2, 3, 4, 5]);
  });
  test("a length beyond what the shape needs", () => {
    expect(values({ location: "w.bin", offset: 8, length: 4000 })).toEqual([2, 3, 4, 5]);
  });
  test("up to the last byte, and one further", () => {
    expect(values({ location: "w.bin", offset: shared.length - 16 })).toEqual([2044, 2045, 2046, 2047]);
    expect(caught(() => values({ location: "w.bin", offset: shared.length - 15 })).code).toBe("truncated");
  });
  test("a file that is not there", () => {
    expect(caught(() => values({ location: "other.bin" })).code).toBe("missing");
  });
  test.each(["-1", "1e99", "x", "0.5", "9007199254740993", "", "0x10", " 4"])(
    "the offset %j is nowhere",
    (offset) => {
      const source = memorySource(
        onnxModel({
          graph: {
            initializers: [
              { name: "T", type: "float32", dims: [1], external: { location: "w.bin", offset } },
            ],
          },
        }),
      );
      const model = readModel(source);
      expect(model.problems.map(({ code }) => code)).toEqual(["malformed"]);
      const reader = new TensorReader(source, memoryFiles({ "w.bin": shared }));
      expect(caught(() => floatsOf(model.graph.initializers.get("T")!, reader)).code).toBe("truncated");
    },
  );
});

function bytes(...values: readonly number[]): Uint8Array {
  return Uint8Array.from(values);
}

/** The tensor once in raw_data and once in its typed field. */
function stored(
  type: TypeName,
  values: readonly number[],
  raw: { readonly raw: Uint8Array },
  typed: NonNullable<TensorSpec["typed"]>,
): readonly Case[] {
  const head = { type, dims: [values.length] };
  return [
    { title: `${type} in raw_data`, spec: { ...head, ...raw }, values },
    { title: `${type} in field ${typed.field}`, spec: { ...head, typed }, values },
  ];
}

function readTensor(spec: TensorSpec) {
  const source = memorySource(onnxModel({ graph: { initializers: [{ ...spec, name: "T" }] } }));
  const model = readModel(source);
  return {
    tensor: model.graph.initializers.get("T")!,
    reader: new TensorReader(source, memoryFiles({})),
    problems: model.problems.map(({ code }) => code),
  };
}

function pair(spec: TensorSpec): [TensorRef, TensorReader] {
  const { tensor, reader } = readTensor(spec);
  return [tensor, reader];
}

function floatsOf(tensor: TensorRef, reader: TensorReader): number[] {
  const all: number[] = [];
  reader.floats(tensor, (chunk, first) => {
    expect(first).toBe(all.length);
    for (const value of chunk) {
      all.push(value);
    }
  });
  return all;
}
