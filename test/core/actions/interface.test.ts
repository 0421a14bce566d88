import { describe, expect, test } from "vitest";
import { extractModel } from "../../../src/core/actions/extractModel";
import { renameValue } from "../../../src/core/actions/renameValue";
import { setDim } from "../../../src/core/actions/setDim";
import type { ModelAction, Params } from "../../../src/core/actions/types";
import { caught } from "../../support/caught";
import { FIXTURES } from "../../support/fixtures";
import { floatTensor, onnxModel } from "../../support/onnxBuilder";
import { feed, runInRuntime } from "../../support/runtime";
import { fixtureFeeds } from "./fixtureFeeds";
import { openFixture, runChanged } from "./fixtureModels";
import { Opened } from "./opened";

const fixture = (name: string) => FIXTURES.find((one) => one.name === name)!;

function taken(opened: Opened, action: ModelAction, params: Params): void {
  const { model, inference, reader, history } = opened;
  history.step(model, action.id, [], (apply) => apply(action.plan({ model, inference }, params, reader)));
}

function message(opened: Opened, action: ModelAction, params: Params): string {
  const { model, inference, reader } = opened;
  return caught(() => action.plan({ model, inference }, params, reader)).message;
}

const dimsOf = (opened: Opened) =>
  [...opened.model.graph.inputs, ...opened.model.graph.outputs].map(({ name, dims }) => [name, dims]);

describe("a dim", () => {
  test("gets a size in inputs, outputs and formulas", async () => {
    const llama = fixture("llama-decode");
    const opened = openFixture(llama);
    const before = { bytes: opened.saved(), text: opened.text() };
    const symbols = new Set(JSON.stringify(dimsOf(opened)).match(/[a-z_]*sequence[a-z_]*/g));
    expect(symbols.size).toBeGreaterThan(0);
    const [name] = [...symbols].filter((symbol) => !symbol.includes("past"));
    const feeds = fixtureFeeds("llama-decode");
    taken(opened, setDim, { dim: name!, to: String(feeds["input_ids"]!.dims[1]) });
    expect(JSON.stringify(dimsOf(opened))).not.toContain(`"${name}"`);
    expect(opened.inference.symbols).not.toContain(name);
    const got = await runChanged(llama, opened.saved(), feeds);
    expect(got).toEqual(await runChanged(llama, before.bytes, feeds));
    opened.history.undo();
    expect([Buffer.compare(opened.saved(), before.bytes), opened.text()]).toEqual([0, before.text]);
  });

  test("gets another name", () => {
    const opened = openFixture(fixture("bert-dynamic"));
    const [name] = opened.inference.symbols;
    taken(opened, setDim, { dim: name!, to: "other" });
    expect(opened.inference.symbols[0]).toBe("other");
    expect(opened.text()).toContain("other");
  });

  test("that a body calls something else by is no size there", async () => {
    const loop = fixture("loop-scripted");
    const opened = openFixture(loop);
    const feeds = fixtureFeeds("loop-scripted");
    const wanted = await runChanged(loop, opened.saved(), feeds);
    taken(opened, setDim, { dim: "batch", to: feeds["features"]!.dims[1]! });
    expect(await runChanged(loop, opened.saved(), feeds)).toEqual(wanted);
  });

  test("that is not there, or a name that is, is refused", () => {
    const opened = openFixture(fixture("bert-dynamic"));
    const [first, second] = opened.inference.symbols;
    expect(message(opened, setDim, { dim: "nothing", to: 1 })).toMatch(/No input .* named nothing/);
    expect(message(opened, setDim, { dim: first!, to: second! })).toMatch(/already/);
    expect(message(opened, setDim, { dim: first!, to: -1 })).toMatch(/no size/);
    expect(message(opened, setDim, { dim: first! })).toMatch(/^Say which size/);
  });
});

