import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { AttentionInspectReport, InspectReport } from "../../src/protocol/report";
import { jsonOf, MODELS, onnxray } from "./support/cli";

const model = (name: string) => join(MODELS, `${name}.onnx`);

describe("the text", () => {
  test("tells blocks, growth and where attention takes over", async () => {
    const { code, stdout, stderr } = await onnxray(
      "inspect",
      model("bert-torchscript"),
      "--attention",
      "--wide",
    );
    expect(code).toBe(0);
    expect(stderr).toBe("");
    expect(stdout).toMatch(/attention {3}2 blocks: scores, softmax and weighted sum are \d+\.\d % of /);
    expect(stdout).toMatch(/model {7}prefill FLOPs = \d+·batch·n² \+ /);
    expect(stdout).toMatch(/prefill {5}sequence = n; now 64, positions end at 64: from n = \d+ on/);
    expect(stdout.match(/\n\S*layer\.\d\.attention\.self +Softmax +4 +12 +64 × 64 +self/g)).toHaveLength(2);
  });

  test("heads of keys and values, decoding and what is no attention", async () => {
    const { stdout } = await onnxray("inspect", model("llama-decode"), "--attention");
    expect(stdout).toContain("4/2");
    expect(stdout).toMatch(/decode {6}sequence = 1, past_sequence = n - 1; now 129/);
    expect(stdout).toMatch(/cache {7}512 B of keys and values for each token/);
    const experts = await onnxray("inspect", model("mixtral"), "--attention");
    expect(experts.stdout.match(/\nnot recognised: /g)).toHaveLength(2);
  });

  test("says why there is no length", async () => {
    const { code, stdout } = await onnxray("inspect", model("resnet"), "--attention");
    expect(code).toBe(0);
    expect(stdout).toContain("0 blocks");
    expect(stdout).toContain("No attention was found in this model.");
  });

  test("what the file fixes is a what-if", async () => {
    const { stdout } = await onnxray("inspect", model("bert-fixed"), "--attention");
    expect(stdout).toContain("what if     16 is the size of input_ids[1]");
  });
});

describe("JSON", () => {
  test("names nodes as inspect does", async () => {
    const [report, layers] = await Promise.all([
      jsonOf<AttentionInspectReport>("inspect", model("bart"), "--attention"),
      jsonOf<InspectReport>("inspect", model("bart")),
    ]);
    const names = new Set(layers.layers.map(({ name }) => name));
    expect(report.model).toEqual(layers.model);
    expect(report.blocks).toHaveLength(6);
    for (const { name, nodes, projections } of report.blocks) {
      expect([name, ...nodes, ...Object.values(projections).flat()].filter((own) => !names.has(own))).toEqual(
        [],
      );
    }
    expect(report.curves.map(({ mode, axis }) => [mode, axis])).toEqual(
      report.modes.map(({ mode, axis }) => [mode, axis.id]),
    );
    expect(report.totals.modelFlops).toEqual(layers.totals.flops);
  });

  test("--dim sets the sizes", async () => {
    const args = ["inspect", model("bert-torchscript"), "--attention", "-d", "batch=2", "-d", "sequence=7"];
    const { totals, dims } = await jsonOf<AttentionInspectReport>(...args);
    expect(dims).toEqual({ batch: 2, sequence: 7 });
    // PyTorch counts 37 632 FLOPs in batched products at these dims.
    expect(totals.parts.scores.flops.value! + totals.parts.weightedSum.flops.value!).toBe(37632);
  });

  test.each(["--csv", "--group", "--top=3"])("does not go with %s", async (option) => {
    expect((await onnxray("inspect", model("bart"), "--attention", option)).code).toBe(2);
  });
});
