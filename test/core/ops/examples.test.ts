import { describe, expect, test } from "vitest";
import { dimension, evaluate, format } from "../../../src/core/expr";
import type { Dim } from "../../../src/core/facts/fact";
import { infer } from "../../../src/core/infer/infer";
import { controlOps } from "../../../src/core/ops/control";
import { OPERATORS } from "../../../src/core/ops/index";
import { microsoftSearchOps } from "../../../src/core/ops/microsoft/search";
import { mlMapOps } from "../../../src/core/ops/ml/maps";
import { sequenceOps } from "../../../src/core/ops/sequence";
import type { OpSpec } from "../../../src/core/ops/spec";
import { exampleModel } from "./exampleModel";

/** Graphs, sequences and maps do not fit into an example: test/core/infer/control.test.ts covers these. */
const WITHOUT_EXAMPLES: readonly OpSpec[] = [
  ...controlOps,
  ...sequenceOps,
  ...mlMapOps,
  ...microsoftSearchOps,
];

const words = (shape: readonly Dim[] | undefined): readonly string[] | undefined =>
  shape?.map((dim) => (dim === undefined ? "?" : format(dim)));

describe.each(OPERATORS.map((spec) => [`${spec.domain}:${spec.name} since ${spec.since}`, spec] as const))(
  "%s",
  (_, spec) => {
    test("has an example", () => {
      expect(spec.examples.length > 0 || WITHOUT_EXAMPLES.includes(spec)).toBe(true);
    });

    test.each(
      spec.examples.map((example) => [`${example.title} (opset ${example.opset})`, example] as const),
    )("%s", (_title, example) => {
      const { model, node, contents } = exampleModel(spec, example);
      const inference = infer(model, { readSmall: (tensor) => contents.get(tensor) });
      expect(inference.problems).toEqual([]);
      example.outputs.forEach((expected, i) => {
        if (expected === null) {
          return;
        }
        const fact = inference.fact(model.graph, `out${i}`);
        const shape = expected.shape.map((dim) => (typeof dim === "string" ? dimension(dim) : dim));
        expect(words(fact.shape), `shape of output ${i}`).toEqual(words(shape));
        expect(fact.dtype, `type of output ${i}`).toBe(expected.dtype);
      });
      const cost = inference.cost(node.id);
      const bindings = new Map(Object.entries(example.bindings ?? {}));
      expect(cost.rule).not.toBe("");
      if (example.macs !== undefined) {
        expect(cost.macs === undefined ? "unknown" : evaluate(cost.macs, bindings), "MACs").toBe(
          example.macs,
        );
      }
      if (example.other !== undefined) {
        expect(cost.other === undefined ? "unknown" : evaluate(cost.other, bindings), "other FLOPs").toBe(
          example.other,
        );
      }
    });
  },
);

test("no operator is registered twice", () => {
  const keys = OPERATORS.map((spec) => `${spec.domain}:${spec.name}:${spec.since}`);
  expect(keys.filter((key, i) => keys.indexOf(key) !== i)).toEqual([]);
});
