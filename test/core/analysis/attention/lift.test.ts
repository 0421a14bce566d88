import { join } from "node:path";
import { expect, test } from "vitest";
import { algebraOf } from "../../../../src/core/analysis/attention/algebra";
import { type Lifted, liftLength } from "../../../../src/core/analysis/attention/lift/lift";
import { reshaped } from "../../../../src/core/analysis/attention/lift/reshape";
import { type Expr, evaluate, mul, symbol } from "../../../../src/core/expr";
import { attentionIn } from "./support";

const MODELS = join(import.meta.dirname, "../../../fixtures/models");

function lifted(name: string): {
  readonly lifted: Lifted | string;
  readonly opened: ReturnType<typeof attentionIn>;
} {
  const opened = attentionIn(join(MODELS, `${name}.onnx`));
  const { model, inference, findings, infer, find } = opened;
  const result = liftLength(model, inference, findings, { infer, find });
  return { lifted: result, opened };
}

test("a fixed export, its length replaced, costs what its dynamic twin costs at every length", () => {
  const { lifted: fixed, opened } = lifted("bert-fixed");
  const twin = attentionIn(join(MODELS, "bert-torchscript.onnx"));
  if (typeof fixed === "string") {
    throw new Error(fixed);
  }
  expect(fixed.length).toBe(16);
  expect(fixed.axes).toEqual(["input_ids[1]", "attention_mask[1]", "token_type_ids[1]"]);
  const algebra = algebraOf(opened.model, fixed.inference, fixed.findings);
  for (const n of [16, 64, 128, 512, 2048]) {
    const own = new Map([[fixed.name, n]]);
    const other = new Map(Object.entries({ batch: 2, sequence: n }));
    expect(evaluate(algebra.model.macs, own)).toBe(evaluate(twin.algebra.model.macs, other));
    algebra.blocks.forEach((block, i) => {
      const { parts } = twin.algebra.blocks[i]!;
      for (const part of ["projections", "scores", "softmax", "weightedSum"] as const) {
        expect(evaluate(block.parts[part].flops!, own)).toBe(evaluate(parts[part].flops!, other));
      }
    });
  }
});

test.each([
  ["swin", "windows"],
  ["resnet", "No attention was found"],
])("%s: why its length cannot be replaced is said", (name, why) => {
  expect(lifted(name).lifted).toContain(why);
});

const n = symbol("n");
test.each<[string, number[], number[], Expr[], Expr[] | undefined]>([
  ["heads are split", [2, 16, 48], [2, 16, 4, 12], [2, n, 48], [2, n, 4, 12]],
  ["as many heads as tokens", [2, 16, 48], [2, 16, 16, 3], [2, n, 48], [2, n, 16, 3]],
  ["tokens of all sequences in a row", [2, 16, 48], [32, 48], [2, n, 48], [mul(2, n), 48]],
  ["and back", [32, 48], [2, 16, 48], [mul(2, n), 48], [2, n, 48]],
  ["a weight of the same size", [16, 3], [48], [16, 3], [48]],
  ["two axes merged", [2, 16, 16], [2, 256], [2, n, n], [2, mul(n, n)]],
  ["a length cut into windows", [2, 16, 8], [2, 4, 4, 8], [2, n, 8], undefined],
])("Reshape with a length in it: %s", (_, read, made, input, output) => {
  expect(reshaped(read, made, input)).toEqual(output);
});
