import { describe, expect, test } from "vitest";
import { MemoryPlan } from "../../../src/core/analysis/memory";
import { infer } from "../../../src/core/infer/infer";
import type { Graph, Model, Node, ValueInfo } from "../../../src/core/model/types";
import { Built } from "../infer/built";
import { modelOf } from "../ops/exampleModel";

let ids = 0;

function node(opType: string, inputs: string[], outputs: string[], graphs: Record<string, Graph> = {}): Node {
  return {
    id: ids++,
    name: outputs.join(),
    domain: "",
    opType,
    overload: "",
    inputs,
    outputs,
    attributes: new Map(
      Object.entries(graphs).map(([name, value]) => [name, { type: "graph", value } as const]),
    ),
    metadata: new Map(),
    doc: "",
  };
}

const value = (name: string, dims: readonly (number | string)[]): ValueInfo => ({
  name,
  kind: "tensor",
  dtype: "float32",
  dims,
  doc: "",
});

function graphOf(nodes: Node[], inputs: ValueInfo[], outputs: string[], parent?: Graph): Graph {
  return {
    path: parent === undefined ? "" : "inner",
    name: "g",
    parent,
    nodes,
    inputs,
    outputs: outputs.map((name) => ({ name, kind: "unknown", dtype: undefined, dims: undefined, doc: "" })),
    valueInfo: new Map(),
    initializers: new Map(),
    records: [],
  };
}

function plan(graph: Graph): MemoryPlan {
  const model: Model = modelOf(graph, new Map([["", 21]]));
  return new MemoryPlan(model, infer(model));
}

const NO_DIMS: ReadonlyMap<string, number> = new Map();

