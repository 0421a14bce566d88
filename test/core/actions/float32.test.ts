import type { Tensor } from "onnxruntime-node";
import { describe, expect, test } from "vitest";
import { convertFloat16 } from "../../../src/core/actions/convertFloat16";
import { convertFloat32 } from "../../../src/core/actions/convertFloat32";
import type { ModelAction, Params } from "../../../src/core/actions/types";
import { allGraphs } from "../../../src/core/edit/graphs";
import { decodeFloats } from "../../../src/core/tensor/decode";
import { toHalf } from "../../../src/core/tensor/half";
import { caught } from "../../support/caught";
import { FIXTURES } from "../../support/fixtures";
import { floatTensor, onnxModel } from "../../support/onnxBuilder";
import { feed, runInRuntime, sqnrDb } from "../../support/runtime";
import { fixtureFeeds } from "./fixtureFeeds";
import { openFixture, runChanged } from "./fixtureModels";
import { Opened } from "./opened";

function taken(opened: Opened, action: ModelAction, params: Params = {}): void {
  const { model, inference, reader, history } = opened;
  history.step(model, action.id, [], (apply) => apply(action.plan({ model, inference }, params, reader)));
}

const problems = (opened: Opened) => opened.inference.problems.map(({ message }) => message);

function floats(values: ArrayLike<number>): ArrayLike<number> {
  if (!(values instanceof Uint16Array)) {
    return values;
  }
  const decoded = new Float32Array(values.length);
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  decodeFloats("float16", bytes, values.length, decoded);
  return decoded;
}

/** Halves as float32, for a model that takes float32 in their place. */
const wide = (feeds: { readonly [name: string]: Tensor }) =>
  Object.fromEntries(
    Object.entries(feeds).map(([name, tensor]) => [
      name,
      tensor.type === "float16" ? feed(floats(tensor.data as never), tensor.dims) : tensor,
    ]),
  );

const halves = FIXTURES.filter((fixture) => {
  const { model, inference } = openFixture(fixture);
  return convertFloat32.answers({ model, inference }).length > 0;
});

test("some fixtures hold float16", () => {
  expect(halves.length).toBeGreaterThan(0);
});

describe.each(halves)("$name, of float16", (fixture) => {
  test.each([false, true])("becomes float32; its interface stays: %s", async (keepInterface) => {
    const opened = openFixture(fixture);
    const before = { bytes: opened.saved(), text: opened.text() };
    taken(opened, convertFloat32, { keepInterface });
    expect(problems(opened)).toEqual([]);
    for (const graph of allGraphs(opened.model)) {
      expect([...graph.initializers.values()].filter(({ dtype }) => dtype === "float16")).toEqual([]);
      expect([...graph.valueInfo.values()].filter(({ dtype }) => dtype === "float16")).toEqual([]);
    }
    const feeds = fixtureFeeds(fixture.name);
    const wanted = await runChanged(fixture, before.bytes, feeds);
    const got = await runChanged(fixture, opened.saved(), keepInterface ? feeds : wide(feeds));
    for (const [name, values] of Object.entries(wanted)) {
      if (!(values instanceof BigInt64Array)) {
        expect([name, sqnrDb(floats(values), floats(got[name]!))]).toSatisfy(([, quality]) => quality > 35);
      }
    }
    opened.history.undo();
    expect([Buffer.compare(opened.saved(), before.bytes), opened.text()]).toEqual([0, before.text]);
  });
});

