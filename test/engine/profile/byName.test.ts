import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { withProfiler } from "../../../src/engine/profile/child";
import { inputSpecs } from "../../../src/engine/profile/inputs";
import { joinTrace } from "../../../src/engine/profile/join/joinTrace";
import { OriginalGraphs } from "../../../src/engine/profile/join/original";
import { fixturePath } from "../session/support";
import { buildProfiler, recordedDims, stateOf } from "./support";

const profilerPath = buildProfiler();

describe("without the optimised graph, as for models of many gigabytes", () => {
  it.each([
    ["bert-torchscript", 0.9],
    ["gpt2-prefill", 0.9],
    ["llama-prefill", 0.9],
    ["vit", 0.9],
    ["resnet", 0.6],
  ])("most of the time of %s is still joined by names and numbers", async (name, part) => {
    const state = stateOf(fixturePath(name), recordedDims(name));
    const scratch = mkdtempSync(join(tmpdir(), "onnxray-"));
    onTestFinished(() => rmSync(scratch, { recursive: true, force: true }));
    const run = await withProfiler(profilerPath, new AbortController().signal, (peer) =>
      peer.call("run", {
        modelPath: fixturePath(name),
        externalFolder: null,
        inputs: inputSpecs(state),
        fetches: [state.model.graph.outputs[0]!.name],
        nodeCount: state.nodes.length,
        dumpOptimized: false,
        options: { provider: "cpu", warmup: 1, runs: 2, maxSeconds: 5, threads: 0, seed: 0, unfused: false },
        scratch,
      }),
    );
    expect(run.optimizedModelPath).toBeNull();
    const originals = new OriginalGraphs(state.model.graph, state.nodes, state.graphs);
    const joined = joinTrace(run.trace, originals, undefined, state);
    const ms = joined.nodes.reduce((sum, node) => sum + node.ms, 0);
    expect(ms + joined.unmappedMs).toBeCloseTo(joined.nodesMs, 9);
    expect(ms).toBeGreaterThan(part * joined.nodesMs);
  });
});
