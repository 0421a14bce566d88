import { describe, expect, test } from "vitest";
import { ACTIONS, actionNamed } from "../../../src/core/actions/index";
import { quantizeWeights } from "../../../src/core/actions/quantizeWeights";
import { allGraphs } from "../../../src/core/edit/graphs";
import type { ByteSource } from "../../../src/core/wire/source";
import { caught } from "../../support/caught";
import {
  floatTensor,
  type GraphSpec,
  type ModelSpec,
  type NodeSpec,
  onnxModel,
} from "../../support/onnxBuilder";
import { feed, runInRuntime, sqnrDb } from "../../support/runtime";
import { bytesField, concat, message, numberField, textField, varint } from "../../support/wire";
import { LAYERS, layerModel, weightTensor } from "./layers";
import { Opened } from "./opened";

const [MATMUL] = LAYERS;
const W = weightTensor("W", [96, 64]);
const SIZE = 96 * 64 * 4;
const COPY = 96 * 64 + 64 * 4;

function openedSpec(spec: ModelSpec): Opened {
  return Opened.of(onnxModel(spec));
}

function graphOf(nodes: readonly NodeSpec[], parts: Partial<GraphSpec> = {}): ModelSpec {
  return {
    graph: {
      inputs: [{ name: "x", dims: [5, 96] }],
      outputs: [{ name: "y", dims: [5, 64] }],
      initializers: [W],
      nodes,
      ...parts,
    },
  };
}

const matMul = (name: string, output: string, input = "x"): NodeSpec => ({
  ...{ op: "MatMul", name, inputs: [input, "W"], outputs: [output] },
});
const sum = (a: string, b: string): NodeSpec => ({ op: "Add", name: "sum", inputs: [a, b], outputs: ["y"] });

describe("where nothing is offered", () => {
  test.each<[string, ModelSpec]>([
    ["too few weights", layerModel({ ...MATMUL!, weight: [63, 65] }, weightTensor("W", [63, 65]))],
    ["integer weights", layerModel(MATMUL!, { ...W, type: "int32" })],
    [
      "weights that are computed",
      graphOf([
        { op: "Neg", name: "make", inputs: ["W"], outputs: ["V"] },
        { op: "MatMul", name: "layer", inputs: ["x", "V"], outputs: ["y"] },
      ]),
    ],
    [
      "weights as the first operand",
      graphOf([{ op: "MatMul", name: "layer", inputs: ["W", "x"], outputs: ["y"] }], {
        inputs: [{ name: "x", dims: [64, 5] }],
        outputs: [{ name: "y", dims: [96, 5] }],
      }),
    ],
    [
      "an operator of another domain",
      graphOf([{ op: "MatMul", domain: "com.example", name: "layer", inputs: ["x", "W"], outputs: ["y"] }]),
    ],
    [
      "an operator that only adds",
      graphOf([{ op: "Add", name: "layer", inputs: ["x", "W"], outputs: ["y"] }]),
    ],
  ])("%s", (_, spec) => {
    const opened = openedSpec(spec);
    expect(opened.answer("layer")).toEqual({ kind: "none" });
    const error = caught(() => opened.quantize("layer"));
    expect([error.code, error.where.node]).toEqual(["inconsistent", "layer"]);
  });

  test("exactly enough weights", () => {
    const spec = layerModel({ ...MATMUL!, weight: [64, 64] }, weightTensor("W", [64, 64]));
    expect(openedSpec(spec).answer("layer").kind).toBe("offer");
  });
});

