import { expect, test } from "vitest";
import { applyPatch } from "../../../src/core/edit/apply";
import { allGraphs } from "../../../src/core/edit/graphs";
import type { Edit, NewNode } from "../../../src/core/edit/types";
import { readModel } from "../../../src/core/model/reader";
import type { Attribute, Model, TensorRef, ValueInfo } from "../../../src/core/model/types";
import { caught } from "../../support/caught";
import { modelContent } from "../../support/modelContent";
import { onnxModel } from "../../support/onnxBuilder";
import { savedBytes } from "../../support/planBytes";
import { memoryReader, memorySource } from "../../support/sources";
import { NESTED } from "./nested";

const THEN = "choice.then_branch";
const FUNCTION = "function local::Twice";

type Edits = (id: (name: string) => number) => readonly Edit[];

function idsOf(model: Model): (name: string) => number {
  const nodes = [...allGraphs(model)].flatMap((graph) => graph.nodes);
  return (name) => nodes.find((node) => node.name === name)!.id;
}

function node(inputs: readonly string[], outputs: readonly string[], parts: Partial<NewNode> = {}): NewNode {
  return {
    ...{ name: "new", domain: "", opType: "Identity", inputs, outputs },
    ...{ attributes: new Map(), metadata: new Map(), ...parts },
  };
}

const add = (graph: string, made: NewNode, before?: number): Edit => ({
  ...{ kind: "addNode", graph, node: made, before },
});
const input = (graph: string, reader: number, index: number, value: string): Edit => ({
  ...{ kind: "setInput", graph, node: reader, index, value },
});
const remove = (graph: string, gone: number): Edit => ({ kind: "removeNode", graph, node: gone });
const put = (graph: string, name: string): Edit => ({ kind: "putTensor", graph, tensor: tensor(name) });
const drop = (graph: string, name: string): Edit => ({ kind: "dropTensor", graph, name });

function tensor(name: string): TensorRef {
  return { name, dtype: "uint8", dims: [1], data: { kind: "memory", bytes: Uint8Array.of(1) } };
}

const graphAttribute: Attribute = { type: "other", typeCode: 5 };

const output = (graph: string, maker: number, index: number, value: string): Edit => ({
  ...{ kind: "setOutput", graph, node: maker, index, value },
});
const floats = (name: string): ValueInfo => ({ name, kind: "tensor", dtype: "float32", dims: [2], doc: "" });

