import { describe, expect, test } from "vitest";
import { changeOpset } from "../../../src/core/actions/changeOpset";
import { NEWEST_OPSET } from "../../../src/core/model/opset";
import { caught } from "../../support/caught";
import { FIXTURES } from "../../support/fixtures";
import {
  type AttributeSpec,
  floatTensor,
  int64Tensor,
  type ModelSpec,
  onnxModel,
  type TensorSpec,
} from "../../support/onnxBuilder";
import { feed, runInRuntime } from "../../support/runtime";
import { fixtureFeeds } from "./fixtureFeeds";
import { openFixture, runChanged } from "./fixtureModels";
import { Opened } from "./opened";

function changed(opened: Opened, version: number): void {
  const { model, inference, reader, history } = opened;
  history.step(model, "opset", [], (apply) =>
    apply(changeOpset.plan({ model, inference }, { version }, reader)),
  );
}

const refusal = (opened: Opened, version: number): string => {
  const { model, inference, reader } = opened;
  return caught(() => changeOpset.plan({ model, inference }, { version }, reader)).message;
};

const opsetOf = ({ model }: Opened) => model.opsets.get("") ?? 0;

const ALL = FIXTURES.map((fixture) => ({ ...fixture, opset: opsetOf(openFixture(fixture)) }));

describe.each([17, 21, 23, NEWEST_OPSET])("raised to %i", (version) => {
  // Every model goes to 21; the others share the models among them.
  const older = ALL.filter(
    ({ opset }, at) => opset < version && (version === 21 || opset < 17 || at % 4 === 0),
  );
  test.each(older)("$name of opset $opset gives equal outputs", async (fixture) => {
    const opened = openFixture(fixture);
    if (opened.model.functions.length > 0) {
      expect(refusal(opened, version)).toMatch(/operator set of its own/);
      return;
    }
    const before = { bytes: opened.saved(), text: opened.text() };
    const problems = opened.inference.problems.map(({ message }) => message);
    changed(opened, version);
    expect(opened.inference.problems.map(({ message }) => message)).toEqual(problems);
    const feeds = fixtureFeeds(fixture.name);
    const [wanted, got] = await Promise.all(
      [before.bytes, opened.saved()].map((bytes) => runChanged(fixture, bytes, feeds)),
    );
    expect(got).toEqual(wanted);
    opened.history.undo();
    expect([Buffer.compare(opened.saved(), before.bytes), opened.text()]).toEqual([0, before.text]);
  });
});

interface Case {
  readonly op: string;
  readonly opset: number;
  readonly shape: readonly number[];
  readonly attributes?: { readonly [name: string]: AttributeSpec };
  readonly constants?: readonly TensorSpec[];
  /** Named where it is not the first output that counts, or has another type. */
  readonly outputs?: readonly string[];
  readonly rank: number;
  readonly title: string;
}

const ints = (...values: readonly number[]) => ({ ints: values });
const REDUCTIONS = [
  "ReduceL1",
  "ReduceL2",
  "ReduceLogSum",
  "ReduceLogSumExp",
  "ReduceMax",
  "ReduceMean",
  "ReduceMin",
  "ReduceProd",
  "ReduceSum",
  "ReduceSumSquare",
];

