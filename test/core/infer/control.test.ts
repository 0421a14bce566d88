import { Tensor } from "onnxruntime-node";
import { describe, expect, test } from "vitest";
import { type GraphSpec, int64Tensor, type ModelSpec, type NodeSpec } from "../../support/onnxBuilder";
import { feed } from "../../support/runtime";
import { Built } from "./built";

const bool = (value: boolean) => new Tensor("bool", Uint8Array.from([Number(value)]), []);
const int64 = (value: number) => new Tensor("int64", BigInt64Array.from([BigInt(value)]), []);

const product = (name: string, a: string, b: string, y: string): NodeSpec => ({
  op: "MatMul",
  name,
  inputs: [a, b],
  outputs: [y],
});

function model(graph: GraphSpec, more: Partial<ModelSpec> = {}): Built {
  return new Built({ graph, ...more });
}

describe("If", () => {
  const branch = (name: string, nodes: readonly NodeSpec[], output: string): GraphSpec => ({
    name,
    nodes,
    outputs: [{ name: output }],
  });
  const byData = (): Built =>
    model({
      nodes: [
        {
          op: "If",
          name: "if",
          inputs: ["c"],
          outputs: ["y"],
          attributes: {
            then_branch: {
              graph: branch("yes", [product("p", "x", "x", "h"), product("q", "h", "x", "r")], "r"),
            },
            else_branch: {
              graph: branch("no", [{ op: "Relu", name: "relu", inputs: ["x"], outputs: ["s"] }], "s"),
            },
          },
        },
      ],
      inputs: [
        { name: "c", type: "bool", dims: [] },
        { name: "x", dims: ["n", "n"] },
      ],
      outputs: [{ name: "y", dims: [null, null] }],
    });

  test("where the data decides, the dearer branch counts and both are shown", async () => {
    const built = byData();
    expect(built.problems).toEqual([]);
    expect(built.amount(built.cost("if").macs, { n: 3 })).toBe(2 * 27);
    expect(built.amount(built.cost("if").flops, { n: 3 })).toBe(4 * 27);
    expect(built.cost("if").trust).toBe("estimate");
    expect(built.amount(built.cost("p").macs, { n: 3 })).toBe(27);
    expect(built.amount(built.cost("relu").other, { n: 3 })).toBe(9);
    expect(built.total(({ macs }) => macs, { n: 3 })).toBe(54);
    const ran = await built.run({ c: bool(true), x: feed(new Array(9).fill(1), [3, 3]) });
    expect(built.shown("y", { n: 3 })).toBe(ran["y"]);
  });

  test("what runs a node's graph is named at the node, and only what nobody runs counts in totals", () => {
    const built = byData();
    expect(built.cost("if").countedBy).toBeUndefined();
    expect(built.cost("p").countedBy).toBe(built.node("if").id);
  });

  test("a branch that shapes decide against costs nothing and may say anything", async () => {
    const built = model({
      nodes: [
        { op: "Shape", inputs: ["x"], outputs: ["shape"] },
        { op: "Size", inputs: ["shape"], outputs: ["rank"] },
        { op: "Constant", outputs: ["two"], attributes: { value: { tensor: int64Tensor("", [], [2]) } } },
        { op: "Equal", inputs: ["rank", "two"], outputs: ["c"] },
        {
          op: "If",
          name: "if",
          inputs: ["c"],
          outputs: ["y"],
          attributes: {
            then_branch: { graph: branch("yes", [{ op: "Relu", inputs: ["x"], outputs: ["r"] }], "r") },
            else_branch: { graph: branch("no", [product("never", "x", "x", "s")], "s") },
          },
        },
      ],
      inputs: [{ name: "x", dims: ["n", 4] }],
      outputs: [{ name: "y", dims: [null, null] }],
    });
    expect(built.problems).toEqual([]);
    expect(built.shown("y", { n: 3 })).toBe("float32 [3, 4]");
    expect(built.total(({ flops }) => flops, { n: 3 })).toBe(12 + 1);
    expect(built.cost("never").flops).toBe(0);
    expect((await built.run({ x: feed(new Array(12).fill(1), [3, 4]) }))["y"]).toBe("float32 [3, 4]");
  });
});

