import { describe, expect, test } from "vitest";
import { cancelCasts } from "../../../src/core/actions/cancelCasts";
import { cancelTransposes } from "../../../src/core/actions/cancelTransposes";
import { foldConstant } from "../../../src/core/actions/foldConstant";
import { mergeBias } from "../../../src/core/actions/mergeBias";
import { removeNoOp } from "../../../src/core/actions/removeNoOp";
import type { NodeAction } from "../../../src/core/actions/types";
import { FIXTURES } from "../../support/fixtures";
import { fixtureFeeds } from "./fixtureFeeds";
import { openFixture, runChanged } from "./fixtureModels";
import type { Opened } from "./opened";

const EXACT: readonly NodeAction[] = [removeNoOp, foldConstant, cancelTransposes, cancelCasts];
/** The order of additions changes. */
const NEARLY: readonly NodeAction[] = [mergeBias];

/**
 * onnxruntime's CPU provider computes float16 operators as float32 with Casts around each, and leaves out Casts that
 * meet: which intermediate results are rounded to float16 depends on the nodes in between, also on those without effect.
 */
const ROUNDS_BETWEEN = ["bert-fp16"];

/** Takes every offer, again and again until there is none. Answers how many were taken. */
function applyAll(model: Opened, actions: readonly NodeAction[]): number {
  let taken = 0;
  for (;;) {
    const { inference } = model;
    const offer = [...model.nodes()]
      .flatMap(({ graph, node }) => actions.map((action) => ({ action, graph, node })))
      .filter(
        ({ action, ...at }) => action.answer({ model: model.model, inference, ...at }).kind === "offer",
      );
    if (offer.length === 0) {
      return taken;
    }
    model.history.step(model.model, "all", [], (apply) => {
      // A node that an earlier offer of the round took away is not there any more.
      for (const { action, graph, node } of offer) {
        const context = { model: model.model, inference, graph, node };
        if (graph.nodes.includes(node) && action.answer(context).kind === "offer") {
          apply(action.plan(context, {}, model.reader));
          taken += 1;
        }
      }
    });
  }
}

const counts = new Map<NodeAction, number>();

describe.each([...EXACT, ...NEARLY].map((action) => [action.id, action] as const))("%s", (_, action) => {
  test.each(FIXTURES)("$name: the same outputs, and every byte comes back", async (fixture) => {
    const model = openFixture(fixture);
    const before = { text: model.text(), bytes: model.saved() };
    const taken = applyAll(model, [action]);
    counts.set(action, (counts.get(action) ?? 0) + taken);
    if (taken === 0) {
      return;
    }
    const problems = model.inference.problems.map(({ message }) => message);
    expect(problems).toEqual([]);
    const changed = model.saved();
    const feeds = fixtureFeeds(fixture.name);
    const [wanted, got] = await Promise.all(
      [before.bytes, changed].map((bytes) => runChanged(fixture, bytes, feeds)),
    );
    expect(Object.keys(got!)).toEqual(Object.keys(wanted!));
    for (const [output, values] of Object.entries(wanted!)) {
      if (EXACT.includes(action) && !ROUNDS_BETWEEN.includes(fixture.name)) {
        expect(got![output]).toEqual(values);
      } else {
        expect(largestDifference(values, got![output]!)).toBeLessThan(
          ROUNDS_BETWEEN.includes(fixture.name) ? 2e-2 : 1e-4,
        );
      }
    }
    while (model.history.canUndo) {
      model.history.undo();
    }
    expect(model.text()).toBe(before.text);
    expect(Buffer.compare(model.saved(), before.bytes)).toBe(0);
  });
});

test("fixtures have what is looked for", () => {
  // Their products of matrices have more than two axes, or no bias.
  expect(counts.get(mergeBias)).toBe(0);
  for (const action of EXACT) {
    expect([action.id, counts.get(action)]).toSatisfy(([, count]) => count > 0);
  }
});

function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let largest = 0;
  for (let index = 0; index < a.length; index++) {
    const [x, y] = [Number(a[index]), Number(b[index])];
    largest = Math.max(largest, Math.abs(x - y) / Math.max(1, Math.abs(x)));
  }
  return largest;
}
