import { Tensor } from "onnxruntime-node";
import { describe, expect, test } from "vitest";
import { makeDynamic } from "../../../src/core/actions/makeDynamic";
import { removeUnused } from "../../../src/core/actions/removeUnused";
import type { Params } from "../../../src/core/actions/types";
import { caught } from "../../support/caught";
import { FIXTURES } from "../../support/fixtures";
import { floatTensor, int64Tensor, type ModelSpec, onnxModel } from "../../support/onnxBuilder";
import { feed, runInRuntime } from "../../support/runtime";
import { fixtureFeeds } from "./fixtureFeeds";
import { openFixture, runChanged } from "./fixtureModels";
import { Opened } from "./opened";

function taken(opened: Opened, params: Params): void {
  const { model, inference, reader, history } = opened;
  history.step(model, "open", [], (apply) => apply(makeDynamic.plan({ model, inference }, params, reader)));
}

function reason(spec: ModelSpec, params: Params = {}): string {
  const opened = Opened.of(onnxModel(spec));
  const { model, inference, reader } = opened;
  const before = { bytes: opened.saved(), text: opened.text() };
  const { message } = caught(() => makeDynamic.plan({ model, inference }, params, reader));
  expect([Buffer.compare(opened.saved(), before.bytes), opened.text()]).toEqual([0, before.text]);
  return message;
}

const BERT = FIXTURES.find(({ name }) => name === "bert-fixed")!;

/** Items one after the other along the first axis. */
function stacked(items: readonly Tensor[]): Tensor {
  const [first] = items;
  const data = items.flatMap(({ data: values }) => [...(values as BigInt64Array)]);
  return new Tensor("int64", BigInt64Array.from(data), [
    items.length * first!.dims[0]!,
    ...first!.dims.slice(1),
  ]);
}

describe("a model that was exported for a batch of two", () => {
  test("runs at two with equal outputs, and at six with those of each", async () => {
    const opened = openFixture(BERT);
    const before = { bytes: opened.saved(), text: opened.text() };
    taken(opened, {});
    expect(opened.inference.problems.map(({ message }) => message)).toEqual([]);
    const { graph } = opened.model;
    expect([...graph.inputs, ...graph.outputs].map(({ dims }) => dims![0])).toEqual(
      [...graph.inputs, ...graph.outputs].map(() => "batch"),
    );
    const feeds = fixtureFeeds(BERT.name);
    const wanted = await runChanged(BERT, before.bytes, feeds);
    expect(await runChanged(BERT, opened.saved(), feeds)).toEqual(wanted);

    const thrice = Object.fromEntries(
      Object.entries(feeds).map(([name, tensor]) => [name, stacked([tensor, tensor, tensor])]),
    );
    const got = await runChanged(BERT, opened.saved(), thrice);
    for (const [name, values] of Object.entries(wanted)) {
      const once = Array.from(values);
      const all = Array.from(got[name]!);
      expect(all.length).toBe(3 * once.length);
      for (const [index, value] of all.entries()) {
        expect(value).toBeCloseTo(once[index % once.length]!, 5);
      }
    }
    opened.history.undo();
    expect([Buffer.compare(opened.saved(), before.bytes), opened.text()]).toEqual([0, before.text]);
  });
});

test("a length of 16 becomes any, with positions that go on counting", async () => {
  const opened = openFixture(BERT);
  const before = opened.saved();
  taken(opened, { axis: 1, name: "sequence" });
  const after = opened.saved();
  const feeds = fixtureFeeds(BERT.name);
  const cut = (values: ArrayLike<bigint>, length: number) =>
    new Tensor(
      "int64",
      BigInt64Array.from([0, 1].flatMap((row) => Array.from(values).slice(16 * row, 16 * row + length))),
      [2, length],
    );
  // Of sixteen tokens the last eight are masked: the others cannot tell whether they are there.
  const half = (index: number) => BigInt(index % 16 < 8 ? 1 : 0);
  const mask = new Tensor(
    "int64",
    BigInt64Array.from({ length: 32 }, (_, index) => half(index)),
    [2, 16],
  );
  const long = await runChanged(BERT, before, { ...feeds, attention_mask: mask });
  const short = await runChanged(
    BERT,
    after,
    Object.fromEntries(
      Object.entries({ ...feeds, attention_mask: mask }).map(([name, { data }]) => [
        name,
        cut(data as BigInt64Array, 8),
      ]),
    ),
  );
  const [name] = Object.keys(long);
  const width = long[name!]!.length / 32;
  const wanted = [0, 1].flatMap((row) =>
    Array.from(long[name!]!).slice(16 * row * width, (16 * row + 8) * width),
  );
  expect(short[name!]!.length).toBe(wanted.length);
  for (const [index, value] of Array.from(short[name!]!).entries()) {
    expect(value).toBeCloseTo(wanted[index]!, 5);
  }
});

