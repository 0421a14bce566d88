import { expect, test } from "vitest";
import { mergeDuplicates } from "../../../src/core/actions/mergeDuplicates";
import { caught } from "../../support/caught";
import { FIXTURES } from "../../support/fixtures";
import { floatTensor, onnxModel } from "../../support/onnxBuilder";
import { feed, runInRuntime } from "../../support/runtime";
import { fixtureFeeds } from "./fixtureFeeds";
import { openFixture, runChanged } from "./fixtureModels";
import { Opened } from "./opened";

/** Differ in one element, which is neither at the ends nor in the middle. */
const matrix = (name: string, odd: number) =>
  floatTensor(
    name,
    [40, 40],
    Array.from({ length: 1600 }, (_, index) => (index === 500 ? odd : index % 7)),
  );

const BYTES = onnxModel({
  graph: {
    inputs: [{ name: "x", dims: [40, 40] }],
    outputs: [{ name: "y" }],
    initializers: [
      matrix("a", 1),
      matrix("copy", 1),
      matrix("alike", 2),
      floatTensor("row", [1, 40], new Array(40).fill(1)),
      floatTensor("column", [40, 1], new Array(40).fill(1)),
    ],
    nodes: [
      { op: "Sum", name: "sum", inputs: ["x", "a", "copy", "alike"], outputs: ["s"] },
      { op: "Sum", name: "out", inputs: ["s", "row", "column"], outputs: ["y"] },
    ],
  },
});

function merge(opened: Opened): void {
  const { model, inference, reader, history } = opened;
  history.step(model, "merge", [], (apply) => apply(mergeDuplicates.plan({ model, inference }, {}, reader)));
}

test("copies become one; what only looks like one, or has another shape, stays", async () => {
  const opened = Opened.of(BYTES);
  const { model, inference } = opened;
  expect(mergeDuplicates.answers({ model, inference })).toMatchObject([
    { offer: { weightBytesBefore: 3 * 6400 + 2 * 160 } },
  ]);
  merge(opened);
  expect([...model.graph.initializers.keys()]).toEqual(["a", "alike", "row", "column"]);
  expect(model.graph.nodes[0]!.inputs).toEqual(["x", "a", "a", "alike"]);
  const feeds = { x: feed(new Array(1600).fill(0.5), [40, 40]) };
  expect(await runInRuntime(opened.saved(), feeds)).toEqual(await runInRuntime(BYTES, feeds));
  opened.history.undo();
  expect(Buffer.compare(opened.saved(), BYTES)).toBe(0);
});

test("a second time there is nothing to do", () => {
  const opened = Opened.of(BYTES);
  merge(opened);
  expect(caught(() => merge(opened)).message).toBe("No two weights of the model are equal.");
});

const withCopies = FIXTURES.filter((fixture) => {
  const { model, inference } = openFixture(fixture);
  return mergeDuplicates.answers({ model, inference }).length > 0;
});

test.each(withCopies)("$name gives the same outputs from fewer bytes", async (fixture) => {
  const opened = openFixture(fixture);
  const before = opened.saved();
  merge(opened);
  const after = opened.saved();
  expect(after.length).toBeLessThan(before.length);
  const feeds = fixtureFeeds(fixture.name);
  expect(await runChanged(fixture, after, feeds)).toEqual(await runChanged(fixture, before, feeds));
});

test("several fixtures hold copies", () => {
  expect(withCopies.length).toBeGreaterThan(3);
});
