import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ATTENTION_PARTS, type CurveQuery } from "../../../src/protocol/attention";
import { linearModel, onnxModel } from "../../support/onnxBuilder";
import { tempFolder } from "../../support/tempFolder";
import { fixturePath, type TestEngine, testEngine } from "./support";

let engine: TestEngine;
beforeEach(() => {
  engine = testEngine();
});
afterEach(() => engine.dispose());

async function opened(name: string, bindings: { readonly [dim: string]: number } = {}) {
  await engine.call("open", { path: fixturePath(name), bindings });
  return engine.call("attention", {});
}

const curveOf = (query: CurveQuery) => engine.call("attentionCurve", query);

describe("the report", () => {
  test("of an encoder: two blocks, one length, and all of the model in it", async () => {
    const report = await opened("bert-dynamic", { batch: 2, sequence: 7 });
    const { totals } = await engine.call("summary", {});
    expect(report.blocks).toHaveLength(2);
    expect(report.modes).toEqual([
      {
        mode: "prefill",
        axis: {
          id: "sequence",
          dims: ["sequence"],
          rules: ["sequence = n"],
          title: "Length of the sequence",
          unit: "tokens",
          current: 7,
          limit: 64,
          whatIf: null,
        },
      },
    ]);
    expect(report.noAxis).toBeNull();
    expect(report.totals.modelFlops).toEqual(totals.flops);
    expect(report.totals.modelMacs).toEqual(totals.macs);
    expect(report.totals.modelPolynomials.macs?.formula).toBe("192·batch·n² + 33792·batch·n");
    expect(
      report.totals.modelPolynomials.macs?.terms.map(({ power, coefficient }) => [power, coefficient.value]),
    ).toEqual([
      [2, 384],
      [1, 67584],
    ]);
    // aten.bmm of PyTorch at these dims.
    expect(report.totals.parts.scores.flops.value! + report.totals.parts.weightedSum.flops.value!).toBe(
      37632,
    );
  });

  test("names rows of the table", async () => {
    const { blocks } = await opened("bert-dynamic");
    const { rows } = await engine.call("rows", { group: false, start: 0, count: 10_000 });
    const ops = new Map(rows.map(({ key, op }) => [key, op]));
    for (const { key, nodes, projections } of blocks) {
      expect(ops.get(key)).toBe("Softmax");
      expect(nodes).toContain(key);
      expect(nodes.filter((node) => ops.get(node) === "MatMul")).toHaveLength(2);
      for (const layers of Object.values(projections)) {
        expect(layers.map((layer) => ops.get(layer)).join()).toContain("MatMul");
      }
    }
  });

  test("follows an edit and a binding", async () => {
    const before = await opened("encoder");
    const { suggestions } = await engine.call("overview", {});
    await engine.call("apply", { calls: [suggestions[0]!.call] });
    const after = await engine.call("attention", {});
    expect(after.revision).toBeGreaterThan(before.revision);
    expect(after.blocks.map(({ key }) => key)).toEqual(before.blocks.map(({ key }) => key));
    await engine.call("bind", { bindings: { sequence: 33 } });
    const bound = await engine.call("attention", {});
    expect(bound.blocks[0]!.queryLength.value).toBe(33);
    expect(bound.modes[0]!.axis.current).toBe(33);
  });

  test("decoding starts where the sizes are those of decoding", async () => {
    const decoding = await opened("gpt2-decode");
    expect(decoding.modes.map(({ mode, axis }) => [mode, axis.rules, axis.current])).toEqual([
      ["decode", ["sequence = 1", "past_sequence = n - 1"], 129],
      ["prefill", ["past_sequence = 0", "sequence = n"], 129],
    ]);
    const prefilling = await opened("gpt2-decode", { sequence: 9, past_sequence: 0 });
    expect(prefilling.modes.map(({ mode }) => mode)).toEqual(["prefill", "decode"]);
    // Scores of one token grow with what is cached, no faster.
    expect(decoding.totals.modelPolynomials.macs!.terms.map(({ power }) => power)).toEqual([1, 0]);
    expect(prefilling.totals.modelPolynomials.macs!.terms.map(({ power }) => power)).toEqual([2, 1]);
  });

  test("an encoder and a decoder have a length each", async () => {
    const { modes } = await opened("bart");
    expect(modes.map(({ mode, axis }) => [mode, axis.id])).toEqual([
      ["prefill", "decoder_sequence"],
      ["prefill", "sequence"],
    ]);
    expect(new Set(modes.map(({ axis }) => axis.title)).size).toBe(2);
  });

  test("the sides of an image are a length in pixels", async () => {
    const { modes } = await opened("unet");
    expect(modes[0]!.axis).toMatchObject({ unit: "pixels", rules: ["height = n", "width = n"] });
    expect(modes[1]!.axis).toMatchObject({ unit: "tokens", rules: ["sequence = n"] });
  });

  test("a fixed length is replaced, and said to be", async () => {
    const { modes, totals } = await opened("bert-fixed");
    expect(modes[0]!.axis).toMatchObject({
      id: "input_ids[1]",
      dims: [],
      current: 16,
      rules: ["input_ids[1] = n", "attention_mask[1] = n", "token_type_ids[1] = n"],
    });
    expect(modes[0]!.axis.whatIf).toContain("16 is the size of input_ids[1], attention_mask[1]");
    expect(totals.modelPolynomials.macs?.formula).toBe("384·n² + 67584·n");
    const curve = await curveOf({ mode: "prefill" });
    const at = curve.x.indexOf(16);
    const whole = curve.constant[at]! + curve.linear[at]! + curve.projections[at]! + curve.attention[at]!;
    expect(whole).toBe(totals.modelFlops.value);
  });

  test.each(["resnet", "lstm", "mobilenet"])("%s has no attention and no length", async (name) => {
    const report = await opened(name);
    expect(report.blocks).toEqual([]);
    expect(report.modes).toEqual([]);
    expect(report.noAxis).toBe("No attention was found in this model.");
    expect(report.totals.attentionShare).toBe(0);
    await expect(curveOf({ mode: "prefill" })).rejects.toMatchObject({ code: "usage" });
  });

  test("the cache grows by what the file's own caches hold for a token", async () => {
    const { totals } = await opened("llama-decode", { batch: 1 });
    // Two layers, two heads of keys and values of 16 floats each.
    expect(totals.kvBytesPerToken.value).toBe(2 * 2 * (16 + 16) * 4);
    const curve = await curveOf({ mode: "decode" });
    expect(curve.kvCacheBytes).toEqual(curve.x.map((n) => n * totals.kvBytesPerToken.value!));
  });
});