describe("where it is refused, and why", () => {
  const sparse = concat(
    ...[96, 64].map((dim) => numberField(3, dim)),
    message(1, numberField(1, 1), numberField(2, 1), textField(8, "W"), bytesField(9, new Uint8Array(4))),
    message(2, numberField(1, 1), numberField(2, 7), bytesField(7, varint(3))),
  );

  test.each<[string, ModelSpec, RegExp]>([
    ["opset 12", layerModel(MATMUL!, W, { opsets: { "": 12 } }), /from opset 13 on; this model imports 12/],
    [
      "float16 before opset 19",
      layerModel(MATMUL!, weightTensor("W", [96, 64], "float16"), { opsets: { "": 18 } }),
      /from opset 19 on; this model imports 18/,
    ],
    [
      "bfloat16",
      layerModel(MATMUL!, weightTensor("W", [96, 64], "bfloat16")),
      /type bfloat16 are not handled/,
    ],
    ["float64", layerModel(MATMUL!, weightTensor("W", [96, 64], "float64")), /type float64 are not handled/],
    [
      "a graph input",
      graphOf([matMul("layer", "y")], {
        inputs: [
          { name: "x", dims: [5, 96] },
          { name: "W", dims: [96, 64] },
        ],
      }),
      /also a graph input/,
    ],
    [
      "a graph output",
      graphOf([matMul("layer", "y")], {
        outputs: [
          { name: "y", dims: [5, 64] },
          { name: "W", dims: [96, 64] },
        ],
      }),
      /also a graph output/,
    ],
    [
      "sparse weights",
      graphOf([matMul("layer", "y")], { initializers: [], extra: bytesField(15, sparse) }),
      /stored sparse/,
    ],
    [
      "groups whose channels share an axis",
      layerModel(
        { ...LAYERS.at(-1)!, attributes: { group: { int: 2 } }, output: [1, 64, 7, 7] },
        weightTensor("W", [16, 32, 3, 3]),
      ),
      /not clear which axis/,
    ],
    [
      "a vector",
      layerModel({ ...MATMUL!, input: [5, 5000], output: [5] }, weightTensor("W", [5000])),
      /not clear which axis/,
    ],
  ])("%s", (_, spec, reason) => {
    const opened = openedSpec(spec);
    expect(opened.refusal("layer")).toMatch(reason);
    const error = caught(() => opened.quantize("layer"));
    expect([error.code, error.where.node]).toEqual(["inconsistent", "layer"]);
    expect(error.message).toMatch(reason);
  });
});

describe("a weight with two readers", () => {
  const spec = graphOf([matMul("first", "a"), matMul("second", "b"), sum("a", "b")]);
  const feeds = {
    x: feed(
      Array.from({ length: 480 }, (_, index) => Math.sin(index)),
      [5, 96],
    ),
  };

  test.each([[["first", "second"]], [["second", "first"]]])(
    "quantised one after the other (%j), it is stored once",
    async (order) => {
      const bytes = onnxModel(spec);
      const opened = Opened.of(bytes);
      const text = opened.text();
      expect(opened.answer("first")).toMatchObject({
        offer: {
          weightBytesBefore: SIZE,
          weightBytesAfter: COPY,
          detail: expect.stringContaining("once the other layer that shares them is quantised too") as string,
        },
      });
      opened.quantize(order[0]!);
      expect(opened.storedBytes()).toBe(SIZE + COPY);
      expect(opened.answer(order[1]!)).toMatchObject({
        offer: { weightBytesBefore: SIZE + COPY, weightBytesAfter: COPY },
      });
      opened.quantize(order[1]!);
      expect(opened.storedBytes()).toBe(COPY);
      const { y: original } = await runInRuntime(bytes, feeds, { level: "disabled" });
      for (const level of ["disabled", "all"] as const) {
        const { y } = await runInRuntime(opened.saved(), feeds, { level });
        expect(sqnrDb(original!, y!)).toBeGreaterThan(35);
      }
      opened.history.undo();
      opened.history.undo();
      expect([opened.text(), Buffer.compare(opened.saved(), bytes)]).toEqual([text, 0]);
    },
  );

  test("of which one stays float, it is said what that costs", () => {
    const tied = openedSpec(
      graphOf(
        [matMul("layer", "y"), { op: "Gather", name: "embed", inputs: ["W", "ids"], outputs: ["rows"] }],
        { initializers: [W, { name: "ids", type: "int64", dims: [1], raw: new Uint8Array(8) }] },
      ),
    );
    expect(tied.answer("layer")).toMatchObject({
      offer: {
        weightBytesBefore: SIZE,
        weightBytesAfter: SIZE + COPY,
        detail: expect.stringContaining("the floats stay as well, since embed (Gather) reads them") as string,
      },
    });
    tied.quantize("layer");
    expect(tied.storedBytes()).toBe(SIZE + COPY);
    expect(tied.model.graph.initializers.has("W")).toBe(true);
  });

  test("along different axes, each gets scales of its own", () => {
    const square = weightTensor("W", [96, 96]);
    const opened = openedSpec(
      graphOf(
        [
          matMul("columns", "a"),
          {
            op: "Gemm",
            name: "rows",
            inputs: ["x", "W"],
            outputs: ["b"],
            attributes: { transB: { int: 1 } },
          },
          sum("a", "b"),
        ],
        { initializers: [square], outputs: [{ name: "y", dims: [5, 96] }] },
      ),
    );
    opened.quantize("columns", "rows");
    const derived = [...opened.model.graph.initializers.values()].map(({ data }) =>
      data.kind === "derived" ? [data.kernel, data.params["axis"]] : "stored",
    );
    expect(derived).toEqual([
      ["int8PerChannelWeights", 1],
      ["int8PerChannelScales", 1],
      ["int8PerChannelWeights", 0],
      ["int8PerChannelScales", 0],
    ]);
  });

  test("of one node that reads it twice, the other input keeps it", () => {
    const square = weightTensor("W", [96, 96]);
    const opened = openedSpec(
      graphOf([{ op: "MatMul", name: "layer", inputs: ["W", "W"], outputs: ["y"] }], {
        initializers: [square],
        outputs: [{ name: "y", dims: [96, 96] }],
      }),
    );
    opened.quantize("layer");
    expect(opened.model.graph.nodes.at(-1)!.inputs).toEqual(["W", "W_dequantized"]);
  });
});