describe("Loop", () => {
  /** x ← x·x, and each x is also stacked. */
  const body = (condition: NodeSpec): GraphSpec => ({
    name: "body",
    nodes: [
      condition,
      product("step", "x_in", "x_in", "x_out"),
      { op: "Identity", inputs: ["x_out"], outputs: ["row"] },
    ],
    inputs: [
      { name: "i", type: "int64", dims: [] },
      { name: "go_in", type: "bool", dims: [] },
      { name: "x_in", dims: [null, null] },
    ],
    outputs: [{ name: "go_out", type: "bool", dims: [] }, { name: "x_out" }, { name: "row" }],
  });
  const always: NodeSpec = { op: "Identity", inputs: ["go_in"], outputs: ["go_out"] };
  const byData: NodeSpec = { op: "Less", inputs: ["i", "bound"], outputs: ["go_out"] };
  const loop = (condition: NodeSpec, limit: string): Built =>
    model({
      nodes: [
        {
          op: "Loop",
          name: "loop",
          inputs: [limit, "", "x"],
          outputs: ["last", "rows"],
          attributes: { body: { graph: body(condition) } },
        },
      ],
      inputs: [
        { name: "x", dims: [2, 2] },
        { name: "bound", type: "int64", dims: [] },
        { name: "m", type: "int64", dims: [] },
      ],
      outputs: [
        { name: "last", dims: [null, null] },
        { name: "rows", dims: [null, null, null] },
      ],
      initializers: [int64Tensor("five", [], [5])],
    });
  const feeds = { x: feed([1, 1, 1, 1], [2, 2]), bound: int64(2), m: int64(4) };

  test("with a constant trip count its cost is that of the body times it", async () => {
    const built = loop(always, "five");
    expect(built.problems).toEqual([]);
    expect(built.cost("loop").macs).toBe(5 * 8);
    expect(built.cost("step").macs).toBe(5 * 8);
    expect(built.cost("loop").trust).toBe("exact");
    expect(built.total(({ macs }) => macs)).toBe(40);
    const ran = await built.run(feeds);
    expect([built.shown("last"), built.shown("rows")]).toEqual([ran["last"], ran["rows"]]);
  });

  test("a trip count that a fed input gives is a symbol that can be bound", async () => {
    const built = loop(always, "m");
    const [name] = built.inference.symbols;
    expect(name).toBe("last.iterations");
    const dims = { "last.iterations": 4 };
    expect(built.amount(built.cost("loop").macs, dims)).toBe(4 * 8);
    const ran = await built.run(feeds);
    expect(built.shown("rows", dims)).toBe(ran["rows"]);
  });

  test("a condition that the data decides makes it a symbol as well, under its limit", () => {
    const built = loop(byData, "five");
    expect(built.amount(built.cost("loop").macs, { "last.iterations": 3 })).toBe(3 * 8);
    expect(built.cost("loop").rule).toContain("at most 5");
  });

  test("loops in loops multiply, and totals count the outer one only", () => {
    const inner: NodeSpec = {
      op: "Loop",
      name: "inner",
      inputs: ["three", "", "x_in"],
      outputs: ["x_out", ""],
      attributes: {
        body: {
          graph: {
            name: "innermost",
            nodes: [
              { op: "Identity", inputs: ["go2"], outputs: ["go2_out"] },
              product("deep", "z", "z", "z_out"),
            ],
            inputs: [
              { name: "j", type: "int64", dims: [] },
              { name: "go2", type: "bool", dims: [] },
              { name: "z", dims: [null, null] },
            ],
            outputs: [{ name: "go2_out", type: "bool", dims: [] }, { name: "z_out" }],
          },
        },
      },
    };
    const built = model({
      nodes: [
        {
          op: "Loop",
          name: "outer",
          inputs: ["five", "", "x"],
          outputs: ["y"],
          attributes: {
            body: {
              graph: {
                name: "body",
                nodes: [always, inner],
                inputs: body(always).inputs ?? [],
                outputs: [{ name: "go_out", type: "bool", dims: [] }, { name: "x_out" }],
              },
            },
          },
        },
      ],
      inputs: [{ name: "x", dims: [2, 2] }],
      outputs: [{ name: "y", dims: [2, 2] }],
      initializers: [int64Tensor("five", [], [5]), int64Tensor("three", [], [3])],
    });
    expect(built.problems).toEqual([]);
    expect(built.cost("deep").macs).toBe(15 * 8);
    expect(built.cost("inner").macs).toBe(15 * 8);
    expect(built.cost("outer").macs).toBe(15 * 8);
    expect(built.total(({ macs }) => macs)).toBe(15 * 8);
    expect(built.cost("deep").countedBy).toBe(built.node("inner").id);
    expect(built.cost("inner").countedBy).toBe(built.node("outer").id);
  });

  test("weights inside are the owner's, each counted once", () => {
    const weight = { name: "W", type: "float32" as const, dims: [2, 2], raw: new Uint8Array(16) };
    const built = model({
      nodes: [
        {
          op: "Loop",
          name: "loop",
          inputs: ["five", "", "x"],
          outputs: ["y"],
          attributes: {
            body: {
              graph: {
                name: "body",
                nodes: [always, product("p", "x_in", "W", "h"), product("q", "h", "W", "x_out")],
                inputs: body(always).inputs ?? [],
                outputs: [{ name: "go_out", type: "bool", dims: [] }, { name: "x_out" }],
              },
            },
          },
        },
      ],
      inputs: [{ name: "x", dims: [2, 2] }],
      outputs: [{ name: "y", dims: [2, 2] }],
      initializers: [int64Tensor("five", [], [5]), weight],
    });
    expect(built.cost("loop")).toMatchObject({ params: 4, weightBytes: 16 + 8 });
    expect(built.cost("p")).toMatchObject({ params: 4, weightBytes: 16 });
  });
});