describe("peak of activations", () => {
  test("a value is freed after its last reader", () => {
    // Transposes cannot write in place: while one runs, its input and its output are held, and x all the time.
    const nodes = ["a", "b", "c"].map((name, i) => node("Transpose", [["x", "a", "b"][i] ?? ""], [name]));
    const peak = plan(graphOf(nodes, [value("x", [2, 5])], ["c"])).at(NO_DIMS);
    expect(peak.peakBytes).toBe(3 * 40);
    expect(peak.atNode).toBe(nodes[1]?.id);
    expect(peak.alive.map(({ name }) => name).sort()).toEqual(["a", "b", "x"]);
    expect(peak.unknown).toBe(0);
  });

  test("views share memory and activations write over an input nobody reads later", () => {
    const nodes = [
      node("Transpose", ["x"], ["a"]),
      node("Relu", ["a"], ["b"]),
      node("Flatten", ["b"], ["c"]),
      node("Sigmoid", ["c"], ["d"]),
      node("Size", ["d"], ["e"]),
    ];
    expect(plan(graphOf(nodes, [value("x", [2, 5])], ["e"])).at(NO_DIMS).peakBytes).toBe(2 * 40 + 8);
  });

  test("an output of the model gets memory of its own, though the operator could write over its input", () => {
    const nodes = [node("Transpose", ["x"], ["a"]), node("Relu", ["a"], ["y"])];
    expect(plan(graphOf(nodes, [value("x", [2, 5])], ["y"])).at(NO_DIMS).peakBytes).toBe(3 * 40);
  });

  test("memory that a later value of the same shape will take is held in between", () => {
    // a is read for the last time by b, and d has its shape: c, which has another, cannot take it.
    const nodes = [
      node("Exp", ["x"], ["a"]),
      node("Transpose", ["a"], ["b"]),
      node("Exp", ["b"], ["c"]),
      node("Transpose", ["c"], ["d"]),
      node("Size", ["d"], ["e"]),
    ];
    const peak = plan(graphOf(nodes, [value("x", [2, 5])], ["e"])).at(NO_DIMS);
    expect(peak.peakBytes).toBe(4 * 40);
    expect(peak.alive.map(({ name, idle }) => [name, idle])).toEqual([
      ["x", false],
      ["a", true],
      ["b", false],
      ["c", false],
    ]);
  });

  test("shapes that onnxruntime cannot know before the run share nothing, equal as they are", () => {
    const computed = [
      node("Shape", ["x"], ["s"]),
      node("Exp", ["x"], ["a"]),
      node("Reshape", ["a", "s"], ["b"]),
      node("Relu", ["b"], ["c"]),
      node("Size", ["c"], ["e"]),
    ];
    const peak = plan(graphOf(computed, [value("x", ["n", 5])], ["e"])).at(new Map([["n", 2]]));
    expect(peak.alive.filter(({ bytes }) => bytes === 40).map(({ name }) => name)).toEqual(["x", "a", "c"]);
  });

  test("an input of the model and a value with a later reader are not written over", () => {
    const nodes = [node("Relu", ["x"], ["a"]), node("Relu", ["a"], ["b"]), node("Add", ["a", "b"], ["c"])];
    expect(plan(graphOf(nodes, [value("x", [10])], ["c"])).at(NO_DIMS).peakBytes).toBe(4 * 40);
  });

  test("a symbol without a value leaves its tensors out and says how many", () => {
    const nodes = [node("Transpose", ["x"], ["a"])];
    const memory = plan(graphOf(nodes, [value("x", ["n", 5])], ["a"]));
    expect(memory.at(NO_DIMS)).toMatchObject({ peakBytes: undefined, unknown: 2, alive: [] });
    expect(memory.at(new Map([["n", 3]]))).toMatchObject({ peakBytes: 120, unknown: 0 });
  });

  test("of two branches the one that needs more counts, once, on top of what its owner holds", () => {
    const main = graphOf([], [value("x", [10]), value("condition", [])], ["y"]);
    const yes = graphOf(
      [node("Transpose", ["x"], ["t"]), node("Transpose", ["t"], ["u"]), node("Transpose", ["u"], ["r1"])],
      [],
      ["r1"],
      main,
    );
    const no = graphOf([node("Transpose", ["x"], ["r2"])], [], ["r2"], main);
    main.nodes = [node("If", ["condition"], ["y"], { then_branch: yes, else_branch: no })];
    const peak = plan(main).at(NO_DIMS);
    // x, condition and y outside; t and u inside, the branch's result being y itself.
    expect(peak.peakBytes).toBe(40 + 4 + 40 + 2 * 40);
    expect(peak.alive.find(({ kind }) => kind === "inner")?.bytes).toBe(80);
  });
});

describe("functions", () => {
  test("a chain of functions that each call the next twice is planned once each", () => {
    const depth = 40;
    const functions = Array.from({ length: depth }, (_, i) => ({
      domain: "local",
      name: `f${i}`,
      inputs: ["a"],
      outputs: ["c"],
      opsets: { "": 21, local: 1 },
      nodes:
        i + 1 === depth
          ? [
              { op: "Transpose", inputs: ["a"], outputs: ["b"] },
              { op: "Transpose", inputs: ["b"], outputs: ["c"] },
            ]
          : [
              { op: `f${i + 1}`, domain: "local", inputs: ["a"], outputs: ["b"] },
              { op: `f${i + 1}`, domain: "local", inputs: ["b"], outputs: ["c"] },
            ],
    }));
    const { model } = new Built({
      opsets: { "": 21, local: 1 },
      functions,
      graph: {
        nodes: [{ op: "Relu", name: "only", inputs: ["x"], outputs: ["y"] }],
        inputs: [{ name: "x", dims: [10] }],
        outputs: [{ name: "y", dims: [10] }],
      },
    });
    const call: Node = { ...(model.graph.nodes[0] as Node), domain: "local", opType: "f0" };
    const facts = { dtype: "float32", shape: [10] } as const;
    const inference = { ...infer(model), fact: () => facts, cost: () => infer(model).cost(0) };
    const memory = new MemoryPlan({ ...model, graph: { ...model.graph, nodes: [call] } }, inference);
    // x and y outside; inside each function one value between its two calls, the innermost one included.
    expect(memory.at(NO_DIMS).peakBytes).toBe(80 + depth * 40);
  });
});
