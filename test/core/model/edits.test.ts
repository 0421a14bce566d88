import protobuf from "protobufjs";
import { expect, test } from "vitest";
import { applyPatch } from "../../../src/core/edit/apply";
import type { Edit } from "../../../src/core/edit/types";
import { readModel } from "../../../src/core/model/reader";
import type { Attribute } from "../../../src/core/model/types";
import { planSave } from "../../../src/core/model/writer";
import { injectUnknown } from "../../support/injectUnknown";
import { modelContent } from "../../support/modelContent";
import { floatTensor, type ModelSpec, onnxModel } from "../../support/onnxBuilder";
import { savedBytes } from "../../support/planBytes";
import { memoryReader, memorySource } from "../../support/sources";

/** Branches inside a branch, and a function with a node of its own. */
const NESTED: ModelSpec = {
  opsets: { "": 21, local: 1 },
  metadata: { origin: "test" },
  doc: "a model",
  graph: {
    inputs: [
      { name: "condition", type: "bool", dims: [] },
      { name: "x", dims: [2] },
    ],
    outputs: [{ name: "y", dims: [2], doc: "the answer" }],
    initializers: [floatTensor("outer", [2], [1, 2])],
    nodes: [
      {
        op: "If",
        name: "choice",
        inputs: ["condition"],
        outputs: ["chosen"],
        attributes: {
          then_branch: {
            graph: {
              nodes: [
                { op: "Add", name: "inner", inputs: ["x", "local_weight"], outputs: ["a"], doc: "kept" },
              ],
              initializers: [floatTensor("local_weight", [2], [3, 4])],
              outputs: [{ name: "a", dims: [2] }],
            },
          },
          else_branch: {
            graph: {
              nodes: [{ op: "Identity", inputs: ["outer"], outputs: ["b"] }],
              outputs: [{ name: "b", dims: [2] }],
            },
          },
        },
      },
      { op: "Twice", domain: "local", name: "call", inputs: ["chosen"], outputs: ["doubled"] },
      {
        op: "LeakyRelu",
        name: "last",
        inputs: ["doubled"],
        outputs: ["y"],
        attributes: { alpha: { float: 0.5 }, note: { string: "stays" } },
        metadata: { scope: "end" },
      },
    ],
  },
  functions: [
    {
      name: "Twice",
      domain: "local",
      inputs: ["v"],
      outputs: ["w"],
      nodes: [
        { op: "Identity", name: "pass", inputs: ["v"], outputs: ["u"] },
        { op: "Add", name: "sum", inputs: ["u", "v"], outputs: ["w"] },
      ],
    },
  ],
};

function edited(edits: (ids: (name: string) => number) => readonly Edit[]) {
  const bytes = injectUnknown(onnxModel(NESTED));
  const source = memorySource(bytes);
  const model = readModel(source);
  expect(model.problems).toEqual([]);
  const reader = memoryReader(source);
  const before = modelContent(model, reader);
  const graphs = [model.graph, ...model.functions.map(({ graph }) => graph)];
  for (const attribute of model.graph.nodes[0]!.attributes.values()) {
    if (attribute.type === "graph") {
      graphs.push(attribute.value);
    }
  }
  const idOf = (name: string) => graphs.flatMap(({ nodes }) => nodes).find((node) => node.name === name)!.id;
  const { undo } = applyPatch(model, { label: "test", edits: edits(idOf) });
  const saved = savedBytes(model, reader).model;
  const again = readModel(memorySource(saved));
  expect(again.problems).toEqual([]);
  expect(modelContent(again, memoryReader(memorySource(saved)))).toEqual(modelContent(model, reader));
  expect(modelContent(model, reader)).not.toEqual(before);
  undo();
  expect(modelContent(model, reader)).toEqual(before);
  expect(savedBytes(model, reader).model).toEqual(bytes);
  return { bytes, saved };
}

const attribute = (value: Attribute) => value;

test.each<[string, Attribute]>([
  ["float", attribute({ type: "float", value: 0.25 })],
  ["int", attribute({ type: "int", value: -3 })],
  ["large int", attribute({ type: "int", value: Number.MIN_SAFE_INTEGER })],
  ["string", attribute({ type: "string", value: "grün ☃" })],
  ["floats", attribute({ type: "floats", value: [1.5, -2, 0] })],
  ["ints", attribute({ type: "ints", value: [0, -1, 2 ** 40] })],
  ["strings", attribute({ type: "strings", value: ["", "a", "b"] })],
])("an attribute becomes a %s", (_, value) => {
  edited((id) => [{ kind: "setAttribute", graph: "", node: id("last"), name: "alpha", value }]);
});

test("an attribute is added, another removed", () => {
  edited((id) => [
    { kind: "setAttribute", graph: "", node: id("last"), name: "fresh", value: { type: "int", value: 1 } },
    { kind: "setAttribute", graph: "", node: id("last"), name: "note", value: undefined },
  ]);
});