describe("an input or output", () => {
  const bytes = onnxModel({
    graph: {
      inputs: [
        { name: "x", dims: [2] },
        { name: "w", dims: [2] },
      ],
      outputs: [{ name: "y", dims: [2] }],
      initializers: [floatTensor("w", [2], [3, 4])],
      nodes: [
        { op: "Add", name: "sum", inputs: ["x", "w"], outputs: ["s"] },
        { op: "Mul", name: "product", inputs: ["s", "x"], outputs: ["y"] },
      ],
    },
  });

  test.each([
    ["x", "renamed"],
    ["w", "bias"],
    ["y", "result"],
  ])("%s gets another name", async (from, to) => {
    const opened = Opened.of(bytes);
    taken(opened, renameValue, { from, to });
    const changed = opened.saved();
    const feeds = { x: feed([1, -2], [2]) };
    const renamed = { [from === "x" ? to : "x"]: feeds.x };
    const got = await runInRuntime(changed, renamed);
    const wanted = await runInRuntime(bytes, feeds);
    expect(got).toEqual({ [from === "y" ? to : "y"]: wanted["y"] });
    expect(opened.text()).not.toMatch(new RegExp(`\\b${from}\\b`));
    opened.history.undo();
    expect(Buffer.compare(opened.saved(), bytes)).toBe(0);
  });

  test("keeps its name where the new one is taken, or is none", () => {
    const opened = Opened.of(bytes);
    expect(message(opened, renameValue, { from: "x", to: "s" })).toMatch(/named s already/);
    expect(message(opened, renameValue, { from: "s", to: "t" })).toMatch(/no input or output named s/);
    expect(message(opened, renameValue, { from: "x", to: " " })).toMatch(/^Say which name/);
  });
});

describe("a part of a model", () => {
  test("computes what it computed inside of the whole", async () => {
    const bert = fixture("bert-torchscript");
    const opened = openFixture(bert);
    const before = opened.saved();
    const { graph } = opened.model;
    const softmaxes = graph.nodes.filter(({ opType }) => opType === "Softmax");
    const [start, end] = [softmaxes[0]!.outputs[0]!, softmaxes[1]!.inputs[0]!];
    const feeds = fixtureFeeds("bert-torchscript");

    // The whole, with both values given out as well, is what the part is compared with.
    const whole = openFixture(bert);
    const outputs = [...graph.outputs.map(({ name }) => name), start, end];
    taken(whole, extractModel, { inputs: "", outputs });
    const all = await runChanged(bert, whole.saved(), feeds);

    taken(opened, extractModel, { inputs: start, outputs: end });
    expect(graph.nodes.length).toBeLessThan(whole.model.graph.nodes.length);
    expect(opened.inference.problems.map(({ message: text }) => text)).toEqual([]);
    const shape = (name: string) =>
      whole.inference.fact(whole.model.graph, name).shape!.map((dim) => Number(dim));
    const needed = Object.fromEntries(
      Object.entries(feeds).filter(([name]) => graph.inputs.some((input) => input.name === name)),
    );
    const dims = shape(start).every(Number.isInteger) ? shape(start) : dimsFrom(all[start]!.length);
    const got = await runChanged(bert, opened.saved(), { ...needed, [start]: feed(all[start]!, dims) });
    expect(got[end]).toEqual(all[end]);
    opened.history.undo();
    expect(Buffer.compare(opened.saved(), before)).toBe(0);
  });

  test("must be one", () => {
    const opened = openFixture(fixture("bert-torchscript"));
    const last = opened.model.graph.outputs[0]!.name;
    const first = opened.model.graph.inputs[0]!.name;
    expect(message(opened, extractModel, { outputs: "nothing" })).toMatch(/no value named nothing/);
    expect(message(opened, extractModel, { outputs: "" })).toMatch(/at least one/);
    expect(message(opened, extractModel, { inputs: last, outputs: last })).toMatch(/at once/);
    const early = opened.model.graph.nodes.find(({ inputs }) => inputs.includes(first))!.outputs[0]!;
    expect(message(opened, extractModel, { inputs: last, outputs: early })).toMatch(/Nothing .* reads/);
  });
});

/** Batch 2, 4 heads: the fixture's softmax is square. */
function dimsFrom(elements: number): number[] {
  const length = Math.sqrt(elements / 8);
  return [2, 4, length, length];
}