describe.each(["vit", "resnet", "lstm", "bert-external", "swin"])("%s", (name) => {
  const fixture = FIXTURES.find((one) => one.name === name)!;
  test.each([false, true])("comes back from float16; the interface stayed: %s", async (keepInterface) => {
    const opened = openFixture(fixture);
    const before = opened.saved();
    const casts = () => opened.model.graph.nodes.filter(({ opType }) => opType === "Cast").length;
    const castsBefore = casts();
    const interfaceOf = () =>
      [...opened.model.graph.inputs, ...opened.model.graph.outputs].map(({ dtype }) => dtype);
    const types = interfaceOf();
    taken(opened, convertFloat16, { keepInterface });
    taken(opened, convertFloat32);
    expect(casts()).toBeLessThanOrEqual(castsBefore);
    expect(interfaceOf()).toEqual(types);
    expect(problems(opened)).toEqual([]);
    const feeds = fixtureFeeds(name);
    const wanted = await runChanged(fixture, before, feeds);
    const got = await runChanged(fixture, opened.saved(), feeds);
    for (const [output, values] of Object.entries(wanted)) {
      expect(sqnrDb(values, got[output]!)).toBeGreaterThan(35);
    }
    opened.history.undo();
    opened.history.undo();
    expect(Buffer.compare(opened.saved(), before)).toBe(0);
  });
});

test("values are exactly what they were, in weights and in attributes", async () => {
  const numbers = [1, -2.5, 65504, 2 ** -24];
  const raw = new Uint8Array(Uint16Array.from(numbers, toHalf).buffer);
  const bytes = onnxModel({
    graph: {
      inputs: [{ name: "x", dims: [4], type: "float16" }],
      outputs: [
        { name: "weight", dims: [4], type: "float32" },
        { name: "constant", dims: [4], type: "float16" },
        { name: "zeros", dims: [4], type: "float16" },
        { name: "brain", dims: [1], type: "float32" },
        { name: "sum", dims: [4], type: "float16" },
      ],
      initializers: [
        { name: "w", type: "float16", dims: [4], raw },
        { name: "b", type: "bfloat16", dims: [1], raw: new Uint8Array([0xc0, 0x3f]) },
        { name: "s", type: "int64", dims: [1], raw: new Uint8Array([4, 0, 0, 0, 0, 0, 0, 0]) },
      ],
      nodes: [
        { op: "Cast", inputs: ["w"], outputs: ["weight"], attributes: { to: { int: 1 } } },
        { op: "Cast", inputs: ["b"], outputs: ["brain"], attributes: { to: { int: 1 } } },
        {
          op: "Constant",
          outputs: ["constant"],
          attributes: { value: { tensor: { type: "float16", dims: [4], raw } } },
        },
        {
          op: "ConstantOfShape",
          inputs: ["s"],
          outputs: ["zeros"],
          attributes: { value: { tensor: { type: "float16", dims: [1], raw: raw.slice(2, 4) } } },
        },
        { op: "Sum", inputs: ["x", "constant", "zeros"], outputs: ["sum"] },
      ],
    },
  });
  const opened = Opened.of(bytes);
  taken(opened, convertFloat32);
  const saved = opened.saved();
  const got = await runInRuntime(saved, { x: feed([0, 0, 0, 0], [4]) });
  expect(Array.from(got["weight"]!)).toEqual(numbers.map(Math.fround));
  expect(Array.from(got["brain"]!)).toEqual([1.5]);
  expect(Array.from(got["constant"]!)).toEqual(numbers.map(Math.fround));
  expect(Array.from(got["zeros"]!)).toEqual([-2.5, -2.5, -2.5, -2.5]);
  opened.history.undo();
  expect(Buffer.compare(opened.saved(), bytes)).toBe(0);
});

test("a model without such types is refused", () => {
  const opened = Opened.of(
    onnxModel({
      graph: {
        inputs: [{ name: "x", dims: [1] }],
        outputs: [{ name: "y", dims: [1] }],
        initializers: [floatTensor("w", [1], [2])],
        nodes: [{ op: "Add", inputs: ["x", "w"], outputs: ["y"] }],
      },
    }),
  );
  const { model, inference, reader } = opened;
  expect(convertFloat32.answers({ model, inference })).toEqual([]);
  const { message } = caught(() => convertFloat32.plan({ model, inference }, {}, reader));
  expect(message).toMatch(/Nothing in the model is float16/);
});