const CASES: readonly Case[] = [
  ...REDUCTIONS.flatMap((op): Case[] => [
    { title: op, op, opset: 11, shape: [2, 3, 4], attributes: { axes: ints(1) }, rank: 3 },
    { title: `${op} of all`, op, opset: 7, shape: [2, 3], rank: 2, attributes: { keepdims: { int: 1 } } },
  ]),
  { title: "Squeeze", op: "Squeeze", opset: 9, shape: [2, 1, 3], attributes: { axes: ints(1) }, rank: 2 },
  { title: "Squeeze of all ones", op: "Squeeze", opset: 9, shape: [1, 2, 1], rank: 1 },
  {
    title: "Unsqueeze",
    op: "Unsqueeze",
    opset: 11,
    shape: [2, 3],
    attributes: { axes: ints(0, 2) },
    rank: 4,
  },
  ...["Softmax", "LogSoftmax", "Hardmax"].flatMap((op): Case[] => [
    { title: `${op} by default`, op, opset: 9, shape: [2, 3, 4], rank: 3 },
    {
      title: `${op} of the last axis`,
      op,
      opset: 11,
      shape: [2, 3, 4],
      attributes: { axis: { int: -1 } },
      rank: 3,
    },
    { title: `${op} of ones`, op, opset: 11, shape: [2, 3, 1], attributes: { axis: { int: 1 } }, rank: 3 },
    { title: `${op} of everything`, op, opset: 7, shape: [2, 3], attributes: { axis: { int: 0 } }, rank: 2 },
  ]),
  {
    title: "Split in given parts",
    op: "Split",
    opset: 11,
    shape: [4, 3],
    attributes: { split: ints(1, 3), axis: { int: 0 } },
    outputs: ["y", "z"],
    rank: 2,
  },
  { title: "Split in equal parts", op: "Split", opset: 7, shape: [4, 3], outputs: ["y", "z"], rank: 2 },
  {
    title: "Clip",
    op: "Clip",
    opset: 7,
    shape: [2, 3],
    attributes: { min: { float: -0.5 }, max: { float: 0.5 } },
    rank: 2,
  },
  {
    title: "Clip from above",
    op: "Clip",
    opset: 10,
    shape: [2, 3],
    attributes: { max: { float: 0.1 } },
    rank: 2,
  },
  {
    title: "Dropout",
    op: "Dropout",
    opset: 7,
    shape: [2, 3],
    attributes: { ratio: { float: 0.3 } },
    rank: 2,
  },
  {
    title: "Pad",
    op: "Pad",
    opset: 9,
    shape: [2, 3],
    attributes: { pads: ints(1, 0, 0, 2), value: { float: 1.5 } },
    rank: 2,
  },
  {
    title: "Pad by reflection",
    op: "Pad",
    opset: 7,
    shape: [2, 3],
    attributes: { pads: ints(1, 0, 0, 2), mode: { string: "reflect" } },
    rank: 2,
  },
  {
    title: "Slice",
    op: "Slice",
    opset: 9,
    shape: [4, 5],
    attributes: { starts: ints(1, -3), ends: ints(3, 1000), axes: ints(0, 1) },
    rank: 2,
  },
  {
    title: "Slice of the first axes",
    op: "Slice",
    opset: 7,
    shape: [4, 5],
    attributes: { starts: ints(1), ends: ints(-1) },
    rank: 2,
  },
  {
    title: "TopK",
    op: "TopK",
    opset: 9,
    shape: [2, 6],
    attributes: { k: { int: 2 } },
    outputs: ["y", "?"],
    rank: 2,
  },
  ...["nearest", "linear"].flatMap((mode): Case[] => [
    {
      title: `Upsample with an attribute, ${mode}`,
      op: "Upsample",
      opset: 7,
      shape: [1, 2, 3, 3],
      attributes: { scales: { floats: [1, 1, 2, 3] }, mode: { string: mode } },
      rank: 4,
    },
    {
      title: `Upsample, ${mode}`,
      op: "Upsample",
      opset: 9,
      shape: [1, 2, 3, 3],
      attributes: { mode: { string: mode } },
      constants: [floatTensor("scales", [4], [1, 1, 2.5, 2])],
      rank: 4,
    },
    {
      title: `Resize, ${mode}`,
      op: "Resize",
      opset: 10,
      shape: [1, 2, 3, 3],
      attributes: { mode: { string: mode } },
      constants: [floatTensor("scales", [4], [1, 1, 2, 1.5])],
      rank: 4,
    },
  ]),
  {
    title: "BatchNormalization",
    op: "BatchNormalization",
    opset: 7,
    shape: [2, 3, 2],
    attributes: { spatial: { int: 1 } },
    constants: ["scale", "bias", "mean", "var"].map((name) => floatTensor(name, [3], [1.5, 0.5, 2])),
    rank: 3,
  },
  {
    title: "Scatter",
    op: "Scatter",
    opset: 9,
    shape: [2, 3],
    constants: [int64Tensor("at", [1, 2], [0, 1]), floatTensor("new", [1, 2], [8, 9])],
    rank: 2,
  },
  ...["bilinear", "bicubic", undefined].map(
    (mode): Case => ({
      title: `GridSample, ${mode}`,
      op: "GridSample",
      opset: 16,
      shape: [1, 1, 4, 4],
      ...(mode === undefined ? {} : { attributes: { mode: { string: mode } } }),
      constants: [floatTensor("grid", [1, 2, 2, 2], [-0.9, 0.1, 0.4, 0.5, 0.9, -0.3, 0, 0.7])],
      rank: 4,
    }),
  ),
  {
    title: "RoiAlign",
    op: "RoiAlign",
    opset: 10,
    shape: [1, 1, 6, 6],
    attributes: { output_height: { int: 2 }, output_width: { int: 2 } },
    constants: [floatTensor("rois", [1, 4], [0.5, 1, 4, 4.5]), int64Tensor("batch", [1], [0])],
    rank: 4,
  },
  {
    title: "DFT",
    op: "DFT",
    opset: 17,
    shape: [1, 4, 3, 1],
    attributes: { axis: { int: 1 } },
    rank: 4,
  },
];