/** Runs each item alone in the model as it was, and all together in the open one. */
async function sameForEach(spec: ModelSpec, item: readonly number[], params: Params = {}): Promise<Opened> {
  const bytes = onnxModel(spec);
  const opened = Opened.of(bytes);
  taken(opened, params);
  expect(opened.inference.problems.map(({ message }) => message)).toEqual([]);
  const { model, inference } = opened;
  expect(removeUnused.answers({ model, inference })).toEqual([]);
  const count = item.reduce((product, size) => product * size, 1);
  const items = [1, 2, 3].map((seed) =>
    Array.from({ length: count }, (_, index) => Math.sin(seed * (index + 1))),
  );
  const each = await Promise.all(items.map((values) => runInRuntime(bytes, { x: feed(values, item) })));
  const together = await runInRuntime(opened.saved(), {
    x: feed(items.flat(), [3 * item[0]!, ...item.slice(1)]),
  });
  const one = await runInRuntime(opened.saved(), { x: feed(items[0]!, item) });
  expect(one).toEqual(each[0]);
  for (const [name, values] of Object.entries(together)) {
    expect(Array.from(values)).toEqual(each.flatMap((outputs) => Array.from(outputs[name]!)));
  }
  opened.history.undo();
  expect(Buffer.compare(opened.saved(), bytes)).toBe(0);
  opened.history.redo();
  return opened;
}

const inputs = [{ name: "x", dims: [1, 2, 6] }];
const shape = (name: string, ...sizes: readonly number[]) => int64Tensor(name, [sizes.length], sizes);
const operators = ({ model }: Opened) => model.graph.nodes.map(({ opType }) => opType);

describe("what holds a batch of one", () => {
  test("a Reshape that splits an axis copies the batch", async () => {
    const opened = await sameForEach(
      {
        graph: {
          inputs,
          outputs: [{ name: "y", dims: [1, 3, 2, 2] }],
          initializers: [shape("s", 1, 2, 3, 2)],
          values: [{ name: "r", dims: [1, 2, 3, 2] }],
          nodes: [
            { op: "Reshape", inputs: ["x", "s"], outputs: ["r"] },
            {
              op: "Transpose",
              inputs: ["r"],
              outputs: ["y"],
              attributes: { perm: { ints: [0, 2, 1, 3] } },
            },
          ],
        },
      },
      [1, 2, 6],
    );
    expect(operators(opened)).toEqual(["Reshape", "Transpose"]);
    expect(opened.model.graph.valueInfo.get("r")?.dims).toEqual(["batch", 2, 3, 2]);
    expect(opened.model.graph.outputs[0]?.dims).toEqual(["batch", 3, 2, 2]);
  });

  test("a Reshape that merges it with another axis, and back", async () => {
    await sameForEach(
      {
        graph: {
          inputs,
          outputs: [{ name: "y", dims: [1, 2, 6] }],
          initializers: [shape("flat", 2, 6), shape("back", 1, 2, 6)],
          nodes: [
            { op: "Reshape", inputs: ["x", "flat"], outputs: ["f"] },
            { op: "Exp", inputs: ["f"], outputs: ["e"] },
            { op: "Reshape", inputs: ["e", "back"], outputs: ["y"] },
          ],
        },
      },
      [1, 2, 6],
    );
  });

  test("a class token is repeated", async () => {
    const opened = await sameForEach(
      {
        graph: {
          inputs,
          outputs: [{ name: "y", dims: [1, 3, 6] }],
          initializers: [floatTensor("token", [1, 1, 6], [1, 2, 3, 4, 5, 6])],
          nodes: [{ op: "Concat", inputs: ["token", "x"], outputs: ["y"], attributes: { axis: { int: 1 } } }],
        },
      },
      [1, 2, 6],
    );
    expect(operators(opened)).toEqual(["Shape", "Gather", "Concat", "Expand", "Concat"]);
  });

  test("the states that a recurrent layer starts with are repeated", async () => {
    const fill = (length: number) => Array.from({ length }, (_, index) => Math.cos(index));
    await sameForEach(
      {
        graph: {
          inputs,
          outputs: [{ name: "y", dims: [1, 3] }],
          initializers: [
            floatTensor("w", [1, 9, 6], fill(54)),
            floatTensor("r", [1, 9, 3], fill(27)),
            floatTensor("h", [1, 1, 3], fill(3)),
            int64Tensor("zero", [1], [0]),
          ],
          nodes: [
            { op: "Transpose", inputs: ["x"], outputs: ["t"], attributes: { perm: { ints: [1, 0, 2] } } },
            {
              op: "GRU",
              inputs: ["t", "w", "r", "", "", "h"],
              outputs: ["", "last"],
              attributes: { hidden_size: { int: 3 } },
            },
            { op: "Squeeze", inputs: ["last", "zero"], outputs: ["y"] },
          ],
        },
      },
      [1, 2, 6],
    );
  });
});