describe("Scan", () => {
  const body: GraphSpec = {
    name: "body",
    nodes: [
      { op: "Add", name: "add", inputs: ["sum_in", "row"], outputs: ["sum_out"] },
      { op: "Relu", inputs: ["sum_out"], outputs: ["made"] },
    ],
    inputs: [
      { name: "sum_in", dims: [null] },
      { name: "row", dims: [null] },
    ],
    outputs: [{ name: "sum_out" }, { name: "made" }],
  };
  const attributes = { body: { graph: body }, num_scan_inputs: { int: 1 } };

  test("runs its body once for each slice", async () => {
    const built = model({
      nodes: [
        {
          op: "Scan",
          name: "scan",
          inputs: ["start", "x"],
          outputs: ["sum", "all"],
          attributes: { ...attributes, scan_input_axes: { ints: [1] }, scan_output_axes: { ints: [-1] } },
        },
      ],
      inputs: [
        { name: "start", dims: [3] },
        { name: "x", dims: [3, "n"] },
      ],
      outputs: [
        { name: "sum", dims: [null] },
        { name: "all", dims: [null, null] },
      ],
    });
    expect(built.problems).toEqual([]);
    expect(built.amount(built.cost("scan").other, { n: 4 })).toBe(4 * (3 + 3));
    expect(built.amount(built.cost("add").other, { n: 4 })).toBe(4 * 3);
    const ran = await built.run({ start: feed([0, 0, 0], [3]), x: feed(new Array(12).fill(1), [3, 4]) });
    expect([built.shown("sum", { n: 4 }), built.shown("all", { n: 4 })]).toEqual([ran["sum"], ran["all"]]);
  });

  test("of opset 8 has the batch in front", async () => {
    const built = model(
      {
        nodes: [
          { op: "Scan", name: "scan", inputs: ["", "start", "x"], outputs: ["sum", "all"], attributes },
        ],
        inputs: [
          { name: "start", dims: ["b", 3] },
          { name: "x", dims: ["b", "n", 3] },
        ],
        outputs: [
          { name: "sum", dims: [null, null] },
          { name: "all", dims: [null, null, null] },
        ],
      },
      { opsets: { "": 8 }, ir: 4 },
    );
    const dims = { b: 2, n: 4 };
    expect(built.problems).toEqual([]);
    expect(built.amount(built.cost("scan").other, dims)).toBe(2 * 4 * 6);
    const ran = await built.run({
      start: feed(new Array(6).fill(0), [2, 3]),
      x: feed(new Array(24).fill(1), [2, 4, 3]),
    });
    expect([built.shown("sum", dims), built.shown("all", dims)]).toEqual([ran["sum"], ran["all"]]);
  });
});

