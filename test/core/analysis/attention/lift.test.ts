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
  // Patches of 8 pixels, and the class token.
  ["vit", ["pixel_values[2]", "pixel_values[3]"], 24, 10, 48, 37],
  ["vit-fused", ["pixel_values[2]", "pixel_values[3]"], 24, 10, 80, 101],
  // The second convolution halves the frames.
  ["whisper-encoder", ["input_features[2]"], 48, 24, 3000, 1500],
  ["whisper-encoder-optimised", ["input_features[2]"], 48, 24, 64, 32],
])(
  "%s: another size of the input, and as many tokens as it makes",
  (name, axes, length, tokens, other, then) => {
    const { lifted: fixed, opened } = lifted(name);
    if (typeof fixed === "string") {
      throw new Error(fixed);
    }
    expect(fixed).toMatchObject({ axes, length, tokens, needsTable: true });
    const { blocks } = algebraOf(opened.model, fixed.inference, fixed.findings);
    const at = (expr: Expr | undefined, size: number) =>
      evaluate(
        expr!,
        new Map([
          ["batch", 2],
          [fixed.name, size],
        ]),
      );
    for (const { region, parts } of blocks) {
      expect(at(region.sizes.queryLength, length)).toBe(tokens);
      expect(at(region.sizes.queryLength, other)).toBe(then);
      expect(at(region.sizes.keyLength, other)).toBe(then);
      // Products of queries and keys go with the square of the tokens, projections with the tokens.
      expect(at(parts.scores.macs, other)! * tokens ** 2).toBe(at(parts.scores.macs, length)! * then ** 2);
      expect(at(parts.projections.macs, other)! * tokens).toBe(at(parts.projections.macs, length)! * then);
    }
  },
);

test.each([
  ["swin", "windows"],
  ["swin-dynamo", "windows"],
  ["resnet", "No attention was found"],
])("%s: why its length cannot be replaced is said", (name, why) => {
  expect(lifted(name).lifted).toContain(why);
});

const n = symbol("n");
const batch = symbol("batch");
test.each<[string, Expr[], Expr[], Expr[], Expr[] | undefined]>([
  ["heads are split", [2, 16, 48], [2, 16, 4, 12], [2, n, 48], [2, n, 4, 12]],
  ["as many heads as tokens", [2, 16, 48], [2, 16, 16, 3], [2, n, 48], [2, n, 16, 3]],
  ["tokens of all sequences in a row", [2, 16, 48], [32, 48], [2, n, 48], [mul(2, n), 48]],
  ["and back", [32, 48], [2, 16, 48], [mul(2, n), 48], [2, n, 48]],
  ["a weight of the same size", [16, 3], [48], [16, 3], [48]],
  ["two axes merged", [2, 16, 16], [2, 256], [2, n, n], [2, mul(n, n)]],
  ["beside a dim", [batch, 24, 32], [batch, 24, 4, 8], [batch, n, 32], [batch, n, 4, 8]],
  ["merged with a dim", [batch, 24, 32], [mul(24, batch), 32], [batch, n, 32], [mul(n, batch), 32]],
  ["sides of an image in a row", [batch, 8, 3, 3], [batch, 8, 9], [batch, 8, n, n], [batch, 8, mul(n, n)]],
  ["a length cut into windows", [2, 16, 8], [2, 4, 4, 8], [2, n, 8], undefined],
])("Reshape with a length in it: %s", (_, read, made, input, output) => {
  expect(reshaped({ read, made }, input)).toEqual(output);
});