function modelOf({
  op,
  opset,
  shape,
  attributes = {},
  constants = [],
  outputs = ["y"],
  rank,
}: Case): ModelSpec {
  const names = outputs.map((name) => (name === "?" ? "" : name));
  const free = Array.from({ length: rank }, () => null);
  return {
    ir: opset < 9 ? 3 : 7,
    opsets: { "": opset },
    graph: {
      inputs: [
        { name: "x", dims: shape },
        ...constants.map(({ name = "", type, dims }) => ({ name, type, dims })),
      ],
      outputs: names.filter((name) => name !== "").map((name) => ({ name, dims: free })),
      initializers: constants,
      nodes: [
        {
          op,
          name: "node",
          inputs: ["x", ...constants.map(({ name = "" }) => name)],
          outputs: op === "TopK" ? ["y", "unused"] : names,
          attributes,
        },
      ],
    },
  };
}

describe.each(CASES)("$title of opset $opset", (one) => {
  const bytes = onnxModel(modelOf(one));
  const count = one.shape.reduce((product, size) => product * size, 1);
  const feeds = {
    x: feed(
      Array.from({ length: count }, (_, index) => Math.sin(3 * index + 1)),
      one.shape,
    ),
  };
  const newest = one.op === "RoiAlign" ? 21 : NEWEST_OPSET;
  const versions = [11, 13, 18, newest].filter((version) => version > one.opset);
  test.each(versions)("gives the same at %i", async (version) => {
    const opened = Opened.of(bytes);
    changed(opened, version);
    expect(await runInRuntime(opened.saved(), feeds)).toEqual(await runInRuntime(bytes, feeds));
    opened.history.undo();
    expect(Buffer.compare(opened.saved(), bytes)).toBe(0);
  });
});

const ABOVE = onnxModel({
  opsets: { "": NEWEST_OPSET + 1 },
  graph: {
    inputs: [{ name: "x", dims: [2] }],
    outputs: [{ name: "y", dims: [2] }],
    nodes: [{ op: "Abs", inputs: ["x"], outputs: ["y"] }],
  },
});

describe("lowered", () => {
  const relu = (opset: number, type: "float32" | "bfloat16" = "float32", attributes = {}) =>
    Opened.of(
      onnxModel({
        opsets: { "": opset },
        graph: {
          inputs: [{ name: "x", dims: [2, 3], type }],
          outputs: [{ name: "y", dims: [6], type }],
          initializers: [int64Tensor("flat", [1], [-1])],
          nodes: [
            { op: "Reshape", inputs: ["x", "flat"], outputs: ["f"], attributes },
            { op: "Relu", inputs: ["f"], outputs: ["y"] },
          ],
        },
      }),
    );

  test("where nothing that is used came later", async () => {
    const opened = relu(21);
    const feeds = { x: feed([-1, 2, -3, 4, -5, 6], [2, 3]) };
    const wanted = await runInRuntime(opened.saved(), feeds);
    changed(opened, 9);
    expect(opened.model.opsets.get("")).toBe(9);
    expect(await runInRuntime(opened.saved(), feeds)).toEqual(wanted);
  });

  test("not with attributes, types and operators that came later", () => {
    expect(refusal(relu(21, "float32", { allowzero: { int: 0 } }), 13)).toMatch(
      /No rule leads from 21 to 13 for Reshape \(it has allowzero that came with 14\)/,
    );
    expect(refusal(relu(21, "bfloat16"), 12)).toMatch(/Reshape \(a type .* 13\); Relu \(a type .* 13\)/);
    const vit = openFixture(FIXTURES.find(({ name }) => name === "vit")!);
    expect(refusal(vit, 12)).toMatch(/LayerNormalization \(it came later\)/);
  });
});

describe("it is refused", () => {
  const one = CASES.find(({ op }) => op === "Clip")!;
  const clip = () => Opened.of(onnxModel(modelOf(one)));

  test("to a version that there is not, or that is there", () => {
    expect(refusal(clip(), 7)).toMatch(/imports 7 already/);
    expect(refusal(clip(), NEWEST_OPSET + 1)).toMatch(/Say which version/);
    expect(refusal(clip(), 0.5)).toMatch(/Say which version/);
  });

  test("with the names of operators that no rule is known for", () => {
    const nodes = modelOf(one).graph.nodes!.map((node) => ({ ...node, op: "Mystery" }));
    const spec = modelOf(one);
    const opened = Opened.of(onnxModel({ ...spec, graph: { ...spec.graph, nodes } }));
    expect(refusal(opened, 21)).toMatch(/No rule leads from 7 to 21 for Mystery \(it is not known\)/);
  });

  test("above what onnxruntime runs, which is this and no more", async () => {
    await expect(runInRuntime(ABOVE, { x: feed([1, 2], [2]) })).rejects.toThrow(/opset/i);
  });
});