describe("local functions", () => {
  const spec = (): ModelSpec => ({
    opsets: { "": 21, local: 1 },
    functions: [
      {
        domain: "local",
        name: "twice",
        inputs: ["a", "b"],
        outputs: ["y"],
        attributes: ["alpha"],
        nodes: [product("first", "a", "b", "h"), product("second", "h", "b", "y")],
      },
      {
        domain: "local",
        name: "choose",
        inputs: ["c", "a"],
        outputs: ["y"],
        nodes: [
          {
            op: "If",
            name: "inside",
            inputs: ["c"],
            outputs: ["y"],
            attributes: {
              then_branch: {
                graph: { name: "t", nodes: [product("p", "a", "a", "r")], outputs: [{ name: "r" }] },
              },
              else_branch: {
                graph: {
                  name: "e",
                  nodes: [{ op: "Identity", inputs: ["a"], outputs: ["s"] }],
                  outputs: [{ name: "s" }],
                },
              },
            },
          },
        ],
      },
      {
        domain: "local",
        name: "unused",
        inputs: ["a"],
        outputs: ["y"],
        nodes: [product("idle", "a", "a", "y")],
      },
    ],
    graph: {
      nodes: [
        { op: "twice", domain: "local", name: "small", inputs: ["x", "w"], outputs: ["u"] },
        { op: "twice", domain: "local", name: "large", inputs: ["z", "w"], outputs: ["v"] },
        { op: "choose", domain: "local", name: "maybe", inputs: ["c", "w"], outputs: ["k"] },
      ],
      inputs: [
        { name: "x", dims: [3, 2] },
        { name: "z", dims: [30, 2] },
        { name: "w", dims: [2, 2] },
        { name: "c", type: "bool", dims: [] },
      ],
      outputs: [
        { name: "u", dims: [3, 2] },
        { name: "v", dims: [30, 2] },
        { name: "k", dims: [2, 2] },
      ],
    },
  });

  test("are costed at each call by its own sizes, and their nodes are in no total", async () => {
    const built = new Built(spec());
    expect(built.problems).toEqual([]);
    expect(built.cost("small").macs).toBe(2 * 12);
    expect(built.cost("large").macs).toBe(2 * 120);
    expect(built.cost("maybe").macs).toBe(8);
    expect(built.cost("first")).toMatchObject({ macs: 12, countedBy: built.node("small").id });
    expect(built.cost("p").countedBy).toBe(built.node("inside").id);
    expect(built.cost("idle").countedBy).toBe("none");
    expect(built.total(({ macs }) => macs)).toBe(24 + 240 + 8);
    const ran = await built.run({
      x: feed(new Array(6).fill(1), [3, 2]),
      z: feed(new Array(60).fill(1), [30, 2]),
      w: feed([1, 1, 1, 1], [2, 2]),
      c: bool(true),
    });
    expect([built.shown("u"), built.shown("v"), built.shown("k")]).toEqual([ran["u"], ran["v"], ran["k"]]);
  });

  test("a function that calls itself is a problem and nothing more", () => {
    const base = spec();
    const built = new Built({
      ...base,
      functions: [
        {
          domain: "local",
          name: "twice",
          inputs: ["a", "b"],
          outputs: ["y"],
          nodes: [{ op: "twice", domain: "local", inputs: ["a", "b"], outputs: ["y"] }],
          opsets: { "": 21, local: 1 },
        },
        ...(base.functions ?? []).slice(1),
      ],
    });
    expect(built.problems).toEqual([expect.stringContaining("calls itself")]);
    expect(built.cost("maybe").macs).toBe(8);
  });
});

