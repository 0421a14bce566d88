import { expect, test } from "vitest";
import { History } from "../../../src/core/edit/history";
import type { Patch } from "../../../src/core/edit/types";
import { readModel } from "../../../src/core/model/reader";
import type { Model } from "../../../src/core/model/types";
import type { ActionCall } from "../../../src/protocol/actions";
import { caught } from "../../support/caught";
import { onnxModel } from "../../support/onnxBuilder";
import { memorySource } from "../../support/sources";
import { NESTED } from "./nested";

const call = (action: string): ActionCall => ({ action, target: { output: "y" }, params: {} });

function putting(name: string): Patch {
  const bytes = Uint8Array.of(1);
  const tensor = { name: `new ${name}`, dtype: "uint8", dims: [1], data: { kind: "memory", bytes } } as const;
  return { label: name, edits: [{ kind: "putTensor", graph: "", tensor }] };
}

function started() {
  const model = readModel(memorySource(onnxModel(NESTED)));
  const history = new History();
  const step = (name: string) =>
    history.step(model, name, [call(name)], (apply) => {
      apply(putting(name));
    });
  return { model, history, step };
}

const added = (model: Model) =>
  [...model.graph.initializers.keys()].filter((name) => name.startsWith("new ")).map((name) => name.slice(4));
const actions = (calls: readonly ActionCall[] | undefined) => calls?.map(({ action }) => action);

test("undo and redo walk the steps, with their labels", () => {
  const { model, history, step } = started();
  expect([history.canUndo, history.canRedo, history.dirty]).toEqual([false, false, false]);
  expect(history.undo()).toBeUndefined();
  expect(history.redo()).toBeUndefined();
  step("a");
  step("b");
  expect(added(model)).toEqual(["a", "b"]);
  expect([history.canUndo, history.canRedo, history.dirty]).toEqual([true, false, true]);
  expect(history.undo()?.label).toBe("b");
  expect(history.undo()?.label).toBe("a");
  expect(added(model)).toEqual([]);
  expect([history.canUndo, history.canRedo, history.dirty]).toEqual([false, true, false]);
  expect(history.redo()?.label).toBe("a");
  expect(added(model)).toEqual(["a"]);
  expect(actions(history.calls)).toEqual(["a"]);
});

test("a new edit cuts what could be done again", () => {
  const { model, history, step } = started();
  step("a");
  step("b");
  history.undo();
  step("c");
  expect([history.canRedo, added(model)]).toEqual([false, ["a", "c"]]);
  expect(history.redo()).toBeUndefined();
  history.undo();
  expect(history.redo()?.label).toBe("c");
  expect(actions(history.calls)).toEqual(["a", "c"]);
});

test("clean is where it was saved, from both sides", () => {
  const { history, step } = started();
  step("a");
  history.markSaved();
  expect(history.dirty).toBe(false);
  step("b");
  expect([history.dirty, actions(history.callsSinceSave)]).toEqual([true, ["b"]]);
  history.undo();
  expect([history.dirty, actions(history.callsSinceSave)]).toEqual([false, []]);
  history.undo();
  expect([history.dirty, history.callsSinceSave]).toEqual([true, undefined]);
  history.redo();
  expect(history.dirty).toBe(false);
});

test("a saved state that was cut off cannot be reached, so that the model stays dirty", () => {
  const { history, step } = started();
  step("a");
  step("b");
  history.markSaved();
  history.undo();
  step("c");
  expect([history.dirty, history.callsSinceSave]).toEqual([true, undefined]);
  history.undo();
  history.undo();
  expect([history.canUndo, history.dirty]).toEqual([false, true]);
  history.redo();
  history.redo();
  expect(history.dirty).toBe(true);
  history.markSaved();
  expect(history.dirty).toBe(false);
});

test("several patches are one step, and a failure in it takes all of it back", () => {
  const { model, history, step } = started();
  step("a");
  history.undo();
  const error = caught(() =>
    history.step(model, "many", [call("many")], (apply) => {
      apply(putting("b"));
      apply(putting("c"));
      apply(putting("b"));
    }),
  );
  expect(error.code).toBe("inconsistent");
  expect([added(model), history.canUndo, history.canRedo]).toEqual([[], false, true]);
  history.step(model, "many", [call("1"), call("2")], (apply) => {
    apply(putting("b"));
    apply(putting("c"));
  });
  expect([added(model), actions(history.calls)]).toEqual([
    ["b", "c"],
    ["1", "2"],
  ]);
  history.undo();
  expect([added(model), history.canUndo]).toEqual([[], false]);
});

test("edited nodes are those of the steps in force", () => {
  const { model, history } = started();
  const last = model.graph.nodes.find(({ name }) => name === "last")!.id;
  const touched = history.step(model, "set", [], (apply) => {
    apply({ label: "set", edits: [{ kind: "setInput", graph: "", node: last, index: 0, value: "chosen" }] });
  });
  expect(touched).toEqual([last]);
  expect([...history.editedNodes]).toEqual([last]);
  expect(history.undo()?.touched).toEqual([last]);
  expect([...history.editedNodes]).toEqual([]);
});
