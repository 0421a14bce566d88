import { Tensor } from "onnxruntime-node";
import { expect, test } from "vitest";
import { removeUnused } from "../../../src/core/actions/removeUnused";
import { applyPatch } from "../../../src/core/edit/apply";
import { ModelError } from "../../../src/core/errors";
import { caught } from "../../support/caught";
import { floatTensor, type ModelSpec, onnxModel } from "../../support/onnxBuilder";
import { feed, runInRuntime } from "../../support/runtime";
import { Opened } from "./opened";

/** A chain that nothing reads, one inside a branch, a weight that only the dead read, and one that a branch alone reads. */
const WITH_UNUSED: ModelSpec = {
  graph: {
    inputs: [
      { name: "condition", type: "bool", dims: [] },
      { name: "x", dims: [2] },
    ],
    outputs: [{ name: "y", dims: [2] }],
    initializers: [
      floatTensor("used", [2], [1, 2]),
      floatTensor("onlyInBranch", [2], [3, 4]),
      floatTensor("dead", [2], [5, 6]),
    ],
    values: [{ name: "d1", dims: [2] }],
    nodes: [
      { op: "Add", name: "live", inputs: ["x", "used"], outputs: ["a"] },
      { op: "Mul", name: "dead1", inputs: ["x", "dead"], outputs: ["d1"] },
      { op: "Neg", name: "dead2", inputs: ["d1"], outputs: ["d2"] },
      {
        op: "If",
        name: "choice",
        inputs: ["condition"],
        outputs: ["y"],
        attributes: {
          then_branch: {
            graph: {
              nodes: [
                { op: "Add", name: "inner", inputs: ["a", "onlyInBranch"], outputs: ["t"] },
                { op: "Neg", name: "innerDead", inputs: ["a"], outputs: ["u"] },
              ],
              outputs: [{ name: "t", dims: [2] }],
            },
          },
          else_branch: {
            graph: {
              nodes: [{ op: "Identity", name: "plain", inputs: ["a"], outputs: ["e"] }],
              outputs: [{ name: "e", dims: [2] }],
            },
          },
        },
      },
    ],
  },
};

test("what no output depends on goes, inside of branches too, and nothing else", () => {
  const opened = Opened.of(onnxModel(WITH_UNUSED));
  const { model, inference, reader } = opened;
  const [answer] = removeUnused.answers({ model, inference });
  expect(answer).toMatchObject({
    kind: "offer",
    offer: {
      detail: "3 nodes and 1 initializer that no output depends on",
      weightBytesBefore: 24,
      weightBytesAfter: 16,
    },
  });
  applyPatch(model, removeUnused.plan({ model, inference }, {}, reader));
  expect([...opened.nodes()].map(({ node }) => node.name)).toEqual(["live", "choice", "inner", "plain"]);
  expect([...model.graph.initializers.keys()]).toEqual(["used", "onlyInBranch"]);
  expect([...model.graph.valueInfo.keys()]).toEqual([]);
});

test("it comes back byte for byte, and the outputs stay the same bits", async () => {
  const bytes = onnxModel(WITH_UNUSED);
  const opened = Opened.of(bytes);
  const { model, inference, reader } = opened;
  const applied = applyPatch(model, removeUnused.plan({ model, inference }, {}, reader));
  const feeds = { condition: new Tensor("bool", [true], []), x: feed([0.25, -7], [2]) };
  expect(await runInRuntime(opened.saved(), feeds)).toEqual(await runInRuntime(bytes, feeds));
  applied.undo();
  expect(Buffer.compare(opened.saved(), bytes)).toBe(0);
});

test("a model in which all is used has nothing to offer, and refuses a stale call", () => {
  const opened = Opened.of(onnxModel(WITH_UNUSED));
  const { model, inference, reader } = opened;
  applyPatch(model, removeUnused.plan({ model, inference }, {}, reader));
  expect(removeUnused.answers({ model, inference: opened.inference })).toEqual([]);
  const error = caught(() => removeUnused.plan({ model, inference: opened.inference }, {}, reader));
  expect(error).toBeInstanceOf(ModelError);
  expect(error.code).toBe("inconsistent");
});