describe("sequences and optionals", () => {
  test("know how many tensors they hold and what these share", async () => {
    const built = model({
      nodes: [
        { op: "SplitToSequence", inputs: ["x", "two"], outputs: ["parts"], attributes: { axis: { int: 0 } } },
        { op: "SequenceLength", inputs: ["parts"], outputs: ["count"] },
        { op: "SequenceAt", inputs: ["parts", "one"], outputs: ["part"] },
        { op: "SequenceInsert", inputs: ["parts", "part"], outputs: ["more"] },
        { op: "SequenceErase", inputs: ["more", "one"], outputs: ["less"] },
        { op: "ConcatFromSequence", inputs: ["less"], outputs: ["joined"], attributes: { axis: { int: 0 } } },
        {
          op: "ConcatFromSequence",
          inputs: ["more"],
          outputs: ["stacked"],
          attributes: { axis: { int: 0 }, new_axis: { int: 1 } },
        },
        { op: "SequenceConstruct", inputs: ["part", "part", "part"], outputs: ["three"] },
        { op: "ConcatFromSequence", inputs: ["three"], outputs: ["wide"], attributes: { axis: { int: 1 } } },
        { op: "Range", inputs: ["zero", "count", "one"], outputs: ["positions"] },
      ],
      inputs: [{ name: "x", dims: [6, "n"] }],
      outputs: [
        { name: "joined", dims: [null, null] },
        { name: "stacked", dims: [null, null, null] },
        { name: "wide", dims: [null, null] },
        { name: "positions", type: "int64", dims: [null] },
      ],
      initializers: [int64Tensor("zero", [], [0]), int64Tensor("one", [], [1]), int64Tensor("two", [], [2])],
    });
    expect(built.problems).toEqual([]);
    expect(built.shown("more", { n: 4 })).toBe("sequence of float32 [2, 4]");
    const ran = await built.run({ x: feed(new Array(24).fill(1), [6, 4]) });
    for (const name of ["joined", "stacked", "wide", "positions"]) {
      expect(built.shown(name, { n: 4 }), name).toBe(ran[name]);
    }
  });

  test("a sequence that a loop fills takes the facts of what is put in", async () => {
    const built = model({
      nodes: [
        { op: "SequenceEmpty", outputs: ["empty"] },
        {
          op: "Loop",
          name: "loop",
          inputs: ["three", "", "empty"],
          outputs: ["filled"],
          attributes: {
            body: {
              graph: {
                name: "body",
                nodes: [
                  { op: "Identity", inputs: ["go"], outputs: ["go_out"] },
                  { op: "SequenceInsert", inputs: ["list", "x"], outputs: ["longer"] },
                ],
                inputs: [
                  { name: "i", type: "int64", dims: [] },
                  { name: "go", type: "bool", dims: [] },
                  { name: "list" },
                ],
                outputs: [{ name: "go_out", type: "bool", dims: [] }, { name: "longer" }],
              },
            },
          },
        },
        { op: "SequenceAt", inputs: ["filled", "zero"], outputs: ["y"] },
      ],
      inputs: [{ name: "x", dims: [6, "n"] }],
      outputs: [{ name: "y", dims: [null, null] }],
      initializers: [int64Tensor("zero", [], [0]), int64Tensor("three", [], [3])],
    });
    expect(built.shown("filled", { n: 2 })).toBe("sequence of float32 [6, 2]");
    expect(built.shown("y", { n: 2 })).toBe("float32 [6, 2]");
  });

  test("SequenceMap costs its body for each element", () => {
    const built = model({
      nodes: [
        { op: "SequenceConstruct", inputs: ["x", "x"], outputs: ["pair"] },
        {
          op: "SequenceMap",
          name: "map",
          inputs: ["pair", "w"],
          outputs: ["out"],
          attributes: {
            body: {
              graph: {
                name: "body",
                nodes: [product("p", "e", "v", "r")],
                inputs: [
                  { name: "e", dims: [null, null] },
                  { name: "v", dims: [null, null] },
                ],
                outputs: [{ name: "r" }],
              },
            },
          },
        },
        { op: "SequenceAt", inputs: ["out", "zero"], outputs: ["y"] },
      ],
      inputs: [
        { name: "x", dims: [3, 2] },
        { name: "w", dims: [2, 5] },
      ],
      outputs: [{ name: "y", dims: [3, 5] }],
      initializers: [int64Tensor("zero", [], [0])],
    });
    expect(built.problems).toEqual([]);
    expect(built.cost("map").macs).toBe(2 * 30);
    expect(built.shown("y")).toBe("float32 [3, 5]");
  });

  test("optionals give back what they hold", async () => {
    const built = model({
      nodes: [
        { op: "Optional", inputs: ["x"], outputs: ["maybe"] },
        { op: "OptionalHasElement", inputs: ["maybe"], outputs: ["has"] },
        { op: "OptionalGetElement", inputs: ["maybe"], outputs: ["y"] },
      ],
      inputs: [{ name: "x", dims: [6, "n"] }],
      outputs: [
        { name: "y", dims: [null, null] },
        { name: "has", type: "bool", dims: [] },
      ],
    });
    expect(built.problems).toEqual([]);
    expect(built.shown("maybe", { n: 2 })).toBe("optional of float32 [6, 2]");
    const ran = await built.run({ x: feed(new Array(12).fill(1), [6, 2]) });
    expect([built.shown("y", { n: 2 }), built.shown("has")]).toEqual([ran["y"], ran["has"]]);
  });
});