describe("weights around and inside branches", () => {
  const branch = (
    layer: string,
    output: string,
    weight: string,
    parts: Partial<GraphSpec> = {},
  ): GraphSpec => ({
    nodes: [{ op: "MatMul", name: layer, inputs: ["x", weight], outputs: [output] }],
    outputs: [{ name: output, dims: [5, 64] }],
    ...parts,
  });
  const spec = graphOf(
    [
      {
        op: "If",
        name: "choice",
        inputs: ["condition"],
        outputs: ["y"],
        attributes: {
          then_branch: { graph: branch("outer weight", "a", "W") },
          else_branch: {
            graph: branch("own weight", "b", "V", {
              initializers: [weightTensor("V", [96, 64], "float32", 5)],
            }),
          },
        },
      },
    ],
    {
      inputs: [
        { name: "x", dims: [5, 96] },
        { name: "condition", type: "bool", dims: [1] },
      ],
    },
  );

  test("both are quantised where they are stored, and both branches run", async () => {
    const bytes = onnxModel(spec);
    const opened = Opened.of(bytes);
    expect(opened.offered()).toEqual(["outer weight", "own weight"]);
    expect(opened.answer("own weight")).toMatchObject({
      offer: { call: { target: { output: "b", graph: "choice.else_branch" } } },
    });
    opened.quantize("outer weight", "own weight");
    expect([...allGraphs(opened.model)].map(({ initializers }) => [...initializers.keys()])).toEqual([
      [],
      ["W_quantized", "W_scale"],
      ["V_quantized", "V_scale"],
    ]);
    const { Tensor } = await import("onnxruntime-node");
    const x = feed(
      Array.from({ length: 480 }, (_, index) => Math.cos(index)),
      [5, 96],
    );
    for (const condition of [0, 1]) {
      const feeds = { x, condition: new Tensor("bool", Uint8Array.of(condition), [1]) };
      const { y: original } = await runInRuntime(bytes, feeds, { level: "disabled" });
      for (const level of ["disabled", "all"] as const) {
        const { y } = await runInRuntime(opened.saved(), feeds, { level });
        expect(sqnrDb(original!, y!)).toBeGreaterThan(35);
      }
    }
    opened.history.undo();
    expect(Buffer.compare(opened.saved(), bytes)).toBe(0);
  });
});

