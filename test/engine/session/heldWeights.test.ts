import { expect, test } from "vitest";
import { infer } from "../../../src/core/infer/infer";
import { readModel } from "../../../src/core/model/reader";
import { ModelState } from "../../../src/engine/session/state";
import { ModelTotals } from "../../../src/engine/session/totals";
import { parameterTree } from "../../../src/engine/session/treemap";
import { onnxModel } from "../../support/onnxBuilder";
import { memorySource } from "../../support/sources";

test("weights in attributes are in the totals and on the map", () => {
  const model = readModel(
    memorySource(
      onnxModel({
        opsets: { "": 21, "ai.onnx.ml": 3 },
        graph: {
          nodes: [
            {
              op: "LinearClassifier",
              domain: "ai.onnx.ml",
              name: "classifier",
              inputs: ["x"],
              outputs: ["label", "scores"],
              attributes: {
                coefficients: { floats: [1, 2, 3, 4, 5, 6] },
                intercepts: { floats: [1, 2] },
                classlabels_ints: { ints: [0, 1] },
              },
            },
          ],
          inputs: [{ name: "x", dims: ["rows", 3] }],
          outputs: [],
        },
      }),
    ),
  );
  const state = new ModelState({ revision: 1, model, inference: infer(model), bindings: new Map() });
  const { params, weightBytes, weightBytesByDtype } = new ModelTotals(state).now();
  expect({ params, weightBytes }).toEqual({ params: 8, weightBytes: 32 });
  expect(weightBytesByDtype).toEqual([{ dtype: "float32", bytes: 32, params: 8 }]);
  expect(parameterTree(state)).toMatchObject({ bytes: 32, params: 8 });
});
