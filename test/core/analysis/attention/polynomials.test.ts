import { describe, expect, test } from "vitest";
import { inPowers } from "../../../../src/core/analysis/attention/polynomial";
import { evaluate, parse, substitute } from "../../../../src/core/expr";
import { positionCaps } from "../../../../src/engine/session/positionTables";
import { fixtures } from "../../infer/fixtures";
import { attentionIn, dimsAt, inferredAt, totalOf } from "./support";

/** Of use, and short ones: a model does not run beyond the end of its table of positions, which small models soon reach. */
const LENGTHS = [8, 16, 24, 64, 128, 512, 2048];
const EVERY = fixtures();

describe("polynomials in n are the cost of the nodes at n", () => {
  const withAxes = EVERY.filter(({ name }) =>
    /^(bert|bart|distilbert|gpt2|llama|marian|mixtral|roberta|t5|whisper|clip|contrib|unet)/.test(name),
  );
  test.each(withAxes.map(({ name, path }) => [name, path] as const))("%s", (name, path) => {
    const opened = attentionIn(path);
    const { algebra } = opened;
    const caps = positionCaps(opened.model, opened.inference);
    for (const axis of algebra.axes) {
      const end = Math.min(...axis.counted.map((dim) => caps.get(dim) ?? LENGTHS.at(-1)!));
      const lengths = LENGTHS.filter((n) => n <= (name.startsWith("unet") ? 128 : end));
      expect(lengths.length).toBeGreaterThan(1);
      for (const n of lengths) {
        const dims = dimsAt(opened, axis, n, (index) => 2 + index);
        const fresh = inferredAt(opened, dims);
        for (const figure of ["macs", "flops", "bytes"] as const) {
          const { terms } = inPowers(substitute(algebra.model[figure], axis.replaced), algebra.name);
          const sum = terms.reduce(
            (total, { power, factor }) => total + evaluate(factor, dims)! * n ** power,
            0,
          );
          expect(sum, `${figure} of ${axis.id} at ${n} (${axis.mode})`).toBe(totalOf(opened, fresh, figure));
        }
      }
    }
  });

  test("every dynamic model has an axis", () => {
    const dynamic = withAxes.filter(
      ({ name }) => !/^(bert-fixed|contrib-moe|whisper.*-encoder|unet-dynamo)/.test(name),
    );
    expect(dynamic.length).toBeGreaterThan(9);
    expect(dynamic.filter(({ path }) => attentionIn(path).algebra.axes.length === 0)).toEqual([]);
  });
});

test("twice the length is four times the products of scores", () => {
  const names = [
    "bert-dynamic",
    "gpt2-prefill",
    "llama-prefill",
    "t5-encoder",
    "bert-attention23",
    "bert-fused",
  ];
  for (const { path } of EVERY.filter(({ name }) => names.includes(name))) {
    const opened = attentionIn(path);
    const [axis] = opened.algebra.axes;
    const scores = (n: number) =>
      opened.algebra.blocks.map(({ parts }) =>
        evaluate(
          parts.scores.macs!,
          dimsAt(opened, axis!, n, () => 3),
        ),
      );
    expect(scores(256).length).toBeGreaterThan(0);
    expect(scores(256)).toEqual(scores(128).map((macs) => 4 * macs!));
  }
});

test.each([
  ["3·n² + 2·batch·n + 7", "3·n² + 2·batch·n + 7", true],
  ["batch·n² - n", "batch·n² - n", true],
  ["n·batch + n·2 + batch", "(batch + 2)·n + batch", true],
  ["n·(n + 1)·(n + 2)", "n³ + 3·n² + 2·n", true],
  ["floor(n/7)·n + 4", "floor(n/7)·n + 4", false],
  ["12", "12", true],
  ["n - n", "0", true],
])("%s in powers of n", (text, formula, exact) => {
  expect(inPowers(parse(text.replaceAll("²", "^2").replaceAll("·", "*"))!, "n")).toMatchObject({
    formula,
    exact,
  });
});
