import { expect, test } from "vitest";
import { infer } from "../../../src/core/infer/infer";
import { fixtures, withFile } from "./fixtures";

test("without costs, shapes are the same and every cost is unknown", () => {
  for (const { path } of fixtures().slice(0, 20)) {
    withFile(path, (model, inference, reader) => {
      const shapes = infer(model, { readSmall: (tensor) => reader.small(tensor, 256), costs: "none" });
      for (const node of model.graph.nodes) {
        for (const output of node.outputs) {
          expect(shapes.fact(model.graph, output)).toEqual(inference.fact(model.graph, output));
        }
        expect(shapes.cost(node.id).trust).toBe("unknown");
      }
      expect(shapes.problems).toEqual(inference.problems);
    });
  }
});
