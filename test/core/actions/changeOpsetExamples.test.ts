import { describe, expect, test } from "vitest";
import { changeOpset } from "../../../src/core/actions/changeOpset";
import { NEWEST_OPSET } from "../../../src/core/model/opset";
import { OPERATORS } from "../../../src/core/ops/index";
import { caught } from "../../support/caught";
import { runInRuntime, sqnrDb } from "../../support/runtime";
import { runnableExample } from "../ops/runExample";
import { Opened } from "./opened";

const RANDOM = /^(Random|Multinomial|Bernoulli)/;

const EXAMPLES = OPERATORS.filter(({ domain, name }) => domain === "" && !RANDOM.test(name)).flatMap((spec) =>
  spec.examples
    .filter(({ noKernel }) => noKernel === undefined)
    .map((example) => ({ op: spec.name, title: example.title, opset: example.opset, spec, example })),
);

/** What is refused, with the reason. */
const REFUSED: { readonly [op: string]: RegExp } = {
  GlobalLpPool: /no kernel/,
  MaxRoiPool: /no kernel/,
  RoiAlign: /no kernel/,
};

/** Operators that onnxruntime has for the first versions only. */
const EARLY = ["Affine", "Crop", "ImageScaler", "ParametricSoftplus", "Scale", "ScaledTanh"];

/** onnxruntime runs it at 24, as the function that it stands for, and at no version above. */
const ONLY_THERE = ["Swish"];

describe.each([21, NEWEST_OPSET])("raised to %i", (version) => {
  const older = EXAMPLES.filter(({ opset, op }) => opset < version && !ONLY_THERE.includes(op));
  test.each(older)("$op: $title", async ({ spec, example, op }) => {
    const { bytes, feeds } = runnableExample(spec, example);
    const opened = Opened.of(bytes);
    const { model, inference, reader, history } = opened;
    const plan = () => changeOpset.plan({ model, inference }, { version }, reader);
    const refused = EARLY.includes(op) ? /it is not known/ : version > 21 ? REFUSED[op] : undefined;
    if (refused !== undefined) {
      expect(caught(plan).message).toMatch(refused);
      return;
    }
    history.step(model, "opset", [], (apply) => apply(plan()));
    const [wanted, got] = [await runInRuntime(bytes, feeds), await runInRuntime(opened.saved(), feeds)];
    for (const [name, values] of Object.entries(wanted)) {
      if (op === "AveragePool") {
        // The kernel of 19 sums in another order.
        expect(sqnrDb(values, got[name]!)).toBeGreaterThan(100);
      } else {
        expect(got[name]).toEqual(values);
      }
    }
  });
});
