import { Tensor } from "onnxruntime-node";
import { describe, expect, test } from "vitest";
import { convertFloat16 } from "../../../src/core/actions/convertFloat16";
import { decodeFloats } from "../../../src/core/tensor/decode";
import { toHalf } from "../../../src/core/tensor/half";
import { FIXTURES } from "../../support/fixtures";
import { floatTensor, onnxModel } from "../../support/onnxBuilder";
import { sqnrDb } from "../../support/runtime";
import { fixtureFeeds } from "./fixtureFeeds";
import { openFixture, runChanged } from "./fixtureModels";
import { Opened } from "./opened";

const withWeights = FIXTURES.filter((fixture) => {
  const { model, inference } = openFixture(fixture);
  return convertFloat16.answers({ model, inference }).some(({ kind }) => kind === "offer");
});

test("most fixtures have float32 weights", () => {
  expect(withWeights.length).toBeGreaterThan(50);
});

describe.each(withWeights)("$name", (fixture) => {
  test("in float16 it loads, its outputs stay near, and undo gives every byte back", async () => {
    const opened = openFixture(fixture);
    const { model, inference, reader, history } = opened;
    const before = opened.saved();
    const [answer] = convertFloat16.answers({ model, inference });
    const offer = answer?.kind === "offer" ? answer.offer : undefined;
    history.step(model, "half", [], (apply) =>
      apply(convertFloat16.plan({ model, inference }, offer!.call.params, reader)),
    );
    expect(opened.inference.problems.map(({ message }) => message)).toEqual([]);
    const after = opened.saved();
    const feeds = fixtureFeeds(fixture.name);
    const wanted = await runChanged(fixture, before, feeds);
    const got = await runChanged(fixture, after, feeds);
    for (const [name, exact] of Object.entries(wanted)) {
      if (exact instanceof Float32Array && exact.some((value) => value !== 0)) {
        expect([name, sqnrDb(exact, got[name]!)]).toSatisfy(([, quality]) => quality > 35);
      }
    }
    history.undo();
    expect(Buffer.compare(opened.saved(), before)).toBe(0);
  });
});

const VIT = FIXTURES.find(({ name }) => name === "vit")!;

test("inputs and outputs become float16 where that is chosen", async () => {
  const opened = openFixture(VIT);
  const { model, inference, reader, history } = opened;
  const feeds = fixtureFeeds("vit");
  const wanted = await runChanged(VIT, opened.saved(), feeds);
  history.step(model, "half", [], (apply) =>
    apply(convertFloat16.plan({ model, inference }, { keepInterface: false }, reader)),
  );
  expect([...model.graph.inputs, ...model.graph.outputs].map(({ dtype }) => dtype)).toEqual([
    "float16",
    "float16",
  ]);
  const halves = Object.fromEntries(
    Object.entries(feeds).map(([name, { data, dims }]) => {
      const codes = Uint16Array.from(data as Float32Array, toHalf);
      return [name, new Tensor("float16", codes, dims)];
    }),
  );
  const got = await runChanged(VIT, opened.saved(), halves);
  for (const [name, exact] of Object.entries(wanted)) {
    const codes = got[name] as Uint16Array;
    const values = new Float32Array(codes.length);
    decodeFloats(
      "float16",
      new Uint8Array(codes.buffer, codes.byteOffset, codes.byteLength),
      codes.length,
      values,
    );
    expect(sqnrDb(exact, values)).toBeGreaterThan(35);
  }
});

test("what is kept stays as it is", () => {
  const opened = openFixture(VIT);
  const { model, inference, reader, history } = opened;
  history.step(model, "half", [], (apply) =>
    apply(convertFloat16.plan({ model, inference }, { keep: "MatMul, Gemm" }, reader)),
  );
  const types = (op: string) => {
    const { inference: after } = opened;
    return model.graph.nodes
      .filter((node) => node.opType === op)
      .flatMap((node) => node.inputs.map((input) => after.fact(model.graph, input).dtype));
  };
  expect(new Set([...types("MatMul"), ...types("Gemm")])).toEqual(new Set(["float32"]));
  expect(new Set(types("Conv"))).toEqual(new Set(["float16"]));
});

test("a mask beyond float16 becomes its largest number, and the preview says so", () => {
  const opened = Opened.of(
    onnxModel({
      graph: {
        inputs: [{ name: "x", dims: [2] }],
        outputs: [{ name: "y" }],
        initializers: [floatTensor("mask", [2], [-3.4e38, 0.1])],
        nodes: [{ op: "Add", name: "add", inputs: ["x", "mask"], outputs: ["y"] }],
      },
    }),
  );
  const { model, inference, reader } = opened;
  const preview = convertFloat16.preview!({ model, inference }, {}, reader);
  expect(preview).toMatchObject({ weightBytesBefore: 8, weightBytesAfter: 4 });
  expect(preview.notes.join(" ")).toMatch(/1 value beyond 65504/);
  opened.history.step(model, "half", [], (apply) =>
    apply(convertFloat16.plan({ model, inference }, {}, reader)),
  );
  const values: number[] = [];
  reader.floats(model.graph.initializers.get("mask")!, (chunk) => values.push(...chunk));
  expect(values).toEqual([-65504, 0.0999755859375]);
});