test("a weight that two branches read is stored in each, and the figures say so", () => {
  const branch = (layer: string, output: string) => ({
    graph: {
      nodes: [{ op: "MatMul", name: layer, inputs: ["x", "W"], outputs: [output] }],
      outputs: [{ name: output, dims: [5, 64] }],
    },
  });
  const opened = openedSpec(
    graphOf(
      [
        {
          op: "If",
          name: "choice",
          inputs: ["condition"],
          outputs: ["y"],
          attributes: { then_branch: branch("then", "a"), else_branch: branch("else", "b") },
        },
      ],
      {
        inputs: [
          { name: "x", dims: [5, 96] },
          { name: "condition", type: "bool", dims: [1] },
        ],
      },
    ),
  );
  const offers = { offer: { weightBytesBefore: SIZE, weightBytesAfter: 2 * COPY } };
  expect(opened.answer("then")).toMatchObject(offers);
  opened.quantize("then");
  expect(opened.storedBytes()).toBe(SIZE + COPY);
  expect(opened.answer("else")).toMatchObject({
    offer: { weightBytesBefore: SIZE + COPY, weightBytesAfter: 2 * COPY },
  });
  opened.quantize("else");
  expect(opened.storedBytes()).toBe(2 * COPY);
});

test("new names avoid those that are there", () => {
  const opened = openedSpec(
    graphOf(
      [
        { op: "Identity", name: "W_scale_2", inputs: ["W_quantized"], outputs: ["W_dequantized"] },
        matMul("layer", "y"),
      ],
      { initializers: [W, floatTensor("W_quantized", [1], [1]), floatTensor("W_scale", [1], [1])] },
    ),
  );
  opened.quantize("layer");
  expect([...opened.model.graph.initializers.keys()]).toEqual([
    "W_quantized",
    "W_scale",
    "W_quantized_2",
    "W_scale_3",
  ]);
  expect(opened.model.graph.nodes.at(-1)!.inputs[1]).toBe("W_dequantized_2");
});

test("a new node stands in the module of its layer", () => {
  const opened = openedSpec(graphOf([{ ...matMul("layer", "y"), metadata: { scope: "encoder.fc" } }]));
  opened.quantize("layer");
  expect(opened.model.graph.nodes.map(({ name, metadata }) => [name, metadata.get("scope")])).toEqual([
    ["layer_DequantizeLinear", "encoder.fc"],
    ["layer", "encoder.fc"],
  ]);
});

test("offering and applying read nothing of 1.5 GB of weights", () => {
  const rows = 6144;
  const columns = 65_536;
  const length = rows * columns * 4;
  // raw_data comes last in the tensor, and the tensor last in the graph, so that the rest is what comes before.
  const tensor = concat(numberField(1, rows), numberField(1, columns), numberField(2, 1), textField(8, "W"));
  const head = concat(tensor, Uint8Array.of(9 * 8 + 2), varint(length));
  const graph = concat(
    message(
      1,
      textField(1, "x"),
      textField(1, "W"),
      textField(2, "y"),
      textField(3, "layer"),
      textField(4, "MatMul"),
    ),
    message(11, textField(1, "x"), message(2, message(1, numberField(1, 1), message(2)))),
    message(12, textField(1, "y"), message(2, message(1, numberField(1, 1), message(2)))),
    Uint8Array.of(5 * 8 + 2),
    varint(head.length + length),
    head,
  );
  const start = concat(
    numberField(1, 10),
    message(8, textField(1, ""), numberField(2, 21)),
    Uint8Array.of(7 * 8 + 2),
    varint(graph.length + length),
    graph,
  );
  const source: ByteSource = {
    name: "huge",
    size: start.length + length,
    read(offset, into) {
      into.fill(0);
      into.set(start.subarray(offset, offset + into.length));
    },
  };
  const opened = new Opened(source);
  expect(opened.answer("layer").kind).toBe("offer");
  const before = opened.bytesRead;
  expect(before).toBeLessThan(64 * 1024);
  opened.quantize("layer");
  expect(opened.inference.problems).toEqual([]);
  expect(opened.text()).toContain("W_quantized");
  opened.history.undo();
  opened.history.redo();
  expect(opened.bytesRead).toBe(before);
});

test("actions are found by name, and an unknown name lists those that there are", () => {
  expect(actionNamed("quantizeWeights")).toBe(quantizeWeights);
  const error = caught(() => actionNamed("quantiseWeights"));
  expect([error.code, error.hint]).toEqual([
    "usage",
    `Known actions: ${ACTIONS.map(({ id }) => id).join(", ")}.`,
  ]);
});
