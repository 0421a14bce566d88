import { describe, expect, test } from "vitest";
import { quantizeBlocks } from "../../../src/core/actions/quantizeBlocks";
import type { Params } from "../../../src/core/actions/types";
import { caught } from "../../support/caught";
import { FIXTURES } from "../../support/fixtures";
import { floatTensor, type ModelSpec, onnxModel } from "../../support/onnxBuilder";
import { Random } from "../../support/random";
import { feed, runInRuntime, sqnrDb } from "../../support/runtime";
import { fixtureFeeds } from "./fixtureFeeds";
import { openFixture, runChanged } from "./fixtureModels";
import { Opened } from "./opened";

const [K, N] = [100, 64];
const random = new Random(4);
const values = Array.from({ length: K * N }, () => random.fraction() - 0.4);
const X = feed(
  Array.from({ length: 3 * K }, () => random.fraction() - 0.5),
  [3, K],
);

function layer(
  op: "MatMul" | "Gemm",
  dims: readonly number[] = [K, N],
  extra: Partial<ModelSpec["graph"]> = {},
) {
  return onnxModel({
    graph: {
      inputs: [{ name: "x", dims: [3, K] }],
      outputs: [{ name: "y", dims: [3, N] }],
      initializers: [floatTensor("W", dims, values), floatTensor("B", [N], values.slice(0, N))],
      nodes: [
        {
          ...{ op, name: "layer", inputs: op === "Gemm" ? ["x", "W", "B"] : ["x", "W"], outputs: ["y"] },
          ...(op === "Gemm" && dims[0] === N ? { attributes: { transB: { int: 1 } } } : {}),
        },
      ],
      ...extra,
    },
  });
}

function apply(opened: Opened, params: Params): void {
  const { history, model, reader } = opened;
  const context = opened.context("layer");
  history.step(model, "blocks", [], (take) => take(quantizeBlocks.plan(context, params, reader)));
}

/** Rounding to 2^bits steps loses about 6 dB less with each bit. */
const LEAST_DB = { 2: 6, 4: 18, 8: 40 } as const;

describe.each<["MatMul" | "Gemm", readonly number[]]>([
  ["MatMul", [K, N]],
  ["Gemm", [K, N]],
  ["Gemm", [N, K]],
])("%s with a weight of %j", (op, dims) => {
  test.each(
    ([2, 4, 8] as const).flatMap((bits) =>
      [16, 32, 128].flatMap((block) => [true, false].map((symmetric) => ({ bits, block, symmetric }))),
    ),
  )("$bits bits, blocks of $block, symmetric $symmetric", async (form) => {
    const bytes = layer(op, dims);
    const opened = Opened.of(bytes);
    const preview = quantizeBlocks.preview!(opened.context("layer"), form, opened.reader);
    apply(opened, { ...form, accuracyLevel: 0 });
    const { y: wanted } = await runInRuntime(bytes, { x: X });
    const { y: got } = await runInRuntime(opened.saved(), { x: X });
    expect(sqnrDb(wanted!, got!)).toBeGreaterThan(LEAST_DB[form.bits]);
    // Errors of the weights are independent, so that outputs lose as much as weights do.
    expect(Math.abs(sqnrDb(wanted!, got!) - preview.weightSqnrDb)).toBeLessThan(4);
    const stored = [...opened.model.graph.initializers.values()].filter(({ name }) => name !== "B");
    const size = stored.reduce(
      (sum, { dtype, dims: shape }) => sum + (dtype === "uint8" ? 1 : 4) * shape.reduce((a, b) => a * b, 1),
      0,
    );
    expect(size - (op === "MatMul" ? 4 * N : 0)).toBeLessThanOrEqual(preview.weightBytesAfter);
    opened.history.undo();
    expect(Buffer.compare(opened.saved(), bytes)).toBe(0);
  });
});

test.each<[string, Uint8Array, RegExp]>([
  [
    "scaled operands",
    layer("Gemm", [K, N], {
      nodes: [
        {
          ...{ op: "Gemm", name: "layer", inputs: ["x", "W", "B"], outputs: ["y"] },
          attributes: { alpha: { float: 0.5 } },
        },
      ],
    }),
    /scales its operands/,
  ],
  [
    "a sum that is no bias",
    layer("Gemm", [K, N], {
      initializers: [floatTensor("W", [K, N], values), floatTensor("B", [3, 1], [1, 2, 3])],
    }),
    /no bias/,
  ],
  [
    "more than two axes",
    layer("MatMul", [1, K, N], { initializers: [floatTensor("W", [1, K, N], values)] }),
    /takes matrices/,
  ],
])("%s: refused with the reason", (_, bytes, reason) => {
  const opened = Opened.of(bytes);
  const answer = quantizeBlocks.answer(opened.context("layer"));
  expect(answer).toMatchObject({ kind: "refusal", refusal: { reason: expect.stringMatching(reason) } });
  expect(caught(() => apply(opened, {})).code).toBe("inconsistent");
});

test("a form that there is not is refused", () => {
  const opened = Opened.of(layer("MatMul"));
  expect(caught(() => apply(opened, { bits: 3 })).message).toBe("bits is one of 2, 4, 8, and not 3.");
});

const transformers = FIXTURES.filter(({ name }) =>
  ["bert-torchscript", "gpt2-prefill", "vit", "llama-decode"].includes(name),
);

test.each(transformers)("$name: every layer that can be, in 8 bits", async (fixture) => {
  const opened = openFixture(fixture);
  const { model, inference, reader, history } = opened;
  const before = opened.saved();
  const places = [...opened.nodes()].filter(
    (at) => quantizeBlocks.answer({ model, inference, ...at }).kind === "offer",
  );
  if (places.length === 0) {
    return;
  }
  history.step(model, "all", [], (take) => {
    for (const at of places) {
      take(quantizeBlocks.plan({ model, inference, ...at }, { bits: 8, accuracyLevel: 0 }, reader));
    }
  });
  const feeds = fixtureFeeds(fixture.name);
  const wanted = await runChanged(fixture, before, feeds);
  const got = await runChanged(fixture, opened.saved(), feeds);
  for (const [name, exact] of Object.entries(wanted)) {
    if (exact instanceof Float32Array) {
      expect([name, sqnrDb(exact, got[name]!)]).toSatisfy(([, quality]) => quality > 25);
    }
  }
  history.undo();
  expect(Buffer.compare(opened.saved(), before)).toBe(0);
});