describe("a batch of two", () => {
  test("is put into Expand, Tile and Reshape", async () => {
    await sameForEach(
      {
        graph: {
          inputs: [{ name: "x", dims: [2, 4, 6] }],
          outputs: [{ name: "y", dims: [8, 3, 6] }],
          initializers: [
            floatTensor("token", [1, 1, 1, 6], [1, 2, 3, 4, 5, 6]),
            shape("wide", 2, 4, 1, 6),
            shape("times", 2, 4, 1, 1),
            shape("flat", 8, 3, 6),
          ],
          nodes: [
            { op: "Expand", inputs: ["token", "wide"], outputs: ["expanded"] },
            { op: "Tile", inputs: ["token", "times"], outputs: ["tiled"] },
            { op: "Reshape", inputs: ["x", "wide"], outputs: ["rows"] },
            {
              op: "Concat",
              inputs: ["expanded", "rows", "tiled"],
              outputs: ["joined"],
              attributes: { axis: { int: 2 } },
            },
            { op: "Reshape", inputs: ["joined", "flat"], outputs: ["y"] },
          ],
        },
      },
      [2, 4, 6],
    );
  });
});

describe("a constant with an item for each of the batch", () => {
  const token = (second: number): ModelSpec => ({
    graph: {
      inputs: [{ name: "x", dims: [2, 4, 2] }],
      outputs: [{ name: "y", dims: [2, 5, 2] }],
      initializers: [
        floatTensor("token", [2, 1, 2], [1, 2, 1, second]),
        floatTensor("scale", [2, 1, 2], [3, 4, 3, 4]),
      ],
      nodes: [
        { op: "Mul", name: "product", inputs: ["x", "scale"], outputs: ["p"] },
        {
          op: "Concat",
          name: "joined",
          inputs: ["token", "p"],
          outputs: ["y"],
          attributes: { axis: { int: 1 } },
        },
      ],
    },
  });

  test("is laid out for any number where all are alike", async () => {
    await sameForEach(token(2), [2, 4, 2]);
  });

  test("stands against it where they differ", () => {
    expect(reason(token(5))).toMatch(/at joined, with 4 in place of 2/);
  });
});

describe("it is refused, with the node,", () => {
  test("where an item is picked", () => {
    const spec: ModelSpec = {
      graph: {
        inputs,
        outputs: [{ name: "y", dims: [2, 6] }],
        initializers: [int64Tensor("zero", [], [0])],
        nodes: [{ op: "Gather", name: "first", inputs: ["x", "zero"], outputs: ["y"] }],
      },
    };
    expect(reason(spec)).toMatch(/at first, fixed positions are taken/);
  });

  test("where items would meet in one product", () => {
    const spec: ModelSpec = {
      graph: {
        inputs,
        outputs: [{ name: "y", dims: [2, 2] }],
        initializers: [shape("flat", 2, 6)],
        nodes: [
          { op: "Reshape", name: "flat", inputs: ["x", "flat"], outputs: ["f"] },
          { op: "Transpose", inputs: ["f"], outputs: ["t"] },
          { op: "MatMul", inputs: ["f", "t"], outputs: ["y"] },
        ],
      },
    };
    expect(reason(spec)).toMatch(/at flat, the items become one/);
  });

  test("where a weight has the size", () => {
    const spec: ModelSpec = {
      graph: {
        inputs: [{ name: "x", dims: [2, 3] }],
        outputs: [{ name: "y", dims: [2, 3] }],
        initializers: [floatTensor("w", [2, 3], [1, 2, 3, 4, 5, 6])],
        nodes: [{ op: "Add", name: "sum", inputs: ["x", "w"], outputs: ["y"] }],
      },
    };
    expect(reason(spec)).toMatch(/at sum, with 4 in place of 2/);
  });

  test("where there is nothing to open", () => {
    const open: ModelSpec = {
      graph: {
        inputs: [{ name: "x", dims: ["n", 3] }],
        outputs: [{ name: "y", dims: ["n", 3] }],
        nodes: [{ op: "Exp", inputs: ["x"], outputs: ["y"] }],
      },
    };
    expect(reason(open)).toMatch(/No input has a fixed size on axis 0/);
    expect(reason(open, { inputs: "x" })).toMatch(/Axis 0 of x has no fixed size/);
    expect(reason(open, { inputs: "z" })).toMatch(/no input named z/);
    expect(reason(open, { axis: 1, name: "n" })).toMatch(/named n already/);
    expect(reason(open, { axis: 1, name: "a b" })).toMatch(/no name for a dim/);
    expect(reason(open, { axis: "one" })).toMatch(/no axis/);
  });
});