test("a node in a branch changes, and all around it stays", () => {
  const { bytes, saved } = edited((id) => [
    {
      kind: "putTensor",
      graph: "choice.then_branch",
      tensor: {
        name: "fresh",
        dtype: "float32",
        dims: [2],
        data: { kind: "memory", bytes: new Uint8Array(8).fill(7) },
      },
    },
    { kind: "setInput", graph: "choice.then_branch", node: id("inner"), index: 1, value: "fresh" },
    { kind: "dropTensor", graph: "choice.then_branch", name: "local_weight" },
  ]);
  expect(unknownsOf(saved)).toEqual(unknownsOf(bytes));
});

test("a node goes in front, another at the end, one away", () => {
  const node = (name: string, input: string, output: string) => ({
    ...{ name, domain: "", opType: "Identity", inputs: [input], outputs: [output] },
    attributes: new Map(),
    metadata: new Map(),
  });
  edited((id) => [
    { kind: "addNode", graph: "", node: node("first", "x", "x1"), before: id("choice") },
    { kind: "addNode", graph: "", node: node("second", "x1", "x2"), before: id("choice") },
    { kind: "addNode", graph: "", node: node("tail", "y", "z"), before: undefined },
    { kind: "setInput", graph: "", node: id("last"), index: 0, value: "chosen" },
    { kind: "removeNode", graph: "", node: id("call") },
  ]);
});

test("tensors in attributes, of a new node and of one that is there", () => {
  const value = (fill: number) => ({
    type: "tensor" as const,
    value: {
      ...{ name: "", dtype: "float32" as const, dims: [2] },
      data: { kind: "memory" as const, bytes: new Uint8Array(8).fill(fill) },
    },
  });
  const constant = {
    ...{ name: "made", domain: "", opType: "Constant", inputs: [], outputs: ["made"] },
    attributes: new Map([["value", value(1)]]),
    metadata: new Map(),
  };
  edited((id) => [
    { kind: "addNode", graph: "", node: constant, before: id("choice") },
    { kind: "setAttribute", graph: "", node: id("last"), name: "note", value: value(2) },
  ]);
});

test("a node of a function changes", () => {
  const { bytes, saved } = edited((id) => [
    { kind: "setInput", graph: "function local::Twice", node: id("sum"), index: 0, value: "v" },
    { kind: "removeNode", graph: "function local::Twice", node: id("pass") },
  ]);
  const { "node pass": removed, ...kept } = unknownsOf(bytes);
  expect(removed).toBeDefined();
  expect(unknownsOf(saved)).toEqual(kept);
});

/** What protobufjs finds that this schema does not name, at each place: all of it must survive. */
function unknownsOf(bytes: Uint8Array): { readonly [place: string]: readonly string[] } {
  const { root } = protobuf.parse(`
    syntax = "proto2";
    message ModelProto { optional GraphProto graph = 7; repeated FunctionProto functions = 25; }
    message FunctionProto { optional string name = 1; repeated NodeProto node = 7; }
    message GraphProto { repeated NodeProto node = 1; }
    message NodeProto { optional string name = 3; repeated AttributeProto attribute = 5; }
    message AttributeProto { optional string name = 1; optional GraphProto g = 6; }
  `);
  interface Message {
    readonly $unknowns?: readonly Uint8Array[];
    readonly name?: string;
    readonly graph?: Message | null;
    readonly functions?: readonly Message[];
    readonly node?: readonly Message[];
    readonly attribute?: readonly Message[];
    readonly g?: Message | null;
  }
  const reader = protobuf.Reader.create(bytes);
  reader.discardUnknown = false;
  const found: { [place: string]: string[] } = {};
  const visit = (message: Message, place: string) => {
    // Edits change the initializers of a graph and the inputs of a node; the rest has to be the same.
    const changed = place.endsWith("graph") ? 5 : /^node (inner|sum)/.test(place) ? 1 : 0;
    found[place] = (message.$unknowns ?? [])
      .filter((field) => field[0] !== changed * 8 + 2)
      .map((field) => Buffer.from(field).toString("hex"));
    if (message.graph) {
      visit(message.graph, "graph");
    }
    for (const definition of message.functions ?? []) {
      visit(definition, `function ${definition.name}`);
    }
    for (const node of message.node ?? []) {
      visit(node, `node ${node.name}`);
      for (const one of node.attribute ?? []) {
        visit(one, `node ${node.name} attribute ${one.name}`);
        if (one.g) {
          visit(one.g, `node ${node.name} ${one.name} graph`);
        }
      }
    }
  };
  visit(root.lookupType("ModelProto").decode(reader) as Message, "model");
  return found;
}

test("a value that the file declares twice is no edit", () => {
  const bytes = onnxModel({
    graph: {
      inputs: [{ name: "x", dims: [2] }],
      outputs: [{ name: "y" }],
      values: [
        { name: "a", dims: [2] },
        { name: "a", dims: ["n"] },
      ],
      nodes: [
        { op: "Neg", inputs: ["x"], outputs: ["a"] },
        { op: "Neg", inputs: ["a"], outputs: ["y"] },
      ],
    },
  });
  const plan = planSave(readModel(memorySource(bytes)));
  expect(plan.segments).toEqual([{ kind: "copy", span: { start: 0, end: bytes.length } }]);
});