describe("maps and searches", () => {
  test("maps come from rows and go back to them", () => {
    const built = new Built({
      opsets: { "": 21, "ai.onnx.ml": 1 },
      graph: {
        nodes: [
          {
            op: "ZipMap",
            domain: "ai.onnx.ml",
            inputs: ["x"],
            outputs: ["maps"],
            attributes: { classlabels_strings: { strings: ["a", "b"] } },
          },
          {
            op: "DictVectorizer",
            domain: "ai.onnx.ml",
            inputs: ["map"],
            outputs: ["row"],
            attributes: { string_vocabulary: { strings: ["a", "b", "c"] } },
          },
          {
            op: "CastMap",
            domain: "ai.onnx.ml",
            inputs: ["map"],
            outputs: ["sparse"],
            attributes: {
              map_form: { string: "SPARSE" },
              max_map: { int: 7 },
              cast_to: { string: "TO_INT64" },
            },
          },
        ],
        inputs: [{ name: "x", dims: ["n", 2] }, { name: "map" }],
        outputs: [{ name: "maps" }, { name: "row" }, { name: "sparse", type: "int64" }],
      },
    });
    expect(built.inference.fact(built.model.graph, "maps").kind).toBe("sequence");
    expect(built.shown("row")).toBe("float32 [1, 3]");
    expect(built.shown("sparse")).toBe("int64 [1, 7]");
  });

  test("a search runs its decoder once for each new token", () => {
    const decoder: GraphSpec = {
      name: "decoder",
      nodes: [product("logits", "embedded", "w", "scores")],
      inputs: [
        { name: "ids", type: "int32", dims: ["rows", 1] },
        { name: "embedded", dims: ["rows", 1, 2] },
      ],
      outputs: [{ name: "scores" }],
    };
    const built = new Built({
      opsets: { "": 21, "com.microsoft": 1 },
      graph: {
        nodes: [
          {
            op: "GreedySearch",
            domain: "com.microsoft",
            name: "search",
            inputs: ["prompt", "limit"],
            outputs: ["tokens"],
            attributes: { decoder: { graph: decoder }, eos_token_id: { int: 0 }, pad_token_id: { int: 0 } },
          },
        ],
        inputs: [
          { name: "prompt", type: "int32", dims: ["batch", "n"] },
          { name: "w", dims: [2, 10] },
        ],
        outputs: [{ name: "tokens", type: "int32", dims: [null, null] }],
        initializers: [{ name: "limit", type: "int32", dims: [1], raw: Uint8Array.from([20, 0, 0, 0]) }],
      },
    });
    expect(built.problems).toEqual([]);
    expect(built.shown("tokens", { batch: 2 })).toBe("int32 [2, 20]");
    expect(built.amount(built.cost("search").macs, { batch: 2, n: 5, rows: 2 })).toBe((20 - 5) * 2 * 2 * 10);
  });
});

test("functions that call each other twice over many levels are inferred in an instant", () => {
  const depth = 30;
  const built = new Built({
    opsets: { "": 21, local: 1 },
    functions: Array.from({ length: depth }, (_, i) => ({
      domain: "local",
      name: `f${i}`,
      inputs: ["a"],
      outputs: ["c"],
      opsets: { "": 21, local: 1 },
      nodes:
        i + 1 === depth
          ? [{ op: "Relu", inputs: ["a"], outputs: ["c"] }]
          : [
              { op: `f${i + 1}`, domain: "local", inputs: ["a"], outputs: ["b"] },
              { op: `f${i + 1}`, domain: "local", inputs: ["b"], outputs: ["c"] },
            ],
    })),
    graph: {
      nodes: [{ op: "f0", domain: "local", name: "call", inputs: ["x"], outputs: ["y"] }],
      inputs: [{ name: "x", dims: [10] }],
      outputs: [{ name: "y", dims: [10] }],
    },
  });
  expect(built.problems).toEqual([]);
  expect(built.cost("call").other).toBe(10 * 2 ** (depth - 1));
});
