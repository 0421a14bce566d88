import { expect, test } from "vitest";
import { setAccuracyLevel } from "../../../src/core/actions/setAccuracyLevel";
import { FIXTURES } from "../../support/fixtures";
import { sqnrDb } from "../../support/runtime";
import { fixtureFeeds } from "./fixtureFeeds";
import { openFixture, runChanged } from "./fixtureModels";

test("every MatMulNBits gets the level; outputs move by the rounding of activations, and undo gives every byte back", async () => {
  const fixture = FIXTURES.find(({ name }) => name === "llama-4bit")!;
  const opened = openFixture(fixture);
  const { model, inference, reader, history } = opened;
  const before = opened.saved();
  const targets = model.graph.nodes.filter(({ opType }) => opType === "MatMulNBits");
  expect(targets.length).toBeGreaterThan(0);
  history.step(model, "level", [], (apply) => {
    for (const node of targets) {
      apply(setAccuracyLevel.plan({ model, inference, graph: model.graph, node }, {}, reader));
    }
  });
  for (const node of model.graph.nodes.filter(({ opType }) => opType === "MatMulNBits")) {
    expect(setAccuracyLevel.answer({ model, inference, graph: model.graph, node }).kind).toBe("none");
  }
  const feeds = fixtureFeeds(fixture.name);
  const wanted = await runChanged(fixture, before, feeds);
  const got = await runChanged(fixture, opened.saved(), feeds);
  for (const [name, exact] of Object.entries(wanted)) {
    expect(sqnrDb(exact, got[name]!)).toBeGreaterThan(20);
  }
  history.undo();
  expect(Buffer.compare(opened.saved(), before)).toBe(0);
});