describe("the curve", () => {
  test.each([
    ["bert-dynamic", "prefill"],
    ["gpt2-decode", "decode"],
    ["gpt2-decode", "prefill"],
    ["bart", "prefill"],
    ["bert-fused", "prefill"],
    ["unet", "prefill"],
  ] as const)("%s (%s) is the model's cost at each length", async (name, mode) => {
    const { modes } = await opened(name);
    const { axis } = modes.find((one) => one.mode === mode)!;
    const curve = await curveOf({ mode });
    expect(curve.x).toContain(axis.current);
    expect([...curve.x].sort((a, b) => a - b)).toEqual(curve.x);
    for (const index of [0, 20, 40]) {
      const n = curve.x[index]!;
      const bindings = Object.fromEntries(
        axis.rules.map((rule) => {
          const [dim, value] = rule.split(" = ");
          return [dim!, value === "n" ? n : value === "n - 1" ? n - 1 : Number(value)];
        }),
      );
      const { totals } = await engine.call("bind", { bindings });
      const parts = (["constant", "linear", "projections", "attention"] as const).map(
        (list) => curve[list][index]!,
      );
      expect(parts.reduce((sum, part) => sum + part, 0)).toBe(totals.flops.value);
      const report = await engine.call("attention", {});
      const inside = ATTENTION_PARTS.filter((part) => part !== "projections");
      expect(curve.attention[index]).toBe(
        inside.reduce((sum, part) => sum + report.totals.parts[part].flops.value!, 0),
      );
      expect(curve.scoreBytes[index]).toBe(report.totals.scoreBytesLargest.value);
    }
  });

  test("the crossover is the first length at which attention costs more", async () => {
    await opened("gpt2-prefill");
    const { crossover } = await curveOf({ mode: "prefill" });
    const excess = async (n: number) => {
      await engine.call("bind", { bindings: { sequence: n } });
      const { totals } = await engine.call("attention", {});
      const inside = ATTENTION_PARTS.filter((part) => part !== "projections");
      const attention = inside.reduce((sum, part) => sum + totals.parts[part].flops.value!, 0);
      return attention - (totals.modelFlops.value! - attention);
    };
    expect(await excess(crossover!)).toBeGreaterThan(0);
    expect(await excess(crossover! - 1)).toBeLessThanOrEqual(0);
  });

  test("sliders move it and leave the editor's sizes alone", async () => {
    await opened("bert-dynamic", { batch: 1 });
    const one = await curveOf({ mode: "prefill" });
    const four = await curveOf({ mode: "prefill", bindings: { batch: 4 } });
    expect(four.attention).toEqual(one.attention.map((flops) => 4 * flops));
    expect((await engine.call("summary", {})).dims.find(({ name }) => name === "batch")!.value).toBe(1);
    expect(await curveOf({ mode: "prefill" })).toEqual(one);
  });

  test("a window makes attention grow no faster than the length", async () => {
    await opened("llama-prefill");
    const curve = await curveOf({ mode: "prefill", whatIf: { kind: "window", width: 128 } });
    const { whatIf, x } = curve;
    const [a, b] = [x.length - 10, x.length - 1];
    expect(whatIf!.attention[b]! / whatIf!.attention[a]!).toBeCloseTo(x[b]! / x[a]!, 1);
    expect(curve.attention[b]! / curve.attention[a]!).toBeGreaterThan((1.9 * x[b]!) / x[a]!);
    expect(whatIf!.winsFrom).toBe(129);
    expect(whatIf!.rule).toContain("128");
    const first = x.findIndex((n) => n > 128) - 1;
    expect(whatIf!.attention.slice(0, first)).toEqual(curve.attention.slice(0, first));
  });

  test.each<[CurveQuery, RegExp]>([
    [{ mode: "decode" }, /no length/],
    [{ mode: "prefill", axis: "width" }, /no axis width/],
    [{ mode: "prefill", bindings: { batch: -1 } }, /size of batch/],
    [{ mode: "prefill", whatIf: { kind: "topK", k: 0 } }, /k must be/],
  ])("refuses %j", async (query, message) => {
    await opened("bert-dynamic");
    await expect(curveOf(query)).rejects.toThrow(message);
  });
});

test("a model with nothing in it", async () => {
  const path = join(tempFolder(), "linear.onnx");
  writeFileSync(path, onnxModel(linearModel()));
  await engine.call("open", { path });
  expect((await engine.call("attention", {})).noAxis).toBe("No attention was found in this model.");
});