test.each<[string, Edits, RegExp]>([
  [
    "an output under a name that is taken",
    (id) => [output("", id("first"), 0, "outer")],
    /outer exists already/,
  ],
  [
    "an output that is read, renamed",
    (id) => [output("", id("first"), 0, "n")],
    /negative is read, but nothing/,
  ],
  ["an output that is not there", (id) => [output("", id("first"), 1, "n")], /has no output 1/],
  ["the only output left out", (id) => [output("", id("last"), 0, "")], /would make nothing/],
  [
    "an input list without what is read",
    () => [{ kind: "setInterface", graph: "", inputs: [floats("condition")] }],
    /x is read, but nothing makes it/,
  ],
  [
    "an output that nothing makes",
    () => [{ kind: "setInterface", graph: "", outputs: [floats("nobody")] }],
    /Nothing makes the graph output nobody/,
  ],
  [
    "an input that a node makes",
    () => [
      { kind: "setInterface", graph: "", inputs: [floats("condition"), floats("x"), floats("negative")] },
    ],
    /negative is also made by a node/,
  ],
  [
    "an output twice",
    () => [{ kind: "setInterface", graph: "", outputs: [floats("y"), floats("y")] }],
    /y would be there twice/,
  ],
  [
    "a branch without its output",
    () => [{ kind: "setInterface", graph: THEN, outputs: [] }],
    /fixed number of inputs and outputs/,
  ],
  [
    "the inputs of a function",
    () => [{ kind: "setInterface", graph: FUNCTION, inputs: [] }],
    /of a function/,
  ],
  [
    "a declared type that cannot be written",
    () => [
      { kind: "setValueInfo", graph: "", name: "negative", info: { ...floats("negative"), kind: "map" } },
    ],
    /type of negative cannot be written/,
  ],
  [
    "a declaration that is not there",
    () => [{ kind: "setValueInfo", graph: "", name: "nobody", info: undefined }],
    /Nothing is declared of the value nobody/,
  ],
  ["an operator set of version 0", () => [{ kind: "setOpset", domain: "", version: 0 }], /0 is no version/],
  ["a graph that is not there", () => [put("nowhere", "t")], /no graph at nowhere/],
  ["a node that is not there", () => [remove("", 4711)], /no node with the number 4711/],
  ["a node of another graph", (id) => [remove("", id("inner"))], /no node with the number/],
  ["a place before a node of another graph", (id) => [add("", node(["x"], ["n"]), id("inner"))], /no node/],
  ["an input far behind the last one", (id) => [input("", id("first"), 5, "x")], /has no input 5/],
  ["a negative input", (id) => [input("", id("first"), -1, "x")], /has no input -1/],
  [
    "an input that nothing makes",
    (id) => [input("", id("first"), 0, "nobody")],
    /nobody is read, but nothing makes it/,
  ],
  [
    "an input that is made later",
    (id) => [input("", id("first"), 0, "doubled")],
    /doubled would be read before/,
  ],
  ["a node's own output", (id) => [input("", id("call"), 0, "doubled")], /doubled would be read before/],
  [
    "a branch reading what is made after its node",
    (id) => [input(THEN, id("inner"), 0, "doubled")],
    /doubled would be read before/,
  ],
  [
    "the main graph reading out of a branch",
    (id) => [input("", id("last"), 0, "a0")],
    /a0 is read, but nothing/,
  ],
  ["a function reading from outside", (id) => [input(FUNCTION, id("sum"), 0, "x")], /x is read, but nothing/],
  ["a new node whose input nothing makes", () => [add("", node(["nobody"], ["n"]))], /nobody is read/],
  [
    "a new node in front of what it reads",
    (id) => [add("", node(["doubled"], ["n"]), id("call"))],
    /doubled would/,
  ],
  ["a new node without outputs", () => [add("", node(["x"], [""]))], /without outputs/],
  ["a new node that makes a value twice", () => [add("", node(["x"], ["n", "n"]))], /made twice/],
  ["a value made twice", () => [add("", node(["x"], ["doubled"]))], /doubled exists already/],
  ["a value named like an input", () => [add("", node(["x"], ["condition"]))], /condition exists already/],
  [
    "a value in a branch named like one outside",
    () => [add(THEN, node(["x"], ["negative"]))],
    /negative exists/,
  ],
  ["a value named like one in a branch", () => [add("", node(["x"], ["d"]))], /d exists already/],
  ["a tensor named like a value", () => [put("", "negative")], /negative exists already/],
  ["a tensor named like another", () => [put("", "outer")], /outer exists already/],
  ["a tensor named like one in a branch", () => [put("", "local_weight")], /local_weight exists already/],
  ["a tensor without a name", () => [put("", "")], /needs a name/],
  ["a tensor in a function", () => [put(FUNCTION, "t")], /holds no initializers/],
  ["dropping what is not there", () => [drop("", "nobody")], /no initializer nobody/],
  ["dropping what is read two graphs below", () => [drop("", "outer")], /outer is read, but nothing/],
  ["dropping what is given out", () => [drop("", "given")], /graph output given/],
  ["dropping what a branch reads", () => [drop(THEN, "local_weight")], /local_weight is read/],
  ["removing a node whose value is read", (id) => [remove("", id("call"))], /doubled is read, but nothing/],
  ["removing a node whose value a branch reads", (id) => [remove("", id("first"))], /negative is read/],
  ["removing a node whose value is given out", (id) => [remove("", id("last"))], /graph output y/],
  [
    "removing a node that gives a branch's output",
    (id) => [remove(`${THEN}/deep.else_branch`, id("other"))],
    /output e/,
  ],
  [
    "a value made again too late",
    (id) => [remove("", id("first")), add("", node(["x"], ["negative"]))],
    /negative would be read before/,
  ],
  [
    "an attribute that is not there",
    (id) => [{ kind: "setAttribute", graph: "", node: id("last"), name: "beta", value: undefined }],
    /no attribute beta/,
  ],
  [
    "an attribute that cannot be written",
    (id) => [{ kind: "setAttribute", graph: "", node: id("last"), name: "alpha", value: graphAttribute }],
    /type other cannot be set/,
  ],
  [
    "a new node with an attribute that cannot be written",
    () => [add("", node(["x"], ["n"], { attributes: new Map([["body", graphAttribute]]) }))],
    /type other cannot be set/,
  ],
])("%s is refused, and the edits before it are taken back", (_, edits, message) => {
  const bytes = onnxModel(NESTED);
  const source = memorySource(bytes);
  const model = readModel(source);
  const reader = memoryReader(source);
  const before = modelContent(model, reader);
  const harmless: readonly Edit[] = [
    put("", "harmless"),
    drop("", "spare"),
    add(THEN, node(["x"], ["unread"])),
  ];
  const error = caught(() =>
    applyPatch(model, { label: "test", edits: [...harmless, ...edits(idsOf(model))] }),
  );
  expect(error.code).toBe("inconsistent");
  expect(error.message).toMatch(message);
  expect(modelContent(model, reader)).toEqual(before);
  expect(Buffer.compare(savedBytes(model, reader).model, bytes)).toBe(0);
});

test("what only holds together at the end of a patch is accepted", () => {
  const source = memorySource(onnxModel(NESTED));
  const model = readModel(source);
  const id = idsOf(model);
  applyPatch(model, {
    label: "test",
    edits: [
      input("", id("last"), 0, "n"),
      remove("", id("call")),
      add("", node(["chosen", "t"], ["n"]), id("last")),
      put("", "t"),
    ],
  });
  expect(model.graph.nodes.map(({ name }) => name)).toEqual(["first", "choice", "new", "last"]);
});

test("a fault that the file had before does not stop edits elsewhere", () => {
  const { graph, ...rest } = NESTED;
  const broken = { op: "Identity", name: "broken", inputs: ["never made"], outputs: ["lost"] };
  const source = memorySource(onnxModel({ ...rest, graph: { ...graph, nodes: [broken, ...graph.nodes!] } }));
  const model = readModel(source);
  expect(model.problems.length).toBe(1);
  const { undo } = applyPatch(model, { label: "test", edits: [drop("", "spare"), put("", "fresh")] });
  expect([...model.graph.initializers.keys()]).toEqual(["outer", "given", "fresh"]);
  undo();
  expect([...model.graph.initializers.keys()]).toEqual(["outer", "given", "spare"]);
});

test("new nodes get numbers that were never used, also after an undo", () => {
  const model = readModel(memorySource(onnxModel(NESTED)));
  const first = applyPatch(model, { label: "test", edits: [add("", node(["x"], ["n"]))] });
  first.undo();
  const second = applyPatch(model, { label: "test", edits: [add("", node(["x"], ["n"]))] });
  expect(second.touched).not.toEqual(first.touched);
});
